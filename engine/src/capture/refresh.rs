//! RPCIT in a replay: tells memory what the recorded walks read, executes, and compares every walk.

use super::judge::Judge;
use super::model::{Line, Problem, Stretch, WalkRecord};
use crate::addr::{Iova, Phys};
use crate::hw::lookup::{Found, Lookup};
use crate::hw::zpci::REFRESH_LIMIT;
use crate::mem::Memory;
use crate::table::{Iota, Level, PageEntry, RegionEntry, SegmentEntry};

/// Where tables are put of which only the depth is known: above the memory of any guest.
const ELSEWHERE: u64 = 0xffff << 48;

/// Writes into memory what the recorded walks say about it. `planted` counts the tables that had to be made up.
pub(super) fn tell(
    memory: &mut Memory,
    line: &Line<'_>,
    iota: Iota,
    planted: &mut u64,
    number: u64,
) -> Result<(), Problem> {
    for walk in &line.walk {
        for (at, word) in &walk.5 {
            memory.write(Phys::new(*at), *word);
        }
    }
    let walks = line.inv.iter().map(|stretch| stretch.2).fold(0, u64::saturating_add);
    if walks > REFRESH_LIMIT {
        return Err(Problem::new(
            number,
            "C004",
            format!("a refresh of {walks} walks; {REFRESH_LIMIT} at most"),
        ));
    }
    let Some(root) = iota.root_level() else { return Ok(()) };
    for Stretch(start, _, walks, levels) in line.inv.iter().copied() {
        let depth = usize::from(levels).saturating_sub(1);
        let last = Level::ALL.into_iter().filter(|level| *level >= root).nth(depth);
        let Some(last) = last.filter(|_| levels > 0) else {
            return Err(Problem::new(
                number,
                "C004",
                format!("a walk through {levels} levels from a {root:?} table"),
            ));
        };
        for k in 0..walks {
            let iova = Iova::new(start.wrapping_add(k << last.shift()));
            invalidate(memory, root, iota.origin(), last, iova, planted);
        }
    }
    Ok(())
}

/// Makes the walk for `iova` end at an invalid entry of a table of kind `last`.
fn invalidate(memory: &mut Memory, root: Level, origin: Phys, last: Level, iova: Iova, planted: &mut u64) {
    let (mut level, mut origin) = (root, origin);
    while level != last {
        let at = level.entry_address(origin, iova);
        let Some(child) = level.child() else { return };
        origin = next_table(level, memory.read(at)).unwrap_or_else(|| {
            let table = plant(memory, child, planted);
            let entry = match level {
                Level::Segment => SegmentEntry::table(table).bits(),
                _ => RegionEntry::table(level, table).bits(),
            };
            memory.write(at, entry);
            table
        });
        level = child;
    }
    let at = level.entry_address(origin, iova);
    let word = memory.read(at);
    let invalid = match level {
        Level::Page if PageEntry::from_bits(word).is_valid() => {
            PageEntry::from_bits(word).invalidated().with_protection(false).bits()
        }
        Level::Page => word,
        _ if word == 0 || RegionEntry::from_bits(word).is_valid() => level.invalid_entry(),
        _ => word,
    };
    if invalid != word {
        memory.write(at, invalid);
    }
}

/// An empty table, where no guest has memory.
pub(super) fn plant(memory: &mut Memory, kind: Level, planted: &mut u64) -> Phys {
    let table = Phys::new(ELSEWHERE + *planted * Level::Segment.bytes());
    *planted += 1;
    memory.fill(table, kind.bytes(), kind.invalid_entry());
    table
}

fn next_table(level: Level, word: u64) -> Option<Phys> {
    let (region, segment) = (RegionEntry::from_bits(word), SegmentEntry::from_bits(word));
    match level {
        _ if word == 0 => None,
        Level::Segment => (segment.leads_on() && !segment.is_frame()).then(|| segment.origin()),
        _ => region.leads_on(level).then(|| region.origin()),
    }
}

/// Compares the walks of one refresh as they happen.
pub(super) struct Watched<'a> {
    recorded: &'a [WalkRecord],
    stretches: &'a [Stretch],
    walks: usize,
    ended: usize,
    current: Option<Stretch>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(line: &'a Line<'_>) -> Self {
        Self { recorded: &line.walk, stretches: &line.inv, walks: 0, ended: 0, current: None }
    }

    /// One walk here.
    pub(super) fn walk(&mut self, judge: &mut Judge, looked: &Lookup) {
        if looked.found == Found::Nothing {
            let levels = looked.path().len() as u8;
            let page = looked.page.get();
            let end = page.wrapping_add(looked.frame_len);
            match &mut self.current {
                Some(stretch) if stretch.1 == page && stretch.3 == levels => {
                    (stretch.1, stretch.2) = (end, stretch.2 + 1);
                }
                _ => {
                    self.stretch_ends(judge);
                    self.current = Some(Stretch(page, end, 1, levels));
                }
            }
            return;
        }
        let Some(recorded) = self.recorded.get(self.walks) else {
            judge.check("walks", &self.recorded.len(), &(self.walks + 1));
            return;
        };
        self.walks += 1;
        compare(judge, recorded, looked);
    }

    fn stretch_ends(&mut self, judge: &mut Judge) {
        if let Some(stretch) = self.current.take() {
            judge.check("inv", &self.stretches.get(self.ended), &Some(&stretch));
            self.ended += 1;
        }
    }

    /// No walk follows.
    pub(super) fn end(mut self, judge: &mut Judge) {
        self.stretch_ends(judge);
        judge.check("walks", &self.recorded.len(), &self.walks);
        judge.check("inv", &self.stretches.len(), &self.ended);
    }
}

/// One walk against its record: every address and word of its path, and what it found.
pub(super) fn compare(judge: &mut Judge, recorded: &WalkRecord, looked: &Lookup) {
    let WalkRecord(iova, pa, perm, len, err, path) = recorded;
    let same_path = path.len() == looked.path().len()
        && path.iter().zip(looked.path()).all(|(a, b)| a.0 == b.0.get() && a.1 == b.1);
    judge.checks += 1;
    if !same_path {
        judge.differ("walk path", path, &looked.path());
    }
    judge.check("walk", &(*iova, *pa, *perm, *len, *err), &words_of(looked));
}

/// A walk in the words of the record: iova, pa, perm, frame length, error.
pub(super) fn words_of(looked: &Lookup) -> (u64, u64, u8, u64, u16) {
    let (pa, perm, err) = match looked.found {
        Found::Frame { phys, writable } => (phys.get(), permission(writable), 0),
        Found::Nothing => (0, 0, 0),
        Found::Wrong(kind) => (0, 0, kind.code()),
    };
    (looked.page.get(), pa, perm, looked.frame_len, err)
}

/// 1 read, 3 read and write.
pub(super) const fn permission(writable: bool) -> u8 {
    if writable { 3 } else { 1 }
}
