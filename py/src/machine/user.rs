//! User space: what a process opens, what it has pinned, and its end.

use pyo3::prelude::*;
use s390_iommu::lab::{Op, UserOp};

use super::Machine;
use crate::user::{Container, Handle, Iommufd};

#[pymethods]
impl Machine {
    /// A process opens a VFIO container under a new name: a `Container`. Raises `ValueError` for a name that is taken or
    /// cannot be one.
    fn container(&self, py: Python<'_>, name: &str) -> PyResult<Container> {
        let op = |name| UserOp::Container { name };
        Handle::open(py, &self.system, name, "container", op).map(Container)
    }

    /// A process opens an iommufd under a new name: an `Iommufd`. Raises `DriverError`: ENOENT where the kernel has none.
    fn iommufd(&self, py: Python<'_>, name: &str) -> PyResult<Iommufd> {
        let op = |name| UserOp::Context { name };
        Handle::open(py, &self.system, name, "iommufd", op).map(Iommufd)
    }

    /// The process ends: all that it has open is closed, the file with the highest number first.
    fn kill(&self, py: Python<'_>) -> PyResult<()> {
        self.user(py, UserOp::Kill, "kill").map(drop)
    }

    /// Names of what is open, in order of their files' numbers.
    #[getter]
    fn open_files(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.system.with(py, |state| state.lab.world().kernel.users.files.values().cloned().collect())
    }

    /// Pages of user memory that are pinned. What stays after everything was unmapped has leaked.
    #[getter]
    fn pinned(&self, py: Python<'_>) -> PyResult<u64> {
        self.system.with(py, |state| state.lab.world().kernel.users.vfio.pinned)
    }

    /// Mappings that containers of the future may have (`dma_entry_limit` of vfio_iommu_type1), 0 to 2^32-1.
    fn entry_limit(&self, py: Python<'_>, limit: u32) -> PyResult<()> {
        self.user(py, UserOp::EntryLimit { limit }, "entry_limit").map(drop)
    }

    /// Whether user memory is pinned and mapped page by page (`disable_hugepages` of vfio_iommu_type1).
    #[pyo3(signature = (on=true))]
    fn single_pages(&self, py: Python<'_>, on: bool) -> PyResult<()> {
        self.user(py, UserOp::SinglePages { on }, "single_pages").map(drop)
    }

    /// The kernel handles the events that came in, about errors and about availability; gives how many.
    fn handle_errors(&self, py: Python<'_>) -> PyResult<u64> {
        self.user(py, UserOp::HandleErrors, "handle_errors")
    }
}

impl Machine {
    fn user(&self, py: Python<'_>, op: UserOp, verb: &str) -> PyResult<u64> {
        Ok(self.system.perform(py, &Op::User(op), verb)?.value.number().unwrap_or_default())
    }
}
