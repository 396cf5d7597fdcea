//! The door to the machine: instructions, and the log of the wrappers around them.

use std::future::Future;

use super::cx::Cx;
use crate::addr::{Iova, IovaRange, Phys};
use crate::hw::zpci::{Answer, Fib, Operation, mpcifc, rpcit};
use crate::ids::FunctionId;
use crate::table::Iota;
use crate::trace::Event;

impl Cx<'_> {
    /// MPCIFC 4: registers a translation for the function that has the kernel's handle.
    pub fn mpcifc_register(
        self,
        function: FunctionId,
        range: IovaRange,
        iota: Iota,
    ) -> impl Future<Output = Answer> {
        self.at_once(move |cx| {
            let answer = cx.mpcifc(function, Operation::RegisterIoat, Fib { range, iota });
            let register = Some((range, iota.bits()));
            cx.emit(Event::Mpcifc { function, register, cc: answer.cc, status: answer.status });
            answer
        })
    }

    /// MPCIFC 5: drops it.
    pub fn mpcifc_deregister(self, function: FunctionId) -> impl Future<Output = Answer> {
        self.at_once(move |cx| {
            let nothing = Fib { range: IovaRange::new(Iova::new(0), Iova::new(0)), iota: Iota::from_bits(0) };
            let answer = cx.mpcifc(function, Operation::DeregisterIoat, nothing);
            cx.emit(Event::Mpcifc { function, register: None, cc: answer.cc, status: answer.status });
            answer
        })
    }

    /// RPCIT: refreshes `bytes` from `iova` on.
    pub fn rpcit(self, function: FunctionId, iova: Iova, bytes: u64) -> impl Future<Output = Answer> {
        self.at_once(move |cx| {
            let handle = cx.handle(function);
            let answer = rpcit(&mut cx.run.world.borrow_mut().machine, handle);
            cx.emit(Event::Rpcit { function, iova, bytes, cc: answer.cc, status: answer.status });
            answer
        })
    }

    fn mpcifc(self, function: FunctionId, operation: Operation, fib: Fib) -> Answer {
        let handle = self.handle(function);
        mpcifc(&mut self.run.world.borrow_mut().machine, handle, operation, fib)
    }

    /// `zpci_register_ioat` returns.
    pub fn log_register(self, function: FunctionId, range: IovaRange, root: Phys, answer: Answer) {
        let table = self.table_use(Some(root));
        self.emit(Event::Register { function, range, table, cc: answer.cc, status: answer.status });
    }

    /// `zpci_unregister_ioat` returns.
    pub fn log_unregister(self, function: FunctionId, answer: Answer) {
        self.emit(Event::Unregister { function, cc: answer.cc });
    }

    /// `zpci_refresh_trans` returns.
    pub fn log_refresh(self, function: FunctionId, iova: Iova, bytes: u64, rc: i32) {
        self.run.count(|tally| tally.refreshes += 1);
        self.emit(Event::Refresh { function, iova, bytes, rc });
    }

    /// `zpci_dma_init_device` returns.
    pub fn log_dma_init(self, function: FunctionId, rc: i32) {
        self.emit(Event::DmaInit { function, rc });
    }

    /// `zpci_dma_exit_device` returns.
    pub fn log_dma_exit(self, function: FunctionId, rc: i32) {
        self.emit(Event::DmaExit { function, rc });
    }

    /// The operation ends.
    pub(crate) fn log_result(self, rc: i32, value: Option<u64>) {
        self.emit(Event::Result { rc, value });
    }
}
