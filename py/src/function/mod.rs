//! A PCI function of the live machine: what the driver and the core do with it. What else is done with one, and to one, has
//! files of its own.

mod cache;
mod device;
mod dma_api;
mod hand;
mod user;

use pyo3::prelude::*;
use s390_iommu::addr::Iova;
use s390_iommu::hw::walk::Access;
use s390_iommu::ids::FunctionId;
use s390_iommu::lab::{FunctionView, GroupOp, Op, OpResult, Value};
use s390_iommu::linux::driver::Capability;

use crate::domain::Target;
use crate::group::Group;
use crate::machine::System;
use crate::{errors, options, plain};

/// A PCI function. `Machine.function` makes one.
///
/// Its operations raise `DriverError` where Linux returns an error number, `Unsupported` where the kernel has no such
/// operation, `KernelCrash` where it would crash, and `LimitReached`.
///
/// >>> from s390_iommu import DmaFault, Machine
/// >>> machine = Machine("v6.12")
/// >>> f0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff))
/// >>> f0.attach(machine.domain("d0"))
/// >>> f0.domain, f0.registered, f0.state
/// ('d0', 'd0', 'enabled')
/// >>> f0.attach("blocking")
/// >>> try:
/// ...     f0.walk(0x1_0000_0000)
/// ... except DmaFault as fault:
/// ...     print(fault.kind)
/// invalid-address-space
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct Function {
    pub(crate) system: System,
    pub(crate) id: FunctionId,
}

#[pymethods]
impl Function {
    /// Attaches it to a domain, an object or a name; ``"blocking"`` and ``"identity"`` are the static ones.
    ///
    /// Raises `DriverError` if the driver refuses, `ValueError` for a name that no domain has.
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn attach(&self, py: Python<'_>, domain: Target<'_>) -> PyResult<()> {
        let domain = domain.of(py, &self.system)?;
        self.perform(py, &Op::Attach { function: self.id, domain }, "attach").map(drop)
    }

    /// Detaches it from a domain. Linux returns nothing here: look at `Machine.last.warnings`.
    ///
    /// Raises `Unsupported` on v6.8, where a function only goes from one domain to another.
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn detach(&self, py: Python<'_>, domain: Target<'_>) -> PyResult<()> {
        let domain = domain.of(py, &self.system)?;
        self.perform(py, &Op::Detach { function: self.id, domain }, "detach").map(drop)
    }

    /// Lets the driver look at it. Raises `DriverError` if the driver refuses.
    fn probe(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, &Op::Probe { function: self.id }, "probe").map(drop)
    }

    /// Takes it away from the driver.
    fn release(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, &Op::Release { function: self.id }, "release").map(drop)
    }

    /// Cuts its range to what memory size and tables allow, as the kernel does before the probe; gives (first, last).
    fn init_iommu(&self, py: Python<'_>) -> PyResult<(u64, u64)> {
        let result = self.perform(py, &Op::InitIommu { function: self.id }, "init_iommu")?;
        match result.value {
            Value::Range(range) => Ok((range.start.get(), range.last.get())),
            _ => Err(errors::internal("a range was expected")),
        }
    }

    /// Whether the driver can do something for it: ``"cache_coherency"``, ``"intr_remap"``, ``"deferred_flush"``,
    /// ``"noexec"`` or ``"dirty_tracking"``; other words raise `ValueError`.
    fn capable(&self, py: Python<'_>, capability: &str) -> PyResult<bool> {
        let capability = options::word(capability, &Capability::ALL)?;
        Ok(self.perform(py, &Op::Capable { function: self.id, capability }, "capable")?.value
            == Value::Flag(true))
    }

    /// Whether the driver asks for one flush queue for all CPUs, since the machine shadows the tables.
    fn shadow_on_flush(&self, py: Python<'_>) -> PyResult<bool> {
        let op = Op::ShadowOnFlush { function: self.id };
        Ok(self.perform(py, &op, "shadow_on_flush")?.value == Value::Flag(true))
    }

    /// Registers again what is current, as after a reset; gives condition code and status.
    fn re_register(&self, py: Python<'_>) -> PyResult<(i32, u64)> {
        let result = self.perform(py, &Op::ReRegister { function: self.id }, "re_register")?;
        Ok((result.rc, result.value.number().unwrap_or_default()))
    }

    /// Appears on the bus, with its IOMMU unit: the core gives it a `group` and a domain. Raises `DriverError`.
    fn add(&self, py: Python<'_>) -> PyResult<()> {
        self.group_operation(py, GroupOp::Plug(self.id), "add")
    }

    /// Leaves the bus.
    fn remove(&self, py: Python<'_>) -> PyResult<()> {
        self.group_operation(py, GroupOp::Remove(self.id), "remove")
    }

    /// Attaches it through the core, as a driver of the function does. Raises `DriverError`.
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn attach_device(&self, py: Python<'_>, domain: Target<'_>) -> PyResult<()> {
        self.group_operation(
            py,
            GroupOp::AttachDevice(self.id, domain.of(py, &self.system)?),
            "attach_device",
        )
    }

    /// Detaches it through the core.
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn detach_device(&self, py: Python<'_>, domain: Target<'_>) -> PyResult<()> {
        self.group_operation(
            py,
            GroupOp::DetachDevice(self.id, domain.of(py, &self.system)?),
            "detach_device",
        )
    }

    /// Its group, once it is on the bus: what VFIO and other users deal with.
    #[getter]
    fn group(&self) -> Group {
        Group { system: self.system.clone(), function: self.id }
    }

    /// What the machine makes of an access of the device to `iova`, now: a `Walk`, whose `str()` is for reading.
    ///
    /// Raises `DmaFault`, which holds the walk up to there, if it leads nowhere.
    #[pyo3(signature = (iova, write=false))]
    fn walk<'py>(&self, py: Python<'py>, iova: u64, write: bool) -> PyResult<Bound<'py, PyAny>> {
        let access = if write { Access::Write } else { Access::Read };
        let found = self.system.with(py, |state| state.lab.walk(self.id, Iova::new(iova), access))?;
        let walk = plain::value(py, "Walk", &found)?;
        found.path.fault.map_or(Ok(walk.clone()), |kind| Err(errors::fault(kind, iova, &walk, None)))
    }

    /// The addresses that no mapping may use, as (first, bytes); `None` on a kernel without that operation.
    fn reserved_regions(&self, py: Python<'_>) -> PyResult<Option<Vec<(u64, u64)>>> {
        let result = self.perform(py, &Op::ReservedRegions { function: self.id }, "resv_regions")?;
        Ok(match result.value {
            Value::Regions(regions) => regions,
            _ => None,
        })
    }

    /// Its name.
    #[getter]
    fn name(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.look(py)?.name)
    }

    /// Name of the domain that the driver believes it is in.
    #[getter]
    fn domain(&self, py: Python<'_>) -> PyResult<Option<String>> {
        Ok(self.look(py)?.domain)
    }

    /// Whose table the driver believes is registered.
    #[getter]
    fn dma_table(&self, py: Python<'_>) -> PyResult<Option<String>> {
        Ok(self.look(py)?.dma_table)
    }

    /// Whose table the machine has registered.
    #[getter]
    fn registered(&self, py: Python<'_>) -> PyResult<Option<String>> {
        Ok(self.look(py)?.registered)
    }

    /// ``"enabled"``, ``"error"`` or ``"removed"``.
    #[getter]
    fn state(&self, py: Python<'_>) -> PyResult<&'static str> {
        Ok(self.look(py)?.state)
    }

    /// Everything about it, now: a `FunctionView`.
    fn view<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain::value(py, "FunctionView", &self.look(py)?)
    }

    #[expect(clippy::unused_self, reason = "a method in Python")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(errors::not_picklable("a Function"))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let view = self.look(py)?;
        Ok(format!(
            "<Function {} {}, in {}>",
            view.name,
            view.range,
            view.domain.as_deref().unwrap_or("no domain")
        ))
    }
}

impl Function {
    /// Its number, for an operation of this very machine.
    pub(crate) fn of(&self, system: &System) -> PyResult<FunctionId> {
        let same = self.system.is(system);
        same.then_some(self.id).ok_or_else(|| errors::unknown("the function belongs to another Machine"))
    }

    fn look(&self, py: Python<'_>) -> PyResult<FunctionView> {
        self.system.with(py, |state| state.lab.function(self.id))
    }

    fn perform(&self, py: Python<'_>, op: &Op, verb: &str) -> PyResult<OpResult> {
        let what = format!("{verb} {}", self.name(py)?);
        self.system.perform(py, op, &what)
    }

    fn number(&self, py: Python<'_>, op: &Op, verb: &str) -> PyResult<u64> {
        Ok(self.perform(py, op, verb)?.value.number().unwrap_or_default())
    }

    fn group_operation(&self, py: Python<'_>, op: GroupOp, verb: &str) -> PyResult<()> {
        self.perform(py, &Op::Group(op), verb).map(drop)
    }
}
