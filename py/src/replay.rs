//! Replays of recordings.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use s390_iommu::recording::Report;

use crate::{errors, plain};

/// A replay in progress, fed line by line.
#[pyclass(frozen, module = "s390_iommu._engine")]
pub(crate) struct Replay(Mutex<Report>);

#[pymethods]
impl Replay {
    #[new]
    fn new() -> Self {
        Self(Mutex::default())
    }

    /// Replays one line of a recording.
    fn feed(&self, py: Python<'_>, line: &str) -> PyResult<()> {
        let mut here = Report::default();
        errors::engine(py, || here.replay(line))?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).merge(here);
        py.check_signals()
    }

    /// What was found so far: a `Report`.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let report = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let value = plain::plain(py, &report)?;
        let details: Vec<_> = report.details.iter().map(ToString::to_string).collect();
        value.set_item("texts", details)?;
        value.set_item("text", report.to_string())?;
        py.import("s390_iommu.values")?.getattr("Report")?.call_method1("of", (value,))
    }
}
