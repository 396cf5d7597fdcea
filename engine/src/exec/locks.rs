//! The door to locks, to accounting, and to where the kernel ends.

use super::cx::Cx;
use super::run::{Crash, Stop};
use super::turn::{Halt, Progress};
use crate::addr::Iova;
use crate::ids::DomainId;
use crate::state::kernel::Lock;
use crate::trace::{Call, Class, Event};

impl Cx {
    /// Takes a lock, after whoever has it gives it back.
    #[inline(always)]
    pub fn lock(&mut self, lock: Lock) -> Progress {
        self.access(move |cx| {
            let slot = cx.world.kernel.lock_slot(lock);
            if slot.is_some() {
                cx.waiting[cx.cpu] = Some(lock);
                return cx.wait();
            }
            *slot = Some(cx.cpu as u8);
            if cx.keeps(Class::Detail) {
                cx.tell_lock(lock, true);
            }
            Ok(())
        })
    }

    /// Gives a lock back.
    #[inline(always)]
    pub fn unlock(&mut self, lock: Lock) -> Progress {
        self.at_once(move |cx| {
            *cx.world.kernel.lock_slot(lock) = None;
            if cx.keeps(Class::Detail) {
                cx.tell_lock(lock, false);
            }
        })
    }

    /// The core calls a driver operation.
    #[inline(always)]
    pub fn driver_call(&mut self, call: Call, domain: DomainId, iova: Iova, bytes: u64) -> Progress {
        self.access(move |cx| {
            if !cx.spend(1) {
                return cx.halt(Stop::TooMuchWork);
            }
            cx.count_up(|tally| tally.calls[call as usize] += 1);
            cx.emit(Class::Outcome, || Event::DriverCall { call, domain, iova, bytes });
            Ok(())
        })
    }

    /// The core refuses a request for its alignment.
    pub fn unaligned(&mut self) {
        self.tell(|cx| cx.count_up(|tally| tally.unaligned += 1));
    }

    /// The real kernel crashes here.
    pub fn crash<T>(&mut self, crash: Crash) -> Progress<T> {
        // The value is never seen: a crash is no value.
        self.access(|cx| cx.halt::<()>(Stop::Crash(crash)))?;
        Err(Halt::new())
    }

    /// A lock is taken or given back.
    #[cold]
    fn tell_lock(&mut self, lock: Lock, taken: bool) {
        let (name, domain) = (lock.name(), lock.domain());
        let event = match (lock.of_group(), lock.of_function()) {
            (Some(group), _) => Event::GroupMutex { group, taken },
            (None, Some(function)) => Event::FunctionLock { function, lock: name, taken },
            (None, None) if taken => Event::Lock { lock: name, domain },
            (None, None) => Event::Unlock { lock: name, domain },
        };
        self.push(Class::Detail, event);
    }
}
