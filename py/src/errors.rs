//! The one map from the engine's kinds of failure to exceptions, which `s390_iommu.errors` defines.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use s390_iommu::exec::Stop;
use s390_iommu::hw::fault::FaultKind;
use s390_iommu::lab::{OpResult, Value};
use s390_iommu::linux::Errno;
use s390_iommu::scenario::Diagnostic;
use s390_iommu::session::Refusal;

mod classes {
    pyo3::import_exception!(s390_iommu.errors, DmaFault);
    pyo3::import_exception!(s390_iommu.errors, DriverError);
    pyo3::import_exception!(s390_iommu.errors, InternalError);
    pyo3::import_exception!(s390_iommu.errors, KernelCrash);
    pyo3::import_exception!(s390_iommu.errors, LimitReached);
    pyo3::import_exception!(s390_iommu.errors, ScenarioError);
    pyo3::import_exception!(s390_iommu.errors, Unsupported);
}

/// A bad scenario: each mistake with the lines below its headline, as the engine draws them.
pub(crate) fn scenario(py: Python<'_>, source: &str, diagnostics: &[Diagnostic]) -> PyErr {
    let list: PyResult<Vec<_>> = diagnostics
        .iter()
        .map(|diagnostic| {
            let value = crate::plain::plain(py, diagnostic)?;
            value.set_item("excerpt", diagnostic.excerpt(source))?;
            Ok(value.unbind())
        })
        .collect();
    list.map_or_else(|error| error, |list| classes::ScenarioError::new_err((list, source.to_owned())))
}

/// A scenario that cannot be run as asked.
pub(crate) fn refusal(py: Python<'_>, refusal: Refusal) -> PyErr {
    scenario(py, "", &[refusal.into()])
}

/// What an operation of the live machine came to: an exception unless it succeeded.
pub(crate) fn operation(what: &str, result: &OpResult) -> PyResult<()> {
    match (result.stop, Errno::from_rc(result.rc)) {
        (Some(stop @ Stop::Crash(_)), _) => {
            Err(classes::KernelCrash::new_err((stop.name(), what.to_owned(), stop.explain())))
        }
        (Some(limit), _) => {
            Err(classes::LimitReached::new_err((limit.name(), what.to_owned(), limit.explain())))
        }
        (None, Some(errno)) => Err(classes::DriverError::new_err((-errno.rc(), format!("{what}: {errno}")))),
        (None, None) if result.value == Value::Unsupported => {
            Err(classes::Unsupported::new_err((what.to_owned(),)))
        }
        (None, None) => Ok(()),
    }
}

/// A device's access that failed.
pub(crate) fn fault(
    kind: FaultKind,
    iova: u64,
    walk: &Bound<'_, PyAny>,
    access: Option<&Bound<'_, PyAny>>,
) -> PyErr {
    let access = access.map(|access| access.clone().unbind());
    classes::DmaFault::new_err((kind.name(), iova, kind.explain(), walk.clone().unbind(), access))
}

/// A word that is none of those known.
pub(crate) fn unknown(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// A mistake of this package.
pub(crate) fn internal(error: impl std::fmt::Display) -> PyErr {
    classes::InternalError::new_err(error.to_string())
}

/// Runs engine code with the GIL released; a panic in it becomes an `InternalError` that says where.
pub(crate) fn engine<T: Send>(py: Python<'_>, code: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| catch_unwind(AssertUnwindSafe(code))).map_err(|_| {
        let place = LAST_PANIC.lock().map_or_else(|_| String::new(), |text| text.clone());
        internal(place)
    })
}

static LAST_PANIC: std::sync::Mutex<String> = std::sync::Mutex::new(String::new());

/// Keeps the text of a panic for the exception, instead of printing it.
pub(crate) fn keep_panics() {
    set_hook(Box::new(|panic| {
        if let Ok(mut text) = LAST_PANIC.lock() {
            *text = panic.to_string();
        }
    }));
}

/// Something that lives only in this process.
pub(crate) fn not_picklable(what: &str) -> PyErr {
    pyo3::exceptions::PyTypeError::new_err(format!(
        "{what} cannot be pickled: it is a running system. Keep the calls that made it, or a scenario"
    ))
}
