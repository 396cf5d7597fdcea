//! What devices do, and what the machine does by itself or by the hand of whoever plays: none of it is kernel code.

use super::cx::Cx;
use super::turn::Progress;
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::hw::dma::{self, Fault};
use crate::hw::event::ErrorEvent;
use crate::hw::sight::{Sight, look};
use crate::hw::walk::Access;
use crate::hw::zpci::{Answer, Fib, Operation};
use crate::ids::FunctionId;
use crate::state::World;
use crate::trace::{Class, Event, Signal};

/// What a device does with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Reads so many.
    Read(usize),
    /// Writes these.
    Write(Vec<u8>),
}

impl Data {
    /// Bytes that one read moves at most.
    pub const LIMIT: u64 = 1 << 16;

    /// How many bytes: of a read at most [`Self::LIMIT`].
    pub fn len(&self) -> usize {
        match self {
            Self::Read(len) => (*len).min(Self::LIMIT as usize),
            Self::Write(bytes) => bytes.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    const fn access(&self) -> Access {
        match self {
            Self::Read(_) => Access::Read,
            Self::Write(_) => Access::Write,
        }
    }
}

/// What became of a device's access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceAccess {
    /// Who.
    pub function: FunctionId,
    /// The first address.
    pub iova: Iova,
    /// Read or write.
    pub access: Access,
    /// Bytes moved before the fault, or all.
    pub moved: usize,
    /// What was read.
    pub bytes: Vec<u8>,
    /// Why it stopped.
    pub fault: Option<Fault>,
    /// What the machine made of each page before it was touched, as far as the access got.
    pub sights: Vec<Sight>,
}

impl DeviceAccess {
    /// Where the first byte led.
    pub fn phys(&self) -> Option<Phys> {
        self.sights.first().and_then(|sight| sight.got.ok()).map(|reached| reached.phys)
    }

    /// Whether the machine had that cached.
    pub fn is_cached(&self) -> bool {
        self.sights.first().is_some_and(|sight| sight.got.is_ok_and(|reached| reached.cached))
    }
}

impl Cx {
    /// A device accesses memory: one scheduling point, whatever its length.
    pub(crate) fn device_access(
        &mut self,
        function: FunctionId,
        iova: Iova,
        data: &Data,
    ) -> Progress<DeviceAccess> {
        self.at_once(|cx| {
            let access = data.access();
            let sights = cx.sights(function, iova, access, data.len());
            let World { machine, mem, .. } = &mut cx.world;
            let mut bytes = Vec::new();
            let done = match data {
                Data::Read(_) => {
                    bytes.resize(data.len(), 0);
                    dma::read(machine, mem, function.index(), iova, &mut bytes)
                }
                Data::Write(bytes) => dma::write(machine, mem, function.index(), iova, bytes),
            };
            let (moved, fault) =
                done.map_or_else(|(moved, fault)| (moved, Some(fault)), |()| (data.len(), None));
            bytes.truncate(moved);
            let done = DeviceAccess { function, iova, access, moved, bytes, fault, sights };
            cx.emit(Class::Outcome, || Event::DeviceAccess {
                function,
                iova,
                bytes: moved as u64,
                write: access == Access::Write,
                phys: done.phys(),
                cached: done.is_cached(),
            });
            cx.told_of_error(function, fault.and_then(|fault| fault.event));
            done
        })
    }

    /// What the machine makes of each page of an access, up to the one where it stops.
    fn sights(&self, function: FunctionId, iova: Iova, access: Access, len: usize) -> Vec<Sight> {
        let mut sights = Vec::new();
        let (mut at, mut left) = (iova, len as u64);
        loop {
            let sight = look(&self.world.machine, function.index(), at, access, |at| self.world.mem.read(at));
            sights.push(sight);
            let here = PAGE_SIZE - at.get() % PAGE_SIZE;
            if sight.got.is_err() || left <= here {
                return sights;
            }
            (at, left) = (at.wrapping_add(here), left - here);
        }
    }

    /// The machine caches a translation before anybody asks for it; `true` if it did.
    pub(crate) fn fill_early(&mut self, function: FunctionId, iova: Iova) -> Progress<bool> {
        self.at_once(|cx| {
            let World { machine, mem, .. } = &mut cx.world;
            let filled = dma::fill_early(machine, function.index(), iova, |at| mem.read(at));
            if filled {
                cx.emit(Class::Outcome, || Event::Cache { function, iova, filled });
            }
            filled
        })
    }

    /// The machine drops what it has cached of a page; `true` if there was something.
    pub(crate) fn evict(&mut self, function: FunctionId, iova: Iova) -> Progress<bool> {
        self.at_once(|cx| {
            let evicted = cx.world.machine.functions[function.index()].iotlb.evict(iova);
            if evicted {
                cx.emit(Class::Outcome, || Event::Cache { function, iova, filled: false });
            }
            evicted
        })
    }

    /// MPCIFC 7 or 9 by hand: resets the error, or what of it blocks loads and stores.
    pub(crate) fn reset_by_hand(&mut self, function: FunctionId, operation: Operation) -> Progress<Answer> {
        self.at_once(|cx| {
            let answer = cx.mpcifc(function, operation, Fib::default());
            let what = if operation == Operation::ResetError { "reset-error" } else { "reset-block" };
            let code = u16::from(answer.cc) << 8 | u16::from(answer.status);
            cx.emit(Class::Outcome, || Event::ByHand { function, what, answer: code });
            answer
        })
    }

    /// CLP by hand: enables or disables a function behind the kernel's back; gives the response code.
    pub(crate) fn enable_by_hand(&mut self, function: FunctionId, enable: bool) -> Progress<u16> {
        self.at_once(|cx| {
            let handle = cx.world.machine.functions[function.index()].handle;
            let (code, _) = cx.set_function(handle, enable);
            if !enable {
                cx.signal(Signal::Dropped(function));
            }
            let what = if enable { "enable" } else { "disable" };
            cx.emit(Class::Outcome, || Event::ByHand { function, what, answer: code });
            code
        })
    }

    /// The machine is busy for the next instructions.
    pub(crate) fn make_busy(&mut self, times: u32) -> Progress {
        const MOST: u32 = 1000;
        self.change(|cx| cx.script.extend((0..times.min(MOST)).map(|_| Answer::new(2, 0))))
    }

    /// The machine tells the kernel of an error.
    pub(super) fn told_of_error(&mut self, function: FunctionId, event: Option<ErrorEvent>) {
        if let Some(event) = event {
            self.world.kernel.functions[function.index()].error = Some(event);
            self.report_event(function, event.code);
            self.emit(Class::Outcome, || Event::ErrorEvent { function, code: event.code, at: event.address });
        }
    }

    /// Something reached the machine.
    #[inline]
    pub(super) fn signal(&mut self, signal: Signal) {
        if self.watched {
            self.note(signal);
        }
    }

    #[cold]
    fn note(&mut self, signal: Signal) {
        self.count_up(|tally| signal.push(&mut tally.signals));
    }
}
