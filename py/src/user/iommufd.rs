//! iommufd: address spaces, page tables and devices as numbered objects.

use pyo3::prelude::*;
use s390_iommu::lab::UserOp;

use super::Handle;
use super::objects::{Hwpt, Ioas, Object, Target};

/// An open iommufd. `Machine.iommufd` opens one; there is none before v6.8.
///
/// >>> from s390_iommu import Machine
/// >>> machine = Machine("v7.3")
/// >>> f0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff))
/// >>> f0.add()
/// >>> f0.bind()
/// >>> i0, v0 = machine.iommufd("i0"), f0.open_cdev("v0")
/// >>> ioas = i0.ioas()
/// >>> ioas.map(0x1_0000_0000, phys=0x8000_0000, size=0x2000)
/// 4294967296
/// >>> v0.bind_iommufd(i0), v0.attach_pt(ioas)
/// (2, 3)
/// >>> hex(f0.walk(0x1_0000_1234).phys), machine.pinned
/// ('0x80001234', 2)
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct Iommufd(pub(crate) Handle);

super::open_file!(Iommufd, "an Iommufd");

#[pymethods]
impl Iommufd {
    /// Allocates an address space (`IOMMU_IOAS_ALLOC`).
    fn ioas(&self, py: Python<'_>) -> PyResult<Ioas> {
        let id = self.0.number(py, UserOp::Ioas { context: self.0.name() }, "ioas in")? as u32;
        Ok(Ioas(Object { iommufd: self.0.clone(), id }))
    }

    /// Allocates a page table for a device, the number that `Device.bind_iommufd` gave, with all that is mapped in an address
    /// space (`IOMMU_HWPT_ALLOC`). Raises `DriverError`.
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn hwpt(&self, py: Python<'_>, device: u32, ioas: Target<'_>) -> PyResult<Hwpt> {
        let ioas = ioas.number(&self.0.system)?;
        let id = self.0.number(py, UserOp::Hwpt { context: self.0.name(), device, ioas }, "hwpt in")? as u32;
        Ok(Hwpt(Object { iommufd: self.0.clone(), id }))
    }

    /// Destroys the object with a number (`IOMMU_DESTROY`). Raises `DriverError`: ENOENT without such an object, EBUSY for one
    /// that is in use.
    fn destroy(&self, py: Python<'_>, id: u32) -> PyResult<()> {
        self.0.perform(py, UserOp::Destroy { context: self.0.name(), id }, "destroy in").map(drop)
    }

    /// An address space stands for a type 1 container (`IOMMU_VFIO_IOAS`): groups can join the iommufd like one.
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn use_as_container(&self, py: Python<'_>, ioas: Target<'_>) -> PyResult<()> {
        let ioas = ioas.number(&self.0.system)?;
        let op = UserOp::Compat { context: self.0.name(), ioas };
        self.0.perform(py, op, "use_as_container").map(drop)
    }

    /// Closes it; devices that are bound keep it.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)
    }
}
