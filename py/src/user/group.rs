//! VFIO groups, as a process opens them.

use pyo3::prelude::*;
use s390_iommu::lab::UserOp;
use serde_json::json;

use super::{Container, Device, Handle, Iommufd};
use crate::function::Function;
use crate::plain;

/// The group of a function, opened by a process. `Function.open_group` opens one.
///
/// >>> from s390_iommu import DriverError, Machine
/// >>> machine = Machine("v6.12")
/// >>> f0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff))
/// >>> f0.add()
/// >>> f0.bind()
/// >>> g0 = f0.open_group("g0")
/// >>> g0.status()
/// GroupStatus(viable=True, member=False)
/// >>> try:
/// ...     g0.open_device("v0", f0)
/// ... except DriverError as error:
/// ...     print(error.strerror)
/// open_device v0: -EINVAL (Invalid argument)
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct VfioGroup(pub(crate) Handle);

super::open_file!(VfioGroup, "a VfioGroup");

/// What a group joins.
#[derive(FromPyObject)]
enum Home<'py> {
    Container(PyRef<'py, Container>),
    Iommufd(PyRef<'py, Iommufd>),
}

#[pymethods]
impl VfioGroup {
    /// Joins a container, or an iommufd that stands for one (`VFIO_GROUP_SET_CONTAINER`). Where something maps already, the
    /// group is attached: into a domain that is there if it can be, with all that is mapped.
    ///
    /// Raises `DriverError`: EINVAL if it is a member, or if mappings lie where its function cannot follow.
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn set_container(&self, py: Python<'_>, container: Home<'_>) -> PyResult<()> {
        let container = match &container {
            Home::Container(container) => container.0.of(&self.0.system)?,
            Home::Iommufd(iommufd) => iommufd.0.of(&self.0.system)?,
        };
        let op = UserOp::SetContainer { group: self.0.name(), container };
        self.0.perform(py, op, "set_container").map(drop)
    }

    /// Leaves it (`VFIO_GROUP_UNSET_CONTAINER`). Raises `DriverError`.
    fn unset_container(&self, py: Python<'_>) -> PyResult<()> {
        self.0.perform(py, UserOp::UnsetContainer { group: self.0.name() }, "unset_container").map(drop)
    }

    /// Whether it can be used, and whether it is a member: a `GroupStatus` (`VFIO_GROUP_GET_STATUS`).
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let bits = self.0.number(py, UserOp::GroupStatus { group: self.0.name() }, "status of")?;
        let status = json!({ "viable": bits & 1 != 0, "member": bits & 2 != 0 });
        plain::value(py, "GroupStatus", &status)
    }

    /// Opens its function (`VFIO_GROUP_GET_DEVICE_FD`): the first one enables and resets it. Raises `DriverError`: EINVAL
    /// without a container that maps.
    fn open_device(&self, py: Python<'_>, name: &str, function: &Function) -> PyResult<Device> {
        let function = function.of(&self.0.system)?;
        let group = self.0.name();
        let op = |name| UserOp::GetDevice { name, group, function };
        Handle::open(py, &self.0.system, name, "open_device", op).map(Device)
    }

    /// A guest of KVM is to get its function, once that is opened (`KVM_DEV_VFIO_FILE_ADD`). Raises `DriverError`.
    fn give_to_guest(&self, py: Python<'_>) -> PyResult<()> {
        self.0.give_to_guest(py)
    }

    /// Closes it; an open device keeps it.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)
    }
}
