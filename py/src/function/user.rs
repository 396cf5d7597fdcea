//! What user space and the administrator do with a function: drivers, handles, resets, slots.

use pyo3::prelude::*;
use s390_iommu::lab::{Op, UserOp};
use s390_iommu::state::group::DefaultType;
use s390_iommu::state::pci::Driver;

use super::Function;
use crate::options;
use crate::user::{Device, Handle, VfioGroup, done};

const DRIVERS: [(&str, Driver); 6] = [
    ("vfio-pci", Driver::Vfio),
    ("no-handlers", Driver::Native),
    ("wants-reset", Driver::WantsReset),
    ("can-recover", Driver::CanRecover),
    ("examines", Driver::Examines),
    ("gives-up", Driver::GivesUp),
];

const TYPES: [(&str, DefaultType); 3] =
    [("dma", DefaultType::Dma), ("dma_fq", DefaultType::DmaFq), ("identity", DefaultType::Identity)];

#[pymethods]
impl Function {
    /// A driver binds it, which is on the bus (`add`): ``"vfio-pci"`` gives it to user space. The others use the DMA API, and
    /// differ in what they say after an error: ``"no-handlers"``, ``"wants-reset"``, ``"can-recover"``, ``"examines"`` (it
    /// looks at the registers first), ``"gives-up"``. Raises `DriverError`.
    #[pyo3(signature = (driver="vfio-pci"))]
    fn bind(&self, py: Python<'_>, driver: &str) -> PyResult<()> {
        let driver = options::word(driver, &DRIVERS)?;
        self.user(py, UserOp::Bind { function: self.id, driver }, "bind").map(drop)
    }

    /// Its driver lets go, once nobody has it open; `False` if that has to wait for `close`. Raises `DriverError`.
    fn unbind(&self, py: Python<'_>) -> PyResult<bool> {
        self.user(py, UserOp::Unbind { function: self.id }, "unbind")
    }

    /// A process opens its group under a new name: a `VfioGroup`. Raises `DriverError`: ENOENT unless vfio-pci has it, EBUSY
    /// if it is open.
    fn open_group(&self, py: Python<'_>, name: &str) -> PyResult<VfioGroup> {
        let op = |name| UserOp::Group { name, function: self.id };
        Handle::open(py, &self.system, name, "open_group", op).map(VfioGroup)
    }

    /// A process opens its own file under a new name, for iommufd: a `Device`. Raises `DriverError`: ENOENT unless
    /// vfio-pci has it. Before v6.8 there is no iommufd to bind it to.
    fn open_cdev(&self, py: Python<'_>, name: &str) -> PyResult<Device> {
        let op = |name| UserOp::CharDevice { name, function: self.id };
        Handle::open(py, &self.system, name, "open_cdev", op).map(Device)
    }

    /// Its slot is powered off, once nobody has it open; `False` if that has to wait for `close`. Raises `DriverError`.
    fn power_off(&self, py: Python<'_>) -> PyResult<bool> {
        self.user(py, UserOp::Power { function: self.id, on: false }, "power_off")
    }

    /// Its slot is powered on: it appears on the bus. Raises `DriverError`.
    fn power_on(&self, py: Python<'_>) -> PyResult<()> {
        self.user(py, UserOp::Power { function: self.id, on: true }, "power_on").map(drop)
    }

    /// The administrator resets it (its attribute `reset` in sysfs). Raises `DriverError`: ENOTTY without a method.
    fn reset_function(&self, py: Python<'_>) -> PyResult<()> {
        self.user(py, UserOp::SysfsReset { function: self.id }, "reset_function").map(drop)
    }

    /// The administrator chooses another type for the default domain of its group: ``"dma"``, ``"dma_fq"`` or
    /// ``"identity"``. Raises `DriverError`.
    fn group_type(&self, py: Python<'_>, kind: &str) -> PyResult<()> {
        let to = Some(options::word(kind, &TYPES)?);
        self.user(py, UserOp::GroupType { function: self.id, to }, "group_type").map(drop)
    }

    /// The administrator has it recovered (its attribute `recover`): it is disabled, enabled and found anew.
    ///
    /// Raises `DriverError`: ENODEV if it is not on the bus, EBUSY while it is open.
    fn recover_function(&self, py: Python<'_>) -> PyResult<()> {
        self.user(py, UserOp::Recover { function: self.id }, "recover_function").map(drop)
    }

    /// The machine reports an event about it; those about availability come after what they are about: 0x301 configured,
    /// 0x302 standby, 0x303 wanted back, 0x304 gone, 0x306 several, 0x308 reserved. `Machine.handle_errors` lets the kernel
    /// see it.
    fn machine_event(&self, py: Python<'_>, code: u16) -> PyResult<()> {
        self.user(py, UserOp::MachineEvent { function: self.id, code }, "machine_event").map(drop)
    }

    /// The device fails: the machine puts it in error, and reports that with this event code, 0 to 65535.
    /// `Machine.handle_errors` lets the kernel see it.
    ///
    /// >>> from s390_iommu import Machine
    /// >>> machine = Machine("v7.3")
    /// >>> f0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff), flr=True)
    /// >>> f0.add()
    /// >>> f0.bind()
    /// >>> f0.device_error()
    /// >>> f0.state, machine.handle_errors(), f0.state
    /// ('error', 1, 'enabled')
    #[pyo3(signature = (code=4))]
    fn device_error(&self, py: Python<'_>, code: u16) -> PyResult<()> {
        self.user(py, UserOp::DeviceError { function: self.id, code }, "device_error").map(drop)
    }
}

impl Function {
    /// Whether it was done at once.
    fn user(&self, py: Python<'_>, op: UserOp, verb: &str) -> PyResult<bool> {
        self.perform(py, &Op::User(op), verb).map(|result| done(&result))
    }
}
