//! What is found wrong: checks, their violations, exposure windows.

use pyo3::prelude::*;
use s390_iommu::check::windows::Windows;
use s390_iommu::session::{exposure, windows};

use super::Machine;
use crate::{options, plain};

#[pymethods]
impl Machine {
    /// Names of the checks that are on, of ``stale``, ``agree``, ``leak``, ``shape`` and ``order``; assign others to switch
    /// them. Verdicts and exposure windows are there without any. `explain` says what each holds to.
    ///
    /// >>> from s390_iommu import Machine
    /// >>> machine = Machine("v6.8", checks=("stale", "leak"))
    /// >>> machine.checks
    /// ('stale', 'leak')
    /// >>> machine.checks = ()
    #[getter]
    fn checks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        let names = self.system.with(py, |state| {
            state.lab.checker().map(|checker| checker.checks().names()).unwrap_or_default()
        })?;
        pyo3::types::PyTuple::new(py, names)
    }

    #[setter]
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn set_checks(&self, py: Python<'_>, checks: Vec<String>) -> PyResult<()> {
        let checks = options::checks(Some(&checks))?;
        self.system.with(py, |state| state.lab.switch_checks(checks))
    }

    /// What did not hold any more after some call, in order: `Violation` objects, at most 4096.
    ///
    /// >>> from s390_iommu import Machine
    /// >>> machine = Machine("v6.8")
    /// >>> f0, d0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff)), machine.domain("d0")
    /// >>> f0.attach(d0)
    /// >>> d0.map(0x1_0000_0000, phys=0x8000_0000, size=0x1000)
    /// >>> machine.inject("refresh_trans", rc=-5)
    /// >>> d0.unmap(0x1_0000_0000, 0x1000)
    /// 4096
    /// >>> print(*machine.violations)
    /// order: exposed f0 0x100000000..=0x100000fff
    #[getter]
    fn violations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        let violations = self.system.with(py, |state| state.violations.clone())?;
        pyo3::types::PyTuple::new(py, violations.values(py)?)
    }

    /// Exposure windows so far, from the call that unmapped pages to the refresh that covered them: `Window` objects by when
    /// they were opened, at most 4096 open and as many closed ones.
    ///
    /// >>> from s390_iommu import Machine
    /// >>> machine = Machine("v6.8")
    /// >>> f0, d0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff)), machine.domain("d0")
    /// >>> f0.attach(d0)
    /// >>> d0.map(0x1_0000_0000, phys=0x8000_0000, size=0x1000)
    /// >>> d0.unmap_fast(0x1_0000_0000, 0x1000)
    /// 4096
    /// >>> d0.iotlb_sync()
    /// >>> print(*machine.windows)
    /// f0 0x100000000, 1 page, deferred at step 6, refreshed at step 7
    #[getter]
    fn windows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        let windows = self.system.with(py, |state| windows(&state.lab, 2 * Windows::LIMIT))?;
        plain::values(py, "Window", &windows)
    }

    /// What exposure came to until now, for each function that had any: `Exposure` objects.
    #[getter]
    fn exposure<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        let sums = self.system.with(py, |state| exposure(&state.lab, state.lab.step()))?;
        plain::values(py, "Exposure", &sums)
    }
}
