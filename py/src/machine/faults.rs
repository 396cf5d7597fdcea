//! What is made to go wrong, and memory by hand.

use pyo3::prelude::*;
use s390_iommu::addr::Phys;
use s390_iommu::lab::Op;
use s390_iommu::state::kernel::{Armed, Failure, FaultSite};

use super::Machine;
use crate::options;

#[pymethods]
impl Machine {
    /// Makes calls to come fail: after `after` good calls of `where`, the next `count` of them.
    ///
    /// `where` is one of ``alloc_table``, ``alloc_struct``, ``register_ioat``, ``unregister_ioat``, ``refresh_trans``,
    /// ``dma_init``, ``dma_exit``, and some more of the code around the driver; the message for a wrong word lists them.
    /// `cc` (0 to 3) and `status` (0 to 255) answer where there is a condition code, `rc`
    /// (a negative errno) elsewhere.
    #[pyo3(
        signature = (r#where, *, after=0, count=1, cc=1, status=0, rc=-5),
        text_signature = "($self, where, *, after=0, count=1, cc=1, status=0, rc=-5)"
    )]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn inject(
        &self,
        py: Python<'_>,
        r#where: &str,
        after: u64,
        count: u64,
        cc: u8,
        status: u8,
        rc: i32,
    ) -> PyResult<()> {
        let site = options::word(r#where, &FaultSite::ALL)?;
        let armed = Armed { after, count, failure: Failure { cc, status, rc } };
        self.system.perform(py, &Op::Inject { site, armed }, "inject").map(drop)
    }

    /// Disarms everything that `inject` armed.
    fn clear_inject(&self, py: Python<'_>) -> PyResult<()> {
        self.system.perform(py, &Op::ClearInject, "clear_inject").map(drop)
    }

    /// Changes the doubleword of memory at `phys`, a multiple of 8.
    fn poke(&self, py: Python<'_>, phys: u64, value: u64) -> PyResult<()> {
        let op = Op::Poke { phys: Phys::new(phys), word: value };
        self.system.perform(py, &op, &format!("poke {phys:#x}")).map(drop)
    }

    /// The doubleword of memory at `phys`; 0 where nobody wrote.
    fn peek(&self, py: Python<'_>, phys: u64) -> PyResult<u64> {
        self.system.with(py, |state| state.lab.world().mem.read(Phys::new(phys)))
    }

    /// The machine answers the next `times` instructions, at most 1000, with condition code 2: busy.
    #[pyo3(signature = (times=1))]
    fn busy(&self, py: Python<'_>, times: u32) -> PyResult<()> {
        self.system.perform(py, &Op::Busy { times }, "busy").map(drop)
    }
}
