//! The door to the machine: instructions, and the log of the wrappers around them.

use super::cx::Cx;
use super::run::Run;
use super::turn::Progress;
use crate::addr::{Iova, IovaRange};
use crate::hw::zpci::{Answer, Fib, Operation, Refresh, Request, mpcifc, rpcit};
use crate::ids::FunctionId;
use crate::state::World;
use crate::table::Iota;
use crate::trace::Event;

impl Cx<'_> {
    /// MPCIFC 4: registers a translation for the function that has the kernel's handle.
    pub fn mpcifc_register(self, function: FunctionId, range: IovaRange, iota: Iota) -> Progress<Answer> {
        self.at_once(|run| {
            let answer = run.mpcifc(function, Operation::RegisterIoat, Fib::register(range, iota));
            let register = Some((range, iota.bits()));
            run.emit(Event::Mpcifc { function, register, cc: answer.cc, status: answer.status });
            answer
        })
    }

    /// MPCIFC 5: drops it.
    pub fn mpcifc_deregister(self, function: FunctionId) -> Progress<Answer> {
        self.at_once(|run| {
            let answer = run.mpcifc(function, Operation::DeregisterIoat, Fib::default());
            run.emit(Event::Mpcifc { function, register: None, cc: answer.cc, status: answer.status });
            answer
        })
    }

    /// RPCIT: refreshes `bytes` from `iova` on.
    pub fn rpcit(self, function: FunctionId, iova: Iova, bytes: u64) -> Progress<Answer> {
        self.at_once(|run| {
            let handle = run.handle(function);
            let World { machine, mem, .. } = &mut *run.world.borrow_mut();
            let answer =
                rpcit(machine, Refresh { handle, start: iova, len: bytes }, |at| mem.read(at)).answer;
            run.emit(Event::Rpcit { function, iova, bytes, cc: answer.cc, status: answer.status });
            answer
        })
    }

    /// `zpci_register_ioat` returns; `flags` is what its caller puts into the anchor's low bits.
    pub fn log_register(
        self,
        function: FunctionId,
        range: IovaRange,
        iota: Iota,
        flags: u16,
        answer: Answer,
    ) {
        self.tell(|run| {
            let table = run.table_use(iota.is_translated().then(|| iota.origin()));
            run.emit(Event::Register { function, range, table, flags, cc: answer.cc, status: answer.status });
        });
    }

    /// `zpci_unregister_ioat` returns.
    pub fn log_unregister(self, function: FunctionId, answer: Answer) {
        self.tell(|run| {
            run.emit(Event::Unregister { function, cc: answer.cc });
        });
    }

    /// `zpci_refresh_trans` returns.
    pub fn log_refresh(self, function: FunctionId, iova: Iova, bytes: u64, rc: i32) {
        self.tell(|run| {
            run.count(|tally| tally.refreshes += 1);
            run.emit(Event::Refresh { function, iova, bytes, rc });
        });
    }

    /// `zpci_dma_init_device` returns.
    pub fn log_dma_init(self, function: FunctionId, rc: i32) {
        self.tell(|run| {
            run.emit(Event::DmaInit { function, rc });
        });
    }

    /// `zpci_dma_exit_device` returns.
    pub fn log_dma_exit(self, function: FunctionId, rc: i32) {
        self.tell(|run| {
            run.emit(Event::DmaExit { function, rc });
        });
    }
}

impl Run {
    /// An operation has ended.
    pub(crate) fn log_result(&self, rc: i32, value: Option<u64>) {
        self.emit(Event::Result { rc, value });
    }

    fn mpcifc(&self, function: FunctionId, operation: Operation, fib: Fib) -> Answer {
        let handle = self.handle(function);
        let request = Request::new(handle, 0, operation.code());
        // The kernel's operands are well formed: there is no program interruption.
        let outcome = mpcifc(&mut self.world.borrow_mut().machine, request, &fib);
        outcome.map_or(Answer::INSUFFICIENT_RESOURCES, |outcome| outcome.answer)
    }

    fn handle(&self, function: FunctionId) -> u32 {
        self.world.borrow().kernel.functions[function.index()].handle
    }
}
