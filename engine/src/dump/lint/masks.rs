//! Bits of single words that ought not to be as they are.

use super::Flaw;
use crate::table::{Iota, Level, RegionEntry, SegmentEntry};
use crate::tree::RowKind;

/// Bits of an origin that is no multiple of 16 KiB: masked away.
const BELOW_16_KIB: u64 = 0x3000;
/// And those of a frame that is no multiple of 1 MiB.
const BELOW_1_MIB: u64 = 0xf_f800;

/// Bits that mean nothing known, or that nothing sets: in the anchor key and frame size too, which Linux leaves 0.
const ANCHOR: u64 = 0x5e3;
const REGION: u64 = 0xd10;
const SEGMENT: u64 = 0x1d3;
const PAGE: u64 = 0x9ff;
const PROTECT: u64 = 0x200;

type Flaws = Vec<(Flaw, String)>;

/// What is wrong with an anchor that designates a table.
pub(super) fn anchor_flaws(iota: Iota) -> Flaws {
    let word = iota.bits();
    let mut flaws = Vec::new();
    reserved(&mut flaws, word & ANCHOR);
    if word & BELOW_16_KIB != 0 {
        flaws.push((
            Flaw::Unaligned,
            format!("the root is used at {}; bits {:#x} do not count", iota.origin(), word & BELOW_16_KIB),
        ));
    }
    if iota.is_protected() {
        flaws.push((Flaw::ProtectedAbove, "the anchor makes everything read-only".to_owned()));
    }
    flaws
}

/// What is wrong with an entry of a table of this kind.
pub(super) fn entry_flaws(level: Level, kind: RowKind, word: u64) -> Flaws {
    match (level, kind) {
        // The usual ones first: there are many, and nothing is allocated for them.
        (Level::Page, RowKind::Page | RowKind::Readonly) if word & PAGE == 0 => Vec::new(),
        (Level::Page, RowKind::Invalid | RowKind::Unmapped) if word & (PAGE | PROTECT) == 0 => Vec::new(),
        (_, RowKind::Invalid) if word == level.invalid_entry() => Vec::new(),
        (Level::Page, _) => page(kind, word),
        (Level::Segment, _) => segment(kind, word),
        _ => region(level, kind, word),
    }
}

fn reserved(flaws: &mut Flaws, bits: u64) {
    if bits != 0 {
        flaws.push((Flaw::ReservedBits, format!("bits {bits:#x} are set, which mean nothing here")));
    }
}

fn page(kind: RowKind, word: u64) -> Flaws {
    let mut flaws = Vec::new();
    reserved(&mut flaws, word & PAGE);
    if kind == RowKind::Unmapped && word & PROTECT != 0 {
        let message = "an invalid entry with the protection bit: Linux clears it when it unmaps";
        flaws.push((Flaw::ReservedBits, message.to_owned()));
    }
    flaws
}

fn segment(kind: RowKind, word: u64) -> Flaws {
    let entry = SegmentEntry::from_bits(word);
    let mut flaws = Vec::new();
    if kind == RowKind::Invalid {
        flaws.push(used_before(word));
        return flaws;
    }
    if entry.table_type() != Level::Segment.table_type() {
        flaws.push(wrong_type(Level::Segment, entry.table_type()));
    } else if !entry.is_frame() && entry.origin().get() == 0 {
        flaws.push(no_origin(word));
    }
    if word != 0 {
        reserved(&mut flaws, word & SEGMENT);
    }
    if entry.is_frame() && word & BELOW_1_MIB != 0 {
        flaws.push((
            Flaw::Unaligned,
            format!("the frame is used at {}; bits {:#x} do not count", entry.frame(), word & BELOW_1_MIB),
        ));
    }
    if entry.is_protected() && kind == RowKind::Table {
        flaws.push(protected());
    }
    flaws
}

fn region(level: Level, kind: RowKind, word: u64) -> Flaws {
    let entry = RegionEntry::from_bits(word);
    let mut flaws = Vec::new();
    if kind == RowKind::Invalid {
        flaws.push(used_before(word));
        return flaws;
    }
    if word == 0 {
        flaws.push(no_origin(word));
        return flaws;
    }
    if entry.table_type() != level.table_type() {
        flaws.push(wrong_type(level, entry.table_type()));
    } else if entry.origin().get() == 0 {
        flaws.push(no_origin(word));
    }
    if !entry.is_full_length() {
        let (tf, tl) = (entry.offset(), entry.length());
        let message =
            format!("{tf} leading quarters are absent and the length is {tl}; a full table has 0 and 3");
        flaws.push((Flaw::NotFullLength, message));
    }
    reserved(&mut flaws, word & REGION);
    if word & BELOW_16_KIB != 0 {
        let message =
            format!("the table is used at {}; bits {:#x} do not count", entry.origin(), word & BELOW_16_KIB);
        flaws.push((Flaw::Unaligned, message));
    }
    if entry.is_protected() && kind == RowKind::Table {
        flaws.push(protected());
    }
    flaws
}

fn used_before(word: u64) -> (Flaw, String) {
    let message = format!(
        "an invalid entry with bits {:#x}: Linux never invalidates one that it has used",
        word & !0x20
    );
    (Flaw::ReservedBits, message)
}

fn wrong_type(level: Level, tt: u8) -> (Flaw, String) {
    (Flaw::WrongType, format!("its type is {tt}, a {level} entry has {}", level.table_type()))
}

fn no_origin(word: u64) -> (Flaw, String) {
    let message = if word == 0 {
        "the entry is zero: no table was ever set up here"
    } else {
        "a valid entry leads to address 0"
    };
    (Flaw::NoOrigin, message.to_owned())
}

fn protected() -> (Flaw, String) {
    (Flaw::ProtectedAbove, "all that is below is read-only".to_owned())
}
