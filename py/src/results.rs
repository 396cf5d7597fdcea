//! What operations gave, for Python.

use pyo3::prelude::*;
use s390_iommu::check::Violation;
use s390_iommu::lab::{Lab, OpResult};
use s390_iommu::session::DeviceOutcome;

use crate::plain;

/// A result with the number of its step, and in the words of outcomes what a device did.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    pub(crate) step: u32,
    pub(crate) result: OpResult,
    pub(crate) access: Option<DeviceOutcome>,
}

impl Seen {
    /// A result of this step.
    pub(crate) fn of(lab: &Lab, step: u32, result: &OpResult) -> Self {
        Self { step, access: DeviceOutcome::of(lab, result), result: result.clone() }
    }

    /// As data of an `OpResult`.
    pub(crate) fn plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let data = plain::plain(py, &self.result)?;
        data.set_item("step", self.step)?;
        data.set_item("device", plain::plain(py, &self.access)?)?;
        Ok(data)
    }
}

/// What a device did: an `Access`.
pub(crate) fn access<'py>(py: Python<'py>, seen: Option<&DeviceOutcome>) -> PyResult<Bound<'py, PyAny>> {
    seen.map_or_else(|| Ok(py.None().into_bound(py)), |seen| plain::value(py, "Access", seen))
}

/// Violations so far, each with its step; of very many the first.
#[derive(Clone, Default)]
pub(crate) struct Violations(Vec<(u32, Violation)>);

impl Violations {
    const LIMIT: usize = 4096;

    /// Adds those of a step.
    pub(crate) fn add(&mut self, step: u32, result: &OpResult) {
        let room = Self::LIMIT.saturating_sub(self.0.len());
        self.0.extend(result.violations.iter().take(room).map(|violation| (step, violation.clone())));
    }

    /// As a tuple of `Violation` objects.
    pub(crate) fn values<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let class = py.import("s390_iommu.values")?.getattr("Violation")?;
        let value = |(step, violation): &(u32, Violation)| {
            let data = plain::plain(py, violation)?;
            data.set_item("step", step)?;
            class.call_method1("of", (data,))
        };
        self.0.iter().map(value).collect()
    }
}
