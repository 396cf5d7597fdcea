//! A run in progress.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use s390_iommu::session::{self, Options};

use crate::scenario::Scenario;
use crate::{errors, options, plain};

/// A scenario being run on one kernel. `run` and `compare` are easier.
#[pyclass(frozen, module = "s390_iommu._engine")]
pub(crate) struct Session(Mutex<session::Session>);

#[pymethods]
impl Session {
    #[new]
    #[pyo3(signature = (scenario, kernel=None, patches=None, profile=None, trace=true))]
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn new(
        py: Python<'_>,
        scenario: &Scenario,
        kernel: Option<&str>,
        patches: Option<Vec<String>>,
        profile: Option<&str>,
        trace: bool,
    ) -> PyResult<Self> {
        let options = Options {
            revision: kernel.map(|name| options::revision(name, None)).transpose()?,
            patches: patches.as_deref().map(options::patches).transpose()?,
            profile: profile.map(options::profile).transpose()?,
            trace,
            checks: None,
            snapshots: false,
        };
        let session = errors::engine(py, || session::Session::new(&scenario.inner, options))?;
        session.map(|session| Self(Mutex::new(session))).map_err(|refusal| errors::refusal(py, refusal))
    }

    /// The kernel it runs on.
    #[getter]
    fn revision(&self, py: Python<'_>) -> PyResult<String> {
        errors::engine(py, || self.lock().revision().to_string())
    }

    /// Runs for about so many seconds, one step at least; `True` when the run is over.
    fn advance(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let time = Duration::try_from_secs_f64(seconds).map_err(errors::unknown)?;
        let start = Instant::now();
        let done = errors::engine(py, || {
            let mut session = self.lock();
            while !session.advance(1) && start.elapsed() < time {}
            session.is_done()
        });
        py.check_signals()?;
        done
    }

    /// Steps done, and steps in all.
    #[getter]
    fn position(&self, py: Python<'_>) -> PyResult<(usize, usize)> {
        errors::engine(py, || self.lock().position())
    }

    /// Everything known so far: an `Outcome`.
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let outcome = errors::engine(py, || self.lock().outcome())?;
        plain::value(py, "Outcome", &outcome)
    }

    /// How another run of the same scenario differs: a `Difference`.
    fn compare<'py>(&self, py: Python<'py>, other: &Self) -> PyResult<Bound<'py, PyAny>> {
        let (left, right) = errors::engine(py, || (self.lock().outcome(), other.lock().outcome()))?;
        let difference = errors::engine(py, || session::compare(&left, &right))?;
        let value = plain::plain(py, &difference)?;
        value.set_item("left", left.revision)?;
        value.set_item("right", right.revision)?;
        py.import("s390_iommu.values")?.getattr("Difference")?.call_method1("of", (value,))
    }
}

impl Session {
    fn lock(&self) -> MutexGuard<'_, session::Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
