//! Checks of the addresses that a step was about: cache against tables, tables against intent.

use super::Check;
use super::checker::{Checker, Found};
use super::effect::Effect;
use super::intent::{PageRange, Place, Run, Told, pages};
use super::scan::{Slot, scan};
use super::verdict::Verdict;
use super::windows::uncovered;
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::hw::iotlb::Iotlb;
use crate::hw::lookup::{self, lookup};
use crate::hw::profile::Caching;
use crate::ids::{FunctionId, TableUse};
use crate::state::World;
use crate::state::tables::table_use;
use crate::table::Level;
use crate::trace::Signal;

/// Cached pages of a function that are looked at when memory was changed by hand, which can be anywhere.
const MOST_CACHED: u64 = 1 << 14;

impl Checker {
    /// Checks the addresses that an operation was about.
    pub(super) fn touched(&self, world: &World, effect: Effect, signals: &[Signal], found: &mut Vec<Found>) {
        let (space, range) = match effect {
            Effect::Mapped { space, range, .. } => {
                if self.on.has(Check::Agree) {
                    let runs: Vec<_> = range.pieces().map(|(first, last, _)| (first, last)).collect();
                    self.visible(world, space, &runs, signals, found);
                }
                (space, range)
            }
            Effect::MapFailed { space, range } | Effect::Unmapped { space, asked: range, .. } => {
                (space, range)
            }
            Effect::Moved(_, Place::In(space)) => {
                if let Some(known) = self.intent.space(space).filter(|_| self.on.has(Check::Agree)) {
                    let runs: Vec<_> = known.mapped().map(|run| (run.first, run.last)).collect();
                    self.visible(world, space, &runs, signals, found);
                }
                return;
            }
            Effect::Poked => {
                for (function, id) in world.machine.functions.iter().zip(0..) {
                    if function.iotlb.len() <= MOST_CACHED {
                        self.stale(world, FunctionId(id), 0, PageRange::LAST, found);
                    }
                }
                return;
            }
            _ => return,
        };
        let root = self.root_of(world, space);
        for (first, last, _) in range.pieces() {
            if let Some(root) = root.filter(|_| self.on.has(Check::Agree)) {
                self.agree(world, space, root, first, last, found);
            }
            for (function, ..) in self.registered_to(world, space) {
                self.stale(world, function, first, last, found);
            }
        }
    }

    /// What a hypervisor that shadows tables was not told of.
    fn visible(
        &self,
        world: &World,
        space: TableUse,
        runs: &[(u64, u64)],
        signals: &[Signal],
        found: &mut Vec<Found>,
    ) {
        if world.machine.rules.caching != Caching::OnRefresh {
            return;
        }
        let refreshes: Vec<Signal> =
            signals.iter().filter(|signal| matches!(signal, Signal::Refreshed(..))).copied().collect();
        for (function, ..) in self.registered_to(world, space) {
            let iotlb = &world.machine.functions[function.index()].iotlb;
            let untold = runs.iter().flat_map(|(first, last)| uncovered(function, *first, *last, &refreshes));
            for (first, last) in untold.flat_map(|(first, last)| missing(iotlb, first, last)) {
                let told = self.intent.space(space).and_then(|known| known.get(Iova::new(first * PAGE_SIZE)));
                found.push(Found {
                    function: Some(function),
                    range: Some(pages(first, last)),
                    cause: told.map(Told::step),
                    ..Found::new(Check::Agree, Verdict::NotVisible.name())
                });
            }
        }
    }

    /// What is cached against what the tables say.
    fn stale(&self, world: &World, function: FunctionId, first: u64, last: u64, found: &mut Vec<Found>) {
        let known = &world.machine.functions[function.index()];
        let Some(ioat) = known.ioat.filter(|_| self.on.has(Check::Stale) && !known.iotlb.is_empty()) else {
            return;
        };
        let space = table_use(world, ioat.iota.origin());
        let space = match self.intent.place(function) {
            Place::In(place) if space.is_some_and(|space| self.intent.is_of(space, place)) => Some(place),
            _ => space,
        };
        for (iova, page) in known.iotlb.within(pages(first, last)) {
            let looked = lookup(world.machine.rules, ioat.iota, iova, |at| world.mem.read(at));
            let is_so = looked.found == lookup::Found::Frame { phys: page.frame, writable: page.writable };
            let told = space.and_then(|space| self.intent.space(space)).and_then(|known| known.get(iova));
            if is_so || matches!(told, Some(Told::Unmapped { deferred: true, .. })) {
                continue;
            }
            let here = Found {
                function: Some(function),
                range: Some(pages(iova.get() / PAGE_SIZE, iova.get() / PAGE_SIZE)),
                cause: told.map(Told::step),
                ..Found::new(Check::Stale, Verdict::Stale.name())
            };
            add(found, here);
        }
    }

    /// What the tables say against what callers were told.
    pub(super) fn agree(
        &self,
        world: &World,
        space: TableUse,
        root: (Level, Phys),
        first: u64,
        last: u64,
        found: &mut Vec<Found>,
    ) {
        scan(&world.mem, root, first, last, |piece| {
            let runs = self.intent.space(space).map_or_else(
                || vec![Run { first: piece.first, last: piece.last, told: None }],
                |known| known.runs(piece.first, piece.last),
            );
            for run in runs {
                let slot = piece.slot.further(run.first - piece.first);
                if let Some(verdict) = self.compare(space, root.0, run, slot)
                    && let Some(check) = verdict.check()
                {
                    add(
                        found,
                        Found {
                            range: Some(run.range()),
                            cause: run.told.map(Told::step),
                            domain: if let TableUse::Domain(domain) = space { Some(domain) } else { None },
                            function: if let TableUse::DmaApi(function) = space {
                                Some(function)
                            } else {
                                None
                            },
                            ..Found::new(check, verdict.name())
                        },
                    );
                }
            }
        });
        // Addresses beyond the tables are masked by whoever does not refuse them.
        let covered = root.0.last_iova().get() / PAGE_SIZE;
        if first > covered && last - first <= covered && first & covered <= last & covered {
            self.agree(world, space, root, first & covered, last & covered, found);
        }
    }

    fn compare(&self, space: TableUse, level: Level, run: Run, slot: Slot) -> Option<Verdict> {
        let foreign = |frame| {
            let size = level.last_iova().get().wrapping_add(1);
            let known = self.intent.space(space);
            let aliased = known.is_some_and(|known| known.aliases(run.range().start, size, frame));
            if aliased { Verdict::Aliased } else { Verdict::Damaged }
        };
        match (run.told, slot) {
            (_, Slot::Freed) => Some(Verdict::FreedTables),
            (Some(Told::Mapped { frame, read, write, .. }), Slot::Frame { frame: other, writable }) => {
                if frame != other {
                    Some(foreign(other))
                } else if read && write == writable {
                    None
                } else {
                    Some(Verdict::WrongPermission)
                }
            }
            (Some(Told::Mapped { .. }), Slot::Nothing) => Some(Verdict::Lost),
            (Some(Told::Mapped { .. }), Slot::Wrong) => Some(Verdict::Damaged),
            (Some(Told::Unmapped { .. }), Slot::Frame { frame, .. }) => {
                let foreign = foreign(frame);
                Some(if foreign == Verdict::Aliased { foreign } else { Verdict::StillMapped })
            }
            (None, Slot::Frame { frame, .. }) => Some(foreign(frame)),
            (None | Some(Told::Unmapped { .. }), Slot::Nothing | Slot::Wrong) => None,
        }
    }
}

/// The runs of pages `first` to `last` that are not in a shadow.
fn missing(iotlb: &Iotlb, first: u64, last: u64) -> Vec<(u64, u64)> {
    let mut runs = Vec::new();
    let mut next = first;
    for (iova, _) in iotlb.within(pages(first, last)) {
        let page = iova.get() / PAGE_SIZE;
        if page > next {
            runs.push((next, page - 1));
        }
        next = page + 1;
    }
    if next <= last {
        runs.push((next, last));
    }
    runs
}

/// Adds a violation; one that goes on where the last one ended becomes part of it.
fn add(found: &mut Vec<Found>, new: Found) {
    if let (Some(last), Some(range)) = (found.last_mut(), new.range)
        && let Some(before) = &mut last.range
        && before.last.get().checked_add(1) == Some(range.start.get())
        && (last.check, last.what, last.function, last.domain, last.cause)
            == (new.check, new.what, new.function, new.domain, new.cause)
    {
        before.last = range.last;
    } else if found.len() < 4 * Checker::LIMIT && !found.contains(&new) {
        found.push(new);
    }
}
