//! Replays of captures.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use s390_iommu::assignment::Assignment;
use s390_iommu::capture::{Capture, Operations, Problem, Report, Walks};

use crate::{errors, plain};

/// What is being fed.
enum Part {
    Run(Box<Capture>),
    Operations(Box<Operations>),
    Users(Box<Assignment>),
    Walks(Box<Walks>),
}

#[derive(Default)]
struct State {
    part: Option<Part>,
    report: Report,
}

/// A replay of captures in progress: run after run, each begun, fed line by line, and ended.
#[pyclass(frozen, module = "s390_iommu._engine")]
#[derive(Default)]
pub(crate) struct CaptureReplay(Mutex<State>);

impl CaptureReplay {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        act: impl FnOnce(&mut State) -> Result<T, Problem> + Send,
    ) -> PyResult<T> {
        let done = errors::engine(py, || act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)))?;
        py.check_signals()?;
        done.map_err(errors::unknown)
    }
}

#[pymethods]
impl CaptureReplay {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// A run begins; `about` is its `run.json`.
    fn begin_run(&self, py: Python<'_>, about: &str) -> PyResult<()> {
        self.with(py, |state| {
            state.part = Some(Part::Run(Box::new(Capture::new(about)?)));
            Ok(())
        })
    }

    /// A log of operations begins; `about` is the run's `run.json`.
    fn begin_operations(&self, py: Python<'_>, about: &str) -> PyResult<()> {
        self.with(py, |state| {
            state.part = Some(Part::Operations(Box::new(Operations::new(about)?)));
            Ok(())
        })
    }

    /// The same log begins, to be performed by the clients of the simulated kernel; `about` is the run's `run.json`.
    fn begin_users(&self, py: Python<'_>, about: &str) -> PyResult<()> {
        self.with(py, |state| {
            state.part = Some(Part::Users(Box::new(Assignment::new(about)?)));
            Ok(())
        })
    }

    /// Walks of random tables begin; `tables` is their memory.
    fn begin_walks(&self, py: Python<'_>, name: &str, tables: &[u8]) -> PyResult<()> {
        self.with(py, |state| {
            state.part = Some(Part::Walks(Box::new(Walks::new(name, tables)?)));
            Ok(())
        })
    }

    /// Replays one line; gives the name of the checkpoint that it asks for.
    fn feed(&self, py: Python<'_>, line: &str) -> PyResult<Option<String>> {
        self.with(py, |state| match &mut state.part {
            Some(Part::Run(run)) => run.line(line),
            Some(Part::Operations(operations)) => operations.line(line).map(|()| None),
            Some(Part::Users(users)) => users.line(line).map(|()| None),
            Some(Part::Walks(walks)) => walks.line(line).map(|()| None),
            None => Ok(None),
        })
    }

    /// The files of a checkpoint.
    #[pyo3(signature = (name, json, tables=None))]
    fn checkpoint(&self, py: Python<'_>, name: &str, json: &str, tables: Option<&[u8]>) -> PyResult<()> {
        self.with(py, |state| match &mut state.part {
            Some(Part::Run(run)) => run.checkpoint(name, json, tables),
            _ => Ok(()),
        })
    }

    /// What was begun ends.
    fn end(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |State { part, report }| {
            match part.take() {
                Some(Part::Run(run)) => run.finish(report),
                Some(Part::Operations(operations)) => operations.finish(report),
                Some(Part::Users(users)) => users.finish(report),
                Some(Part::Walks(walks)) => walks.finish(report),
                None => {}
            }
            Ok(())
        })
    }

    /// What was found so far, as a dictionary: the report, its table, and the summary as `text`.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let report = self.0.lock().unwrap_or_else(PoisonError::into_inner).report.clone();
        let value = plain::plain(py, &report)?;
        let details: Vec<_> = report.details.iter().map(ToString::to_string).collect();
        value.set_item("texts", details)?;
        value.set_item("table", report.table())?;
        value.set_item("text", report.to_string())?;
        Ok(value)
    }
}
