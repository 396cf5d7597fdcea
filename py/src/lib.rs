//! The native half of the Python package `s390_iommu`: thin, frozen wrappers around engine values.

use pyo3::prelude::*;

/// Functions and classes of the engine. Import them from `s390_iommu`.
#[pymodule]
mod _engine {
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
