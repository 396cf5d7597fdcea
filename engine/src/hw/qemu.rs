//! QEMU's own walk of the tables, by its literal rules (*from QEMU*, s390_guest_io_table_walk; *observed* in captures).
//!
//! It differs from the [architecture's](super::walk) in what it takes for granted: the origin is the anchor without
//! `0x804`, whatever other low bits are set; address bits above the root's reach are masked away; a frame at address 0
//! is an error; and an invalid entry is no error at all, it unmaps.

use super::fault::FaultKind;
use super::lookup::{Found, Lookup};
use super::profile::Designations;
use crate::addr::{Iova, Phys};
use crate::table::{Iota, Level, PageEntry, RegionEntry, SegmentEntry};

const TRANSLATED: u64 = 0x800;

/// Walks for the page of an address.
///
/// QEMU knows region-third roots only. Larger ones, for a machine that was told to offer them, are walked likewise.
pub(super) fn walk(roots: Designations, iota: Iota, iova: Iova, mut read: impl FnMut(Phys) -> u64) -> Lookup {
    let page = iova.page();
    let root = match roots {
        Designations::RegionThird => Level::RegionThird,
        Designations::Regions => {
            iota.root_level().filter(|level| level.is_region()).unwrap_or(Level::RegionThird)
        }
    };
    let designation = u64::from(root.table_type()) << 2;
    let mut origin = Phys::new(iota.bits() & !(TRANSLATED | designation));
    let mut looked = Lookup::new(page, root);
    let mut writable = !iota.is_protected();
    let mut level = root;
    // A root at address 0 is never read: everything leads to address 0.
    if origin.get() == 0 {
        (looked.found, looked.frame_len) = (Found::Frame { phys: origin, writable }, Level::Page.covers());
        return looked;
    }
    loop {
        let at = level.entry_address(origin, page);
        let word = read(at);
        looked.read(level, at, word);
        let step = match level {
            _ if word == 0 => Step::Wrong(FaultKind::InvalidEntry),
            Level::Page => page_entry(PageEntry::from_bits(word), &mut writable),
            Level::Segment => segment_entry(SegmentEntry::from_bits(word), page, &mut writable),
            _ => region_entry(RegionEntry::from_bits(word), level, &mut writable),
        };
        looked.found = match step {
            Step::Down(table) => {
                origin = table;
                level = level.child().unwrap_or(Level::Page);
                continue;
            }
            Step::Frame(phys) => Found::Frame { phys, writable },
            Step::Invalid => Found::Nothing,
            Step::Wrong(kind) => Found::Wrong(kind),
        };
        return looked;
    }
}

enum Step {
    Down(Phys),
    Frame(Phys),
    Invalid,
    Wrong(FaultKind),
}

fn region_entry(entry: RegionEntry, level: Level, writable: &mut bool) -> Step {
    if !entry.is_valid() {
        return Step::Invalid;
    }
    if !entry.is_full_length() {
        return Step::Wrong(FaultKind::TableLength);
    }
    if entry.table_type() != level.table_type() || entry.origin().get() == 0 {
        return Step::Wrong(FaultKind::TableType);
    }
    *writable &= !entry.is_protected();
    Step::Down(entry.origin())
}

fn segment_entry(entry: SegmentEntry, page: Iova, writable: &mut bool) -> Step {
    if !entry.is_valid() {
        return Step::Invalid;
    }
    // The origin is looked at before the entry is known to be a frame.
    if entry.table_type() != Level::Segment.table_type() || entry.origin().get() == 0 {
        return Step::Wrong(FaultKind::TableType);
    }
    *writable &= !entry.is_protected();
    if entry.is_frame() {
        let offset = page.get() & (Level::Segment.covers() - 1);
        return Step::Frame(entry.frame().wrapping_add(offset));
    }
    Step::Down(entry.origin())
}

fn page_entry(entry: PageEntry, writable: &mut bool) -> Step {
    if !entry.is_valid() {
        return Step::Invalid;
    }
    if entry.frame().get() == 0 {
        return Step::Wrong(FaultKind::TableType);
    }
    *writable &= !entry.is_protected();
    Step::Frame(entry.frame())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: [(u64, u64); 3] =
        [(0x8a00_4010, 0x8a00_8007), (0x8a00_91a0, 0x8a01_0800), (0x8a01_0ab0, 0x7fee_d000)];

    fn found(iota: u64, iova: u64, change: (u64, u64)) -> (Found, u64) {
        let read = |at: Phys| {
            let at = at.get();
            if at == change.0 {
                return change.1;
            }
            LEVELS.iter().find(|(here, _)| *here == at).map_or(0, |(_, word)| *word)
        };
        let looked = walk(Designations::RegionThird, Iota::from_bits(iota), Iova::new(iova), read);
        (looked.found, looked.frame_len)
    }

    #[test]
    fn what_it_makes_of_entries() {
        let (rt, st, pt) = (LEVELS[0].0, LEVELS[1].0, LEVELS[2].0);
        let wrong = Found::Wrong;
        let cases = [
            ((rt, 0x20), Found::Nothing, 1 << 31),
            ((rt, 0), wrong(FaultKind::InvalidEntry), 1 << 31),
            ((rt, 0x8a00_8004), wrong(FaultKind::TableLength), 1 << 31),
            ((rt, 0x8a00_8047), wrong(FaultKind::TableLength), 1 << 31),
            ((rt, 0x8a00_800b), wrong(FaultKind::TableType), 1 << 31),
            ((st, 0x8a01_0804), wrong(FaultKind::TableType), 1 << 20),
            ((st, 0x7fe0_0400), Found::Frame { phys: Phys::new(0x7fe5_6000), writable: true }, 1 << 20),
            ((pt, 0x7fee_d400), Found::Nothing, 1 << 12),
            ((pt, 0), wrong(FaultKind::InvalidEntry), 1 << 12),
            ((pt, 0x200), wrong(FaultKind::TableType), 1 << 12),
            ((pt, 0x7fee_d200), Found::Frame { phys: Phys::new(0x7fee_d000), writable: false }, 1 << 12),
        ];
        for (change, what, len) in cases {
            assert_eq!(found(0x8a00_4804, 0x1_2345_6789, change), (what, len), "{change:x?}");
        }
    }

    #[test]
    fn what_it_takes_for_granted() {
        let page = Found::Frame { phys: Phys::new(0x7fee_d000), writable: true };
        assert_eq!(found(0x8a00_4804, 1 << 42 | 0x1_2345_6789, (0, 0)).0, page, "high bits are masked away");
        assert_eq!(
            found(0x804, 0x1_2345_6789, (0, 0)).0,
            Found::Frame { phys: Phys::new(0), writable: true }
        );
        // Protection in the anchor also moves the table.
        let moved = Found::Frame { phys: Phys::new(0x7fee_d000), writable: false };
        assert_eq!(found(0x8a00_4a04, 0x1_2345_6789, (0x8a00_4210, 0x8a00_8007)).0, moved);
    }
}
