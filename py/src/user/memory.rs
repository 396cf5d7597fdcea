//! The memory of a process, as requests hand it over.

use pyo3::prelude::*;
use pyo3::types::PyInt;
use s390_iommu::addr::Phys;

use crate::errors;

/// Where the memory of a request lies: at one address, or in runs of (address, bytes).
pub(super) enum Memory {
    At(u64),
    Runs(Vec<(u64, u64)>),
}

impl FromPyObject<'_, '_> for Memory {
    type Error = PyErr;

    fn extract(memory: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if memory.is_instance_of::<PyInt>() {
            return memory.extract().map(Self::At);
        }
        memory.extract().map(Self::Runs)
    }
}

impl Memory {
    /// The runs of a request of so many bytes. Raises `ValueError` for runs that are larger than any memory.
    pub(super) fn runs(self, size: u64) -> PyResult<Vec<(Phys, u64)>> {
        let runs = match self {
            Self::At(phys) => vec![(phys, size)],
            Self::Runs(runs) => runs,
        };
        let total = runs.iter().try_fold(0_u64, |total, (_, bytes)| total.checked_add(*bytes));
        if total.is_none() {
            return Err(errors::unknown("the runs of memory have more than 2^64-1 bytes in all"));
        }
        Ok(runs.into_iter().map(|(phys, bytes)| (Phys::new(phys), bytes)).collect())
    }
}
