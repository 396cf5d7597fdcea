//! Devices, as a process opens them.

use pyo3::prelude::*;
use s390_iommu::lab::UserOp;

use super::objects::Target;
use super::{Handle, Iommufd};

/// A function, opened by a process: through its group (`VfioGroup.open_device`), or by its own file (`Function.open_cdev`),
/// which can be bound to an iommufd.
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct Device(pub(crate) Handle);

super::open_file!(Device, "a Device");

#[pymethods]
impl Device {
    /// Resets it, by itself or by its slot (`VFIO_DEVICE_RESET`). Raises `DriverError`: EINVAL if no reset worked when it was
    /// opened.
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.0.perform(py, UserOp::Reset { device: self.0.name() }, "reset").map(drop)
    }

    /// Resets it by its slot (`VFIO_DEVICE_PCI_HOT_RESET`). Raises `DriverError`: ENODEV without such a reset.
    fn hot_reset(&self, py: Python<'_>) -> PyResult<()> {
        self.0.perform(py, UserOp::HotReset { device: self.0.name() }, "hot_reset").map(drop)
    }

    /// A guest of KVM is to get it (`KVM_DEV_VFIO_FILE_ADD`). Raises `DriverError`: EINVAL for one that was opened
    /// through its group, which has to be given then.
    fn give_to_guest(&self, py: Python<'_>) -> PyResult<()> {
        self.0.give_to_guest(py)
    }

    /// An iommufd owns its DMA from now on (`VFIO_DEVICE_BIND_IOMMUFD`); gives the object's number. Raises `DriverError`.
    fn bind_iommufd(&self, py: Python<'_>, iommufd: &Iommufd) -> PyResult<u32> {
        let context = iommufd.0.of(&self.0.system)?;
        let op = UserOp::BindContext { device: self.0.name(), context };
        Ok(self.0.number(py, op, "bind_iommufd")? as u32)
    }

    /// Attaches it to an address space, a page table, or the object with a number, from wherever it is
    /// (`VFIO_DEVICE_ATTACH_IOMMUFD_PT`); gives the number of the page table that it is in now.
    ///
    /// Raises `DriverError`: EINVAL before it is bound, ENOENT without such an object, EADDRINUSE where addresses that it
    /// reserves are mapped, and what domains and groups return.
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn attach_pt(&self, py: Python<'_>, target: Target<'_>) -> PyResult<u32> {
        let op = UserOp::Attach { device: self.0.name(), target: target.number(&self.0.system)? };
        Ok(self.0.number(py, op, "attach_pt")? as u32)
    }

    /// Detaches it (`VFIO_DEVICE_DETACH_IOMMUFD_PT`). Raises `DriverError`.
    fn detach_pt(&self, py: Python<'_>) -> PyResult<()> {
        self.0.perform(py, UserOp::Detach { device: self.0.name() }, "detach_pt").map(drop)
    }

    /// Closes it: it is detached, unbound, and with the last user reset and disabled. What waited for that goes on.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)
    }
}
