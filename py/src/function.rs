//! A PCI function of the live machine.

use pyo3::prelude::*;
use s390_iommu::addr::Iova;
use s390_iommu::hw::function::FunctionState;
use s390_iommu::hw::walk::Access;
use s390_iommu::ids::FunctionId;
use s390_iommu::lab::{FunctionView, Op, OpResult, Value};

use crate::domain::Domain;
use crate::errors;
use crate::machine::System;
use crate::plain;

/// A PCI function. `Machine.function` makes one.
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct Function {
    pub(crate) system: System,
    pub(crate) id: FunctionId,
}

#[pymethods]
impl Function {
    /// Attaches it to a domain. Raises `DriverError` if the driver refuses.
    fn attach(&self, py: Python<'_>, domain: &Domain) -> PyResult<()> {
        self.perform(py, &Op::Attach { function: self.id, domain: domain.of(&self.system)? }, "attach")
            .map(drop)
    }

    /// Detaches it from a domain. Linux returns nothing here: look at `Machine.last.warnings`.
    fn detach(&self, py: Python<'_>, domain: &Domain) -> PyResult<()> {
        self.perform(py, &Op::Detach { function: self.id, domain: domain.of(&self.system)? }, "detach")
            .map(drop)
    }

    /// Lets the driver look at it. Raises `DriverError` if the driver refuses.
    fn probe(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, &Op::Probe { function: self.id }, "probe").map(drop)
    }

    /// Takes it away from the driver.
    fn release(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, &Op::Release { function: self.id }, "release").map(drop)
    }

    /// What the machine makes of an access of the device to `iova`, now: a `Walk`.
    ///
    /// Raises `DmaFault`, which holds the walk up to there, if it leads nowhere.
    #[pyo3(signature = (iova, write=false))]
    fn walk<'py>(&self, py: Python<'py>, iova: u64, write: bool) -> PyResult<Bound<'py, PyAny>> {
        let access = if write { Access::Write } else { Access::Read };
        let found = self.system.with(py, |state| state.lab.walk(self.id, Iova::new(iova), access))?;
        let walk = plain::value(py, "Walk", &found)?;
        found.path.fault.map_or(Ok(walk.clone()), |kind| Err(errors::fault(kind, iova, walk)))
    }

    /// The addresses that no mapping may use, as (first, bytes); `None` on a kernel without that operation.
    fn reserved_regions(&self, py: Python<'_>) -> PyResult<Option<Vec<(u64, u64)>>> {
        let result = self.perform(py, &Op::ReservedRegions { function: self.id }, "resv_regions")?;
        Ok(match result.value {
            Value::Regions(regions) => regions,
            _ => None,
        })
    }

    /// Refreshes `size` bytes from `iova` by hand (RPCIT). Raises `DriverError`.
    fn refresh(&self, py: Python<'_>, iova: u64, size: u64) -> PyResult<()> {
        let op = Op::Refresh { function: self.id, iova: Iova::new(iova), size };
        self.perform(py, &op, "refresh").map(drop)
    }

    /// Registers a domain's tables by hand (MPCIFC); gives the condition code.
    fn register(&self, py: Python<'_>, domain: &Domain) -> PyResult<u64> {
        let op = Op::Register { function: self.id, domain: domain.of(&self.system)? };
        Ok(self.perform(py, &op, "register")?.value.number().unwrap_or_default())
    }

    /// Deregisters by hand (MPCIFC); gives the condition code.
    fn deregister(&self, py: Python<'_>) -> PyResult<u64> {
        let result = self.perform(py, &Op::Deregister { function: self.id }, "deregister")?;
        Ok(result.value.number().unwrap_or_default())
    }

    /// Puts it into error state: its accesses are blocked.
    fn error(&self, py: Python<'_>) -> PyResult<()> {
        self.set_state(py, FunctionState::Error)
    }

    /// Takes it out of error state.
    fn recover(&self, py: Python<'_>) -> PyResult<()> {
        self.set_state(py, FunctionState::Enabled)
    }

    /// Removes it from the machine: its handle means nothing any more.
    fn unplug(&self, py: Python<'_>) -> PyResult<()> {
        self.set_state(py, FunctionState::Removed)
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
    fn look(&self, py: Python<'_>) -> PyResult<FunctionView> {
        self.system.with(py, |state| state.lab.function(self.id))
    }

    fn perform(&self, py: Python<'_>, op: &Op, verb: &str) -> PyResult<OpResult> {
        let what = format!("{verb} {}", self.name(py)?);
        self.system.perform(py, op, &what)
    }

    fn set_state(&self, py: Python<'_>, state: FunctionState) -> PyResult<()> {
        self.perform(py, &Op::SetState { function: self.id, state }, state.name()).map(drop)
    }
}
