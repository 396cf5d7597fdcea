//! What is done to a function by hand: instructions behind the kernel's back, and states.

use pyo3::prelude::*;
use s390_iommu::addr::Iova;
use s390_iommu::hw::function::FunctionState;
use s390_iommu::lab::Op;

use super::Function;
use crate::domain::Domain;

#[pymethods]
impl Function {
    /// Refreshes `size` bytes from `iova` by hand (RPCIT). Raises `DriverError`.
    fn refresh(&self, py: Python<'_>, iova: u64, size: u64) -> PyResult<()> {
        let op = Op::Refresh { function: self.id, iova: Iova::new(iova), size };
        self.perform(py, &op, "refresh").map(drop)
    }

    /// Registers a domain's tables by hand (MPCIFC); gives the condition code, 0 to 3.
    fn register(&self, py: Python<'_>, domain: &Domain) -> PyResult<u64> {
        let op = Op::Register { function: self.id, domain: domain.of(&self.system)? };
        self.number(py, &op, "register")
    }

    /// Deregisters by hand (MPCIFC); gives the condition code, 0 to 3.
    fn deregister(&self, py: Python<'_>) -> PyResult<u64> {
        self.number(py, &Op::Deregister { function: self.id }, "deregister")
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

    /// Resets its error by hand (MPCIFC 7): DMA goes on. Gives the status.
    fn reset_error(&self, py: Python<'_>) -> PyResult<u64> {
        self.number(py, &Op::ResetError { function: self.id }, "reset_error")
    }

    /// Resets by hand what of an error blocks loads and stores (MPCIFC 9). Gives the status.
    fn reset_block(&self, py: Python<'_>) -> PyResult<u64> {
        self.number(py, &Op::ResetBlock { function: self.id }, "reset_block")
    }

    /// Enables it by hand (CLP), behind the kernel's back; gives the response code, 0x10 for done.
    fn enable(&self, py: Python<'_>) -> PyResult<u64> {
        self.number(py, &Op::Enable { function: self.id, enable: true }, "enable")
    }

    /// Disables it by hand (CLP): it is not registered any more, and nothing of it is cached. Gives the response code.
    fn disable(&self, py: Python<'_>) -> PyResult<u64> {
        self.number(py, &Op::Enable { function: self.id, enable: false }, "disable")
    }
}

impl Function {
    fn set_state(&self, py: Python<'_>, state: FunctionState) -> PyResult<()> {
        self.perform(py, &Op::SetState { function: self.id, state }, state.name()).map(drop)
    }
}
