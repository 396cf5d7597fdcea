//! The machine's side of a function, seen from outside: its registers, and what is cached for it.

use serde::Serialize;

use super::Lab;
use crate::addr::{Iova, Phys};
use crate::check::Exposure;
use crate::check::intent::{Place, Told};
use crate::hw::lookup::{Found, lookup};
use crate::hw::profile::Shortage;
use crate::hw::zpci::{Request, stpcifc};
use crate::ids::FunctionId;

/// What the machine stores about a function (STPCIFC), and what it has of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Registers {
    /// Its handle.
    pub handle: u32,
    /// State bits: 0x80 enabled, 0x40 in error, 0x20 loads and stores blocked, 0x10 registered.
    pub controls: u8,
    /// The anchor; 0 when nothing is registered.
    pub iota: u64,
    /// First address.
    pub pba: u64,
    /// Last address.
    pub pal: u64,
    /// Pages cached or shadowed.
    pub cached: u64,
    /// Host mappings left, where the machine counts them.
    pub credits: Option<u64>,
    /// Code of the last error event that the kernel was told of.
    pub error: Option<u16>,
}

/// Consecutive cached pages that lead to consecutive frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CachedRun {
    /// First address.
    pub iova: u64,
    /// What it leads to.
    pub phys: u64,
    /// Writing is allowed.
    pub writable: bool,
    /// How many pages.
    pub pages: u64,
    /// The tables say otherwise now.
    pub stale: bool,
    /// What callers were told that makes it stale, in a system that is watched; `None` if no call did.
    pub why: Option<Exposure>,
    /// The step that told.
    pub cause: Option<u32>,
}

impl Lab {
    /// Sets how many host mappings are left, for all functions together; on machines that do not count them nothing
    /// happens.
    pub fn set_credits(&mut self, credits: u64) {
        let machine = &mut self.world_mut().machine;
        if machine.rules.shortage == Shortage::Credits {
            machine.credits = vec![credits];
        }
    }

    /// A function's registers.
    pub fn registers(&self, function: FunctionId) -> Registers {
        let machine = &self.world().machine;
        let known = &machine.functions[function.index()];
        let (_, fib) = stpcifc(machine, Request::new(known.handle, 0, 0));
        let fib = fib.unwrap_or_default();
        Registers {
            handle: known.handle,
            controls: fib.controls(),
            iota: fib.iota(),
            pba: fib.range().start.get(),
            pal: fib.range().last.get(),
            cached: known.iotlb.len(),
            credits: known.container.and_then(|container| machine.credits.get(container).copied()),
            error: self.world().kernel.functions[function.index()].error.map(|event| event.code),
        }
    }

    /// What the machine has cached for a function, in runs by address: at most `limit` of them.
    pub fn iotlb(&self, function: FunctionId, limit: usize) -> Vec<CachedRun> {
        let world = self.world();
        let known = &world.machine.functions[function.index()];
        let mut runs: Vec<CachedRun> = Vec::new();
        for (iova, page) in known.iotlb.iter() {
            let now = known
                .ioat
                .map(|ioat| lookup(world.machine.rules, ioat.iota, iova, |at| world.mem.read(at)).found);
            let stale = now != Some(Found::Frame { phys: page.frame, writable: page.writable });
            let told = if stale { self.outdated(function, iova, page.frame) } else { None };
            let new = CachedRun {
                iova: iova.get(),
                phys: page.frame.get(),
                writable: page.writable,
                pages: 1,
                stale,
                why: told.map(|(why, _)| why),
                cause: told.map(|(_, step)| step),
            };
            let full = runs.len() == limit;
            match runs.last_mut() {
                Some(last)
                    if (last.writable, last.stale, last.cause) == (new.writable, stale, new.cause)
                        && last.why == new.why
                        && last.iova.wrapping_add(last.pages << 12) == new.iova
                        && last.phys.wrapping_add(last.pages << 12) == new.phys =>
                {
                    last.pages += 1;
                }
                _ if full => break,
                _ => runs.push(new),
            }
        }
        runs
    }

    /// The call after which a cached page is no longer what its user was told.
    fn outdated(&self, function: FunctionId, iova: Iova, frame: Phys) -> Option<(Exposure, u32)> {
        let intent = self.checker()?.intent();
        let Place::In(space) = intent.place(function) else { return None };
        match intent.space(space)?.get(iova)? {
            Told::Unmapped { step, deferred: false } => Some((Exposure::Unmapped, step)),
            Told::Unmapped { step, deferred: true } => Some((Exposure::Deferred, step)),
            Told::Mapped { frame: told, step, .. } => (told != frame).then_some((Exposure::Replaced, step)),
        }
    }
}
