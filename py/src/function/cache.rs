//! The machine's side of a function: its registers, and what is cached for it.

use pyo3::prelude::*;
use s390_iommu::addr::Iova;
use s390_iommu::lab::{self, Lab, Op};
use serde_json::{Value, json};

use super::Function;
use crate::plain;

#[pymethods]
impl Function {
    /// What the machine has cached for it, or a hypervisor shadowed, `runs` runs of pages at most: a `Cache`, whose `str()` is
    /// for reading. Stale runs come with the verdict about a read, which says why.
    ///
    /// >>> from s390_iommu import Machine
    /// >>> machine = Machine("v6.12")
    /// >>> f0, d0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff)), machine.domain("d0")
    /// >>> f0.attach(d0)
    /// >>> d0.map(0x1_0000_0000, phys=0x8000_0000, size=0x2000)
    /// >>> f0.read(0x1_0000_1000, 2), f0.fill(0x1_0000_0000)
    /// (b'\x00\x00', True)
    /// >>> d0.unmap_fast(0x1_0000_1000, 0x1000)
    /// 4096
    /// >>> print(f0.cache())
    /// f0: 2 pages cached
    /// 0x100000000 -> 0x80000000 rw, 1 page
    /// 0x100001000 -> 0x80001000 rw, 1 page, stale (deferred: unmapped at step 8, to be refreshed later)
    #[pyo3(signature = (runs=1000))]
    fn cache<'py>(&self, py: Python<'py>, runs: usize) -> PyResult<Bound<'py, PyAny>> {
        let data = self.system.with(py, |state| {
            let world = state.lab.world();
            let iotlb = &world.machine.functions[self.id.index()].iotlb;
            let name = &world.kernel.functions[self.id.index()].name;
            json!({ "function": name, "pages": iotlb.len(), "capacity": iotlb.capacity(), "runs": self.runs(&state.lab, runs) })
        })?;
        plain::value(py, "Cache", &data)
    }

    /// What the machine stores about it (STPCIFC), and counts of it: `Registers`.
    ///
    /// >>> from s390_iommu import Machine
    /// >>> f0 = Machine("v6.12").function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff))
    /// >>> f0.attach("blocking")
    /// >>> f0.registers.enabled, f0.registers.registered, hex(f0.registers.handle)
    /// (True, False, '0x80010001')
    #[getter]
    fn registers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let registers = self.system.with(py, |state| state.lab.registers(self.id))?;
        plain::value(py, "Registers", &registers)
    }

    /// The machine caches the page of `iova` before anybody asks for it; whether it did.
    fn fill(&self, py: Python<'_>, iova: u64) -> PyResult<bool> {
        let op = Op::Fill { function: self.id, iova: Iova::new(iova) };
        Ok(self.perform(py, &op, "fill")?.value == lab::Value::Flag(true))
    }

    /// The machine drops what it has cached of the page of `iova`; whether there was something.
    fn evict(&self, py: Python<'_>, iova: u64) -> PyResult<bool> {
        let op = Op::Evict { function: self.id, iova: Iova::new(iova) };
        Ok(self.perform(py, &op, "evict")?.value == lab::Value::Flag(true))
    }
}

impl Function {
    /// Runs of cached pages; stale ones in pieces with a verdict each.
    fn runs(&self, lab: &Lab, limit: usize) -> Vec<Value> {
        let mut shown = Vec::new();
        for run in lab.iotlb(self.id, limit) {
            let judged = if run.stale { lab.judged(self.id, run, limit - shown.len()) } else { Vec::new() };
            if judged.is_empty() {
                shown.push(json!({ "run": run, "judgement": null }));
            }
            shown.extend(judged.iter().map(|(run, judgement)| json!({ "run": run, "judgement": judgement })));
            if shown.len() >= limit {
                break;
            }
        }
        shown
    }
}
