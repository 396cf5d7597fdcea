//! The door to the machine: instructions, and the log of the wrappers around them.

use super::cx::Cx;
use super::run::Stop;
use super::turn::Progress;
use crate::addr::{Iova, IovaRange};
use crate::hw::zpci::{Answer, Fib, Operation, Outcome, Refresh, Request, mpcifc, rpcit};
use crate::ids::FunctionId;
use crate::state::World;
use crate::table::Iota;
use crate::trace::{Class, Event, Signal};

impl Cx {
    /// MPCIFC 4: registers a translation for the function that has the kernel's handle.
    pub fn mpcifc_register(
        &mut self,
        function: FunctionId,
        range: IovaRange,
        iota: Iota,
    ) -> Progress<Answer> {
        self.at_once(|cx| {
            let answer = cx.mpcifc(function, Operation::RegisterIoat, Fib::register(range, iota));
            let register = Some((range, iota.bits()));
            let table = cx.table_use(iota.is_translated().then(|| iota.origin()));
            cx.emit(Class::Instruction, || Event::Mpcifc {
                function,
                register,
                table,
                cc: answer.cc,
                status: answer.status,
            });
            answer
        })
    }

    /// MPCIFC 5: drops it.
    pub fn mpcifc_deregister(&mut self, function: FunctionId) -> Progress<Answer> {
        self.at_once(|cx| {
            let answer = cx.mpcifc(function, Operation::DeregisterIoat, Fib::default());
            cx.emit(Class::Instruction, || Event::Mpcifc {
                function,
                register: None,
                table: None,
                cc: answer.cc,
                status: answer.status,
            });
            answer
        })
    }

    /// RPCIT: refreshes `bytes` from `iova` on.
    pub fn rpcit(&mut self, function: FunctionId, iova: Iova, bytes: u64) -> Progress<Answer> {
        self.at_once(move |cx| {
            let handle = cx.world.kernel.functions[function.index()].handle;
            let refresh = Refresh { handle, start: iova, len: bytes };
            let outcome = cx.scripted().map_or_else(
                || {
                    let World { machine, mem, .. } = &mut cx.world;
                    rpcit(machine, refresh, |at| mem.read(at))
                },
                Outcome::from,
            );
            let answer = outcome.answer;
            if outcome.event.is_some() {
                cx.told_of_error(function, outcome.event);
            }
            if cx.watched {
                cx.signal(refresh_signal(function, refresh, answer));
            }
            cx.emit(Class::Instruction, || Event::Rpcit {
                function,
                iova,
                bytes,
                cc: answer.cc,
                status: answer.status,
            });
            answer
        })
    }

    /// The machine was busy: time passes until it is asked again.
    pub fn wait_for_machine(&mut self, micros: u32) -> Progress {
        self.access(|cx| {
            if !cx.spend(1) {
                return cx.halt(Stop::TooMuchWork);
            }
            cx.count_up(|tally| tally.waits += 1);
            cx.emit(Class::Detail, || Event::Wait { micros });
            Ok(())
        })
    }

    /// A record in the error log.
    pub fn error_record(&mut self, level: u8) {
        self.tell(|cx| cx.emit(Class::Detail, || Event::ErrorRecord { level }));
    }

    /// `zpci_register_ioat` returns; `flags` is what its caller puts into the anchor's low bits.
    pub fn log_register(
        &mut self,
        function: FunctionId,
        range: IovaRange,
        iota: Iota,
        flags: u16,
        answer: Answer,
    ) {
        self.tell(|cx| {
            let table = cx.table_use(iota.is_translated().then(|| iota.origin()));
            cx.emit(Class::Outcome, || Event::Register {
                function,
                range,
                table,
                flags,
                cc: answer.cc,
                status: answer.status,
            });
        });
    }

    /// `zpci_unregister_ioat` returns.
    pub fn log_unregister(&mut self, function: FunctionId, answer: Answer) {
        self.tell(|cx| {
            cx.emit(Class::Outcome, || Event::Unregister { function, cc: answer.cc });
        });
    }

    /// `zpci_refresh_trans` returns.
    #[inline]
    pub fn log_refresh(&mut self, function: FunctionId, iova: Iova, bytes: u64, rc: i32) {
        self.tell(move |cx| {
            cx.count_up(|tally| tally.refreshes += 1);
            cx.emit(Class::Outcome, || Event::Refresh { function, iova, bytes, rc });
        });
    }

    /// `zpci_dma_init_device` returns.
    pub fn log_dma_init(&mut self, function: FunctionId, rc: i32) {
        self.tell(|cx| {
            cx.emit(Class::Outcome, || Event::DmaInit { function, rc });
        });
    }

    /// `zpci_dma_exit_device` returns.
    pub fn log_dma_exit(&mut self, function: FunctionId, rc: i32) {
        self.tell(|cx| {
            cx.emit(Class::Outcome, || Event::DmaExit { function, rc });
        });
    }
}

impl Cx {
    /// An operation has ended.
    pub(crate) fn log_result(&mut self, rc: i32, value: Option<u64>) {
        self.emit(Class::Outcome, || Event::Result { rc, value });
    }

    /// The next answer of a script that stands for the machine.
    #[inline]
    fn scripted(&mut self) -> Option<Answer> {
        if self.script.is_empty() { None } else { Some(self.script.remove(0)) }
    }

    pub(super) fn mpcifc(&mut self, function: FunctionId, operation: Operation, fib: Fib) -> Answer {
        let handle = self.world.kernel.functions[function.index()].handle;
        let request = Request::new(handle, 0, operation.code());
        let outcome = self.scripted().map_or_else(
            // The kernel's operands are well formed: there is no program interruption.
            || {
                mpcifc(&mut self.world.machine, request, &fib)
                    .unwrap_or_else(|_| Answer::INSUFFICIENT_RESOURCES.into())
            },
            Outcome::from,
        );
        self.told_of_error(function, outcome.event);
        let answer = outcome.answer;
        match (answer.cc, operation) {
            (0, Operation::RegisterIoat | Operation::DeregisterIoat) => {
                self.signal(Signal::Dropped(function));
            }
            (0, _) => {}
            (cc, _) => self.signal(Signal::Refused(function, cc, answer.status)),
        }
        answer
    }
}

/// What a refresh means to whoever watches.
fn refresh_signal(function: FunctionId, refresh: Refresh, answer: Answer) -> Signal {
    match answer.cc {
        // A range of no bytes covers nothing.
        0 if refresh.len == 0 => Signal::Refreshed(function, IovaRange::new(Iova::new(1), Iova::new(0))),
        0 => {
            let last = refresh.start.get().saturating_add(refresh.len - 1);
            Signal::Refreshed(function, IovaRange::new(refresh.start, Iova::new(last)))
        }
        cc => Signal::Refused(function, cc, answer.status),
    }
}
