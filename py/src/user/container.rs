//! VFIO containers.

use pyo3::prelude::*;
use s390_iommu::addr::Iova;
use s390_iommu::lab::{UserOp, Value};
use s390_iommu::linux::driver::Prot;
use s390_iommu::linux::vfio::{MapRequest, UnmapRequest};
use s390_iommu::state::users;
use serde_json::json;

use super::Handle;
use super::memory::Memory;
use crate::{errors, options, plain};

/// A VFIO container: one address space for any number of groups, mapped by type 1. `Machine.container` opens one.
///
/// What Linux refuses is a `DriverError` with its error number, here and in all that user space uses; a name that is not open
/// any more gives EBADF. Domains that it allocates are called ``c0.d0``, ``c0.d1`` and so on.
///
/// >>> from s390_iommu import Machine
/// >>> machine = Machine("v6.12")
/// >>> f0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff))
/// >>> f0.add()
/// >>> f0.bind()
/// >>> c0, g0 = machine.container("c0"), f0.open_group("g0")
/// >>> g0.set_container(c0)
/// >>> c0.set_iommu()
/// >>> c0.user_map(0x1_0000_0000, phys=0x8000_0000, size=0x3000)
/// >>> c0.iommu_info().ranges, machine.pinned
/// (((4294967296, 8589934591),), 3)
/// >>> c0.user_unmap(0x1_0000_0000, 0x3000)
/// 12288
/// >>> machine.pinned
/// 0
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct Container(pub(crate) Handle);

super::open_file!(Container, "a Container");

#[pymethods]
impl Container {
    /// Chooses what maps, type 1 in version 1 or 2, and attaches every group (`VFIO_SET_IOMMU`).
    ///
    /// Raises `DriverError`: EINVAL without groups or if it was chosen already, ENODEV for other versions, and what an attach
    /// returns; all groups are detached again then.
    #[pyo3(signature = (version=2))]
    fn set_iommu(&self, py: Python<'_>, version: u32) -> PyResult<()> {
        // What VFIO calls version 2 of type 1 has the number 3.
        let kind = if version == 2 { 3 } else { version };
        self.0.perform(py, UserOp::SetIommu { container: self.0.name(), kind }, "set_iommu").map(drop)
    }

    /// What may be mapped: an `IommuInfo` (`VFIO_IOMMU_GET_INFO`). Raises `DriverError` before something maps.
    fn iommu_info<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let op = UserOp::Info { container: self.0.name() };
        match self.0.perform(py, op, "iommu_info")?.value {
            Value::Info(info) => plain::value(py, "IommuInfo", &info),
            _ => Err(errors::internal("information was expected")),
        }
    }

    /// Whether it has an extension, by its number in `linux/vfio.h` (`VFIO_CHECK_EXTENSION`).
    fn check_extension(&self, py: Python<'_>, extension: u32) -> PyResult<bool> {
        let op = UserOp::CheckExtension { container: self.0.name(), extension };
        Ok(self.0.number(py, op, "check_extension")? == 1)
    }

    /// Maps `size` bytes of user memory (`VFIO_IOMMU_MAP_DMA`): pinned, and mapped in every domain run by run.
    ///
    /// `phys` is where the memory lies, or a list of runs of it, (address, bytes) each; where they end early, the rest of the
    /// memory cannot be used. `prot` is ``"rw"``, ``"r"`` or ``"w"``, `vaddr` the process's address. Raises `DriverError`:
    /// EINVAL, EEXIST over another mapping, ENOSPC for too many, EFAULT without memory, and what a domain's map returns;
    /// nothing stays mapped then.
    #[pyo3(signature = (iova, phys, size, prot="rw", *, vaddr=0))]
    fn user_map(
        &self,
        py: Python<'_>,
        iova: u64,
        phys: Memory,
        size: u64,
        prot: &str,
        vaddr: u64,
    ) -> PyResult<()> {
        let (iova, prot) = (Iova::new(iova), options::word(prot, &Prot::NAMED)?);
        let request = MapRequest { iova, vaddr, size, prot, memory: phys.runs(size)? };
        self.0.perform(py, UserOp::Map { container: self.0.name(), request }, "user_map in").map(drop)
    }

    /// Unmaps whole mappings (`VFIO_IOMMU_UNMAP_DMA`); gives the bytes of those that are gone, whatever is left in the
    /// tables: `Machine.last.warnings` and `Machine.pinned` tell.
    ///
    /// With `all`, everything; leave the rest out then. Raises `DriverError`: in version 2 EINVAL where a mapping would be cut.
    #[pyo3(signature = (iova=0, size=0, *, all=false))]
    fn user_unmap(&self, py: Python<'_>, iova: u64, size: u64, all: bool) -> PyResult<u64> {
        let request = UnmapRequest { iova: Iova::new(iova), size, all };
        self.0.number(py, UserOp::Unmap { container: self.0.name(), request }, "user_unmap in")
    }

    /// What its user has mapped, in order of address: `UserMapping` objects.
    #[getter]
    fn mappings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let mappings = self.0.look(py, |users, handle| {
            let users::Handle::Container(id) = handle else { return Vec::new() };
            let iommu = users.vfio.containers[id].iommu.as_ref();
            let mappings = iommu.into_iter().flat_map(|iommu| &iommu.mappings);
            mappings
                .map(|(iova, known)| json!({ "iova": iova, "size": known.size, "read": known.read, "write": known.write }))
                .collect()
        })?;
        Ok(plain::values(py, "UserMapping", &mappings.unwrap_or_default())?.into_any())
    }

    /// Closes it; groups that are members keep it.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)
    }
}
