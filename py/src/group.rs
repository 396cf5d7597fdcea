//! The group of a function, as its users know it.

use pyo3::prelude::*;
use s390_iommu::ids::FunctionId;
use s390_iommu::lab::{GroupOp, Op};

use crate::domain::Target;
use crate::machine::System;
use crate::{errors, plain};

/// The group of a function: the one that a user of the function holds, or else the one the function is in.
/// `Function.group` gives it.
///
/// >>> from s390_iommu import Machine
/// >>> machine = Machine("v6.12")
/// >>> f0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff), probe=False)
/// >>> f0.add()
/// >>> f0.group.hold()
/// >>> f0.group.claim(owner=1)
/// >>> f0.group.view().domain
/// 'blocking'
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct Group {
    pub(crate) system: System,
    pub(crate) function: FunctionId,
}

#[pymethods]
impl Group {
    /// A user takes a reference: from now on this group is meant, even after the function has left it.
    fn hold(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, GroupOp::Get(self.function), "hold")
    }

    /// And gives it back.
    fn drop(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, GroupOp::Put(self.function), "drop")
    }

    /// A kernel driver binds, which uses the DMA API. Raises `DriverError` if the group has an owner.
    fn use_default(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, GroupOp::UseDefault(self.function), "use_default")
    }

    /// It unbinds.
    fn unuse_default(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, GroupOp::UnuseDefault(self.function), "unuse_default")
    }

    /// Claims ownership; `owner` is any number, 0 is nobody. Raises `DriverError` if it is in use.
    fn claim(&self, py: Python<'_>, owner: u64) -> PyResult<()> {
        self.perform(py, GroupOp::Claim(self.function, owner), "claim")
    }

    /// Gives ownership back.
    fn release_owner(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, GroupOp::ReleaseOwner(self.function), "release_owner")
    }

    /// Attaches the group to a domain, an object or a name. Raises `DriverError`.
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn attach(&self, py: Python<'_>, domain: Target<'_>) -> PyResult<()> {
        self.perform(py, GroupOp::Attach(self.function, domain.of(py, &self.system)?), "attach")
    }

    /// Brings it back to the core's own domain.
    fn detach(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, GroupOp::Detach(self.function), "detach")
    }

    /// Goes from one domain to another without a domain in between. Raises `DriverError`.
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn replace(&self, py: Python<'_>, domain: Target<'_>) -> PyResult<()> {
        self.perform(py, GroupOp::Replace(self.function, domain.of(py, &self.system)?), "replace")
    }

    /// What it looks like now: a `GroupView`, or `None` while there is none.
    fn view<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let view = self.system.with(py, |state| state.lab.function(self.function).group)?;
        view.map(|view| plain::value(py, "GroupView", &view)).transpose()
    }

    #[expect(clippy::unused_self, reason = "a method in Python")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(errors::not_picklable("a Group"))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let view = self.system.with(py, |state| state.lab.function(self.function))?;
        let place = view.group.map_or("none".to_owned(), |group| {
            format!("{} in {}", group.id, group.domain.as_deref().unwrap_or("no domain"))
        });
        Ok(format!("<Group of {}: {place}>", view.name))
    }
}

impl Group {
    fn perform(&self, py: Python<'_>, op: GroupOp, verb: &str) -> PyResult<()> {
        let name = self.system.with(py, |state| state.lab.function(self.function).name)?;
        self.system.perform(py, &Op::Group(op), &format!("{verb} the group of {name}")).map(|_| ())
    }
}
