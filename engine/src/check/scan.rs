//! What tables say about a range of addresses now: runs of pages, read entry by entry.

use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::mem::Memory;
use crate::table::{Level, PageEntry, RegionEntry, SegmentEntry};

/// What tables say about a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// It is translated.
    Frame {
        /// To this frame.
        frame: Phys,
        /// The device may write.
        writable: bool,
    },
    /// It is not.
    Nothing,
    /// An entry on the way is malformed.
    Wrong,
    /// A table on the way was given back.
    Freed,
}

impl Slot {
    /// The same, `pages` further on.
    pub(super) const fn further(self, pages: u64) -> Self {
        match self {
            Self::Frame { frame, writable } => {
                Self::Frame { frame: frame.wrapping_add(pages * PAGE_SIZE), writable }
            }
            other => other,
        }
    }
}

/// Consecutive pages that translate alike; `slot` is about the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) slot: Slot,
}

/// Entries that one scan reads at most: tables that lead into themselves come to an end.
const BUDGET: u64 = 1 << 21;

/// Visits pages `first` to `last` below a root, in order, in runs that are as long as they can be.
pub(super) fn scan(
    mem: &Memory,
    (level, root): (Level, Phys),
    first: u64,
    last: u64,
    mut visit: impl FnMut(Piece),
) {
    let mut budget = BUDGET;
    let mut run: Option<Piece> = None;
    let mut next = first;
    let covered = level.last_iova().get() / PAGE_SIZE;
    let mut add = |piece: Piece| match &mut run {
        Some(run) if run.slot.further(piece.first - run.first) == piece.slot => run.last = piece.last,
        _ => {
            if let Some(done) = run.replace(piece) {
                visit(done);
            }
        }
    };
    while next <= last && budget > 0 {
        // No table answers for what lies beyond the root's reach.
        if next > covered {
            add(Piece { first: next, last, slot: Slot::Nothing });
            break;
        }
        next = from_root(mem, (level, root), next, last.min(covered), &mut budget, &mut add);
    }
    if let Some(done) = run {
        visit(done);
    }
}

/// Walks to the page table, or to where the way ends; gives the page to go on with.
fn from_root(
    mem: &Memory,
    (mut level, mut table): (Level, Phys),
    page: u64,
    last: u64,
    budget: &mut u64,
    add: &mut impl FnMut(Piece),
) -> u64 {
    let iova = Iova::new(page * PAGE_SIZE);
    let mut read_only = false;
    loop {
        *budget = budget.saturating_sub(1);
        if mem.block_at(table).is_some_and(|(_, block)| block.freed) {
            add(Piece { first: page, last, slot: Slot::Freed });
            return last + 1;
        }
        if level == Level::Page {
            return entries(mem, table, page, last, read_only, budget, add);
        }
        let word = mem.read(level.entry_address(table, iova));
        let end = last.min(page | (level.covers() / PAGE_SIZE - 1));
        let below = if level.is_region() {
            let entry = RegionEntry::from_bits(word);
            read_only |= entry.is_protected();
            if entry.leads_on(level) {
                Ok(entry.origin())
            } else {
                Err(if entry.is_valid() { Slot::Wrong } else { Slot::Nothing })
            }
        } else {
            let entry = SegmentEntry::from_bits(word);
            read_only |= entry.is_protected();
            if !entry.leads_on() {
                Err(if entry.is_valid() { Slot::Wrong } else { Slot::Nothing })
            } else if entry.is_frame() {
                let frame = entry.frame().wrapping_add(iova.get() & (level.covers() - 1));
                Err(Slot::Frame { frame, writable: !read_only })
            } else {
                Ok(entry.origin())
            }
        };
        match (below, level.child()) {
            (Ok(origin), Some(child)) => (level, table) = (child, origin),
            (Ok(_), None) => return end + 1,
            (Err(slot), _) => {
                add(Piece { first: page, last: end, slot });
                return end + 1;
            }
        }
    }
}

/// The entries of one page table from `page` on.
fn entries(
    mem: &Memory,
    table: Phys,
    page: u64,
    last: u64,
    read_only: bool,
    budget: &mut u64,
    add: &mut impl FnMut(Piece),
) -> u64 {
    let index = page % Level::Page.entries() as u64;
    let count = (Level::Page.entries() as u64 - index).min(last - page + 1);
    *budget = budget.saturating_sub(count);
    let mut words = [0; Level::Page.entries()];
    let words = &mut words[..count as usize];
    let at = table.wrapping_add(index * 8);
    if at.is_aligned(8) && at.get() % PAGE_SIZE + count * 8 <= PAGE_SIZE {
        mem.read_run(at, words);
    } else {
        // A table that an entry changed by hand leads to.
        (0..).zip(words.iter_mut()).for_each(|(k, word)| *word = mem.read(at.wrapping_add(k * 8)));
    }
    let mut ahead = 0;
    while let Some((&word, rest)) = words[ahead..].split_first() {
        let entry = PageEntry::from_bits(word);
        let (slot, more) = if entry.is_valid() {
            let writable = !read_only && !entry.is_protected();
            let goes_on = |(next, k): &(&u64, u64)| **next == word.wrapping_add(k * PAGE_SIZE);
            let more = rest.iter().zip(1..).take_while(goes_on).count();
            (Slot::Frame { frame: entry.frame(), writable }, more)
        } else {
            let more = rest.iter().take_while(|next| !PageEntry::from_bits(**next).is_valid()).count();
            (Slot::Nothing, more)
        };
        let from = page + ahead as u64;
        add(Piece { first: from, last: from + more as u64, slot });
        ahead += more + 1;
    }
    page + count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(mem: &Memory, first: u64, last: u64) -> Vec<(u64, u64, Slot)> {
        let mut seen = Vec::new();
        scan(mem, (Level::RegionThird, Phys::new(0x8a00_4000)), first, last, |piece| {
            seen.push((piece.first, piece.last, piece.slot));
        });
        seen
    }

    #[test]
    fn runs_holes_frames_and_what_is_malformed() {
        let mut mem = Memory::new();
        mem.fill(Phys::new(0x8a00_4000), 0x8000, 0x20);
        mem.fill(Phys::new(0x8a01_0800), 0x800, 0x400);
        mem.write(Phys::new(0x8a00_4000), 0x8a00_8007);
        mem.write(Phys::new(0x8a00_8000), 0x8a01_0800);
        mem.write(Phys::new(0x8a00_8008), 0x7fe0_0600);
        mem.write(Phys::new(0x8a00_4008), 0x8a00_800b);
        for page in 2..5 {
            mem.write(Phys::new(0x8a01_0800 + page * 8), 0x7000_0000 + (page << 12));
        }
        let frame = |frame, writable| Slot::Frame { frame: Phys::new(frame), writable };
        assert_eq!(
            pieces(&mem, 1, 0x20_0000),
            [
                (1, 1, Slot::Nothing),
                (2, 4, frame(0x7000_2000, true)),
                (5, 0xff, Slot::Nothing),
                (0x100, 0x1ff, frame(0x7fe0_0000, false)),
                (0x200, 0x7_ffff, Slot::Nothing),
                (0x8_0000, 0xf_ffff, Slot::Wrong),
                (0x10_0000, 0x20_0000, Slot::Nothing),
            ]
        );
        assert_eq!(
            pieces(&mem, u64::MAX >> 12, u64::MAX >> 12),
            [(u64::MAX >> 12, u64::MAX >> 12, Slot::Nothing)]
        );
    }

    #[test]
    fn tables_that_lead_into_themselves_come_to_an_end() {
        let mut mem = Memory::new();
        mem.fill(Phys::new(0x8a00_4000), 0x4000, 0x8a00_8007);
        mem.fill(Phys::new(0x8a00_8000), 0x4000, 0x8a01_0800);
        assert!(pieces(&mem, 0, u64::MAX >> 12).len() < 1 << 21);
    }
}
