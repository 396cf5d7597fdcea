//! The machine's side of a function, seen from outside: its registers, and what is cached for it.

use serde::Serialize;

use super::Lab;
use crate::addr::Iova;
use crate::check::Judgement;
use crate::check::intent::Place;
use crate::hw::lookup::{Found, lookup};
use crate::hw::profile::Shortage;
use crate::hw::walk::Access;
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
            let new = CachedRun {
                iova: iova.get(),
                phys: page.frame.get(),
                writable: page.writable,
                pages: 1,
                stale,
            };
            let full = runs.len() == limit;
            match runs.last_mut() {
                Some(last)
                    if (last.writable, last.stale) == (new.writable, stale)
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

    /// A cached run in pieces about which callers were told one thing each, with the verdict about a read of it: at most
    /// `limit` of them, and none where [`Self::verdict`] knows none.
    pub fn judged(&self, function: FunctionId, run: CachedRun, limit: usize) -> Vec<(CachedRun, Judgement)> {
        let Some(checker) = self.checker() else { return Vec::new() };
        if self.verdict(function, Iova::new(run.iova), Access::Read).is_none() {
            return Vec::new();
        }
        let (first, last) = (run.iova >> 12, (run.iova >> 12) + (run.pages - 1));
        let space = match checker.intent().place(function) {
            Place::In(space) => checker.intent().space(space),
            Place::Identity | Place::Nowhere => None,
        };
        let told = space.map_or_else(
            || vec![(first, last)],
            |space| space.runs(first, last).into_iter().map(|run| (run.first, run.last)).collect(),
        );
        let piece = |(from, to): (u64, u64)| {
            let (iova, phys) = (from << 12, run.phys.wrapping_add((from - first) << 12));
            let judgement = checker.verdict(self.world(), function, Iova::new(iova), Access::Read);
            (CachedRun { iova, phys, pages: to - from + 1, ..run }, judgement)
        };
        told.into_iter().take(limit).map(piece).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{IovaRange, Phys};
    use crate::check::{Checks, Verdict};
    use crate::exec::Data;
    use crate::lab::{FunctionSpec, Op};
    use crate::linux::driver::Prot;

    #[test]
    fn what_is_stale_is_told_piece_by_piece() {
        let mut lab = Lab::new("v6.6".parse().unwrap());
        lab.watch(Checks::ALL);
        let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
        let function = lab.add_function(&FunctionSpec::new("f0", dma));
        let domain = lab.alloc_domain("d0", function).unwrap();
        let iova = |page: u64| Iova::new(0x1_0000_0000 + (page << 12));
        lab.perform_as(1, &Op::Attach { function, domain });
        let prot = Prot { read: true, write: true };
        lab.perform_as(
            2,
            &Op::Map { domain, iova: iova(0), phys: Phys::new(0x8000_0000), size: 0x4000, prot },
        );
        lab.perform_as(3, &Op::Access { function, iova: iova(0), data: Data::Read(0x4000) });
        lab.perform_as(4, &Op::UnmapFast { domain, iova: iova(0), size: 0x1000 });
        lab.perform_as(5, &Op::UnmapFast { domain, iova: iova(1), size: 0x1000 });
        let runs = lab.iotlb(function, 10);
        assert_eq!(
            runs.iter().map(|run| (run.pages, run.stale)).collect::<Vec<_>>(),
            [(2, true), (2, false)]
        );
        let pieces = lab.judged(function, runs[0], 10);
        let causes: Vec<_> = pieces
            .iter()
            .map(|(run, judgement)| (run.iova, run.phys, run.pages, judgement.verdict, judgement.cause))
            .collect();
        assert_eq!(
            causes,
            [
                (0x1_0000_0000, 0x8000_0000, 1, Verdict::Deferred, Some(4)),
                (0x1_0000_1000, 0x8000_1000, 1, Verdict::Deferred, Some(5)),
            ]
        );
        assert_eq!(lab.judged(function, runs[0], 1).len(), 1);
    }
}
