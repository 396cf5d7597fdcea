//! Table entries explained.

use super::fields::Fields;
use super::{Decoded, WordKind};
use crate::table::{Level, PageEntry, RegionEntry, SegmentEntry};

const PROTECTION: [&str; 2] = ["writes allowed", "read-only below"];
const VALIDITY: [&str; 2] = ["valid", "invalid"];
const INVALID_NEXT: &str = "Stops with error event 0x7: the entry is invalid.";
/// The walk's own checks of what would lead on: none of them is Linux's (*from QEMU*, *observed*).
const ZERO_NEXT: &str = "Stops with error event 0x7: the entry is zero.";
const NO_ORIGIN_NEXT: &str = "Stops with error event 0x9: there is no table at address 0.";

pub(super) fn region(level: Level, word: u64) -> Decoded {
    let entry = RegionEntry::from_bits(word);
    let child = level.child().unwrap_or(Level::Segment);
    // A fresh entry is 0x20 and nothing else; in it, TT and TL are 0.
    let fresh = entry == RegionEntry::INVALID;
    let (tt, tl, tf) = (entry.table_type(), entry.length(), entry.offset());
    let right_type = tt == level.table_type();

    let mut fields = Fields::of(word);
    if fresh {
        fields.field("origin", 14, "never set", true);
    } else {
        fields.address("origin", 14, &format!("{child} table"));
    }
    if level == Level::RegionThird {
        let meanings = ["leads to a table", "would map 2 GiB (assumed); ignored"];
        fields.unknown(11).bit("FC", meanings, [true, false]);
    } else {
        fields.unknown(10);
    }
    fields
        .bit("P", PROTECTION, [true, false])
        .unknown(8)
        .field("TF", 6, format!("{tf} leading quarters absent"), tf == 0)
        .bit("I", VALIDITY, [true, fresh])
        .unknown(4)
        .field("TT", 2, table_type(tt, level), right_type || fresh)
        .field("TL", 0, format!("{} of 4 quarters", tl + 1), tl == 3 || fresh);

    let next = if word == 0 {
        ZERO_NEXT.to_owned()
    } else if !entry.is_valid() {
        INVALID_NEXT.to_owned()
    } else if !entry.is_full_length() {
        "Stops with error event 0x8: the next table is not of full length (from QEMU).".to_owned()
    } else if !right_type {
        wrong_type(level, tt)
    } else if entry.origin().get() == 0 {
        NO_ORIGIN_NEXT.to_owned()
    } else {
        format!("Reads a {child}-table entry at {} + 8 × index.", entry.origin())
    };
    let meaning = if fresh {
        format!("{level} entry: invalid, never used")
    } else {
        let origin = entry.origin();
        let notes = [
            (!entry.is_valid(), "invalid"),
            (entry.is_protected(), "read-only"),
            (!right_type, "wrong type"),
            (!entry.is_full_length(), "not of full length"),
        ];
        format!("{level} entry: {child} table at {origin}{}", list(&notes))
    };
    fields.finish(WordKind::entry(level), meaning, next)
}

pub(super) fn segment(word: u64) -> Decoded {
    let entry = SegmentEntry::from_bits(word);
    let fresh = entry == SegmentEntry::INVALID;
    let tt = entry.table_type();

    let mut fields = Fields::of(word);
    if fresh {
        fields.field("origin", 11, "never set", true);
    } else if entry.is_frame() {
        fields.address("frame", 20, "1 MiB frame").unknown(11);
    } else {
        fields.address("origin", 11, "page table");
    }
    fields
        .bit("FC", ["leads to a page table", "maps 1 MiB itself"], [true, false])
        .bit("P", PROTECTION, [true, false])
        .unknown(6)
        .bit("I", VALIDITY, [true, fresh])
        .unknown(4)
        .field("TT", 2, table_type(tt, Level::Segment), tt == 0)
        .unknown(0);

    let next = if word == 0 {
        ZERO_NEXT.to_owned()
    } else if !entry.is_valid() {
        INVALID_NEXT.to_owned()
    } else if tt != 0 {
        wrong_type(Level::Segment, tt)
    } else if !entry.is_frame() && entry.origin().get() == 0 {
        NO_ORIGIN_NEXT.to_owned()
    } else if entry.is_frame() {
        format!("Done: the absolute address is {} plus the low 20 bits{}.", entry.frame(), reads(word))
    } else {
        format!("Reads a page-table entry at {} + 8 × index.", entry.origin())
    };
    let notes =
        [(!entry.is_valid(), "invalid"), (entry.is_protected(), "read-only"), (tt != 0, "wrong type")];
    let meaning = match (fresh, entry.is_frame()) {
        (true, _) => "segment entry: invalid, never used".to_owned(),
        (_, true) => format!("segment entry: 1 MiB frame {}{}", entry.frame(), list(&notes)),
        (_, false) => format!("segment entry: page table at {}{}", entry.origin(), list(&notes)),
    };
    fields.finish(WordKind::Segment, meaning, next)
}

pub(super) fn page(word: u64) -> Decoded {
    let entry = PageEntry::from_bits(word);
    let (frame, valid) = (entry.frame(), entry.is_valid());

    let mut fields = Fields::of(word);
    if entry == PageEntry::UNUSED {
        fields.field("frame", 12, "none yet, or 0x0", true);
    } else {
        fields.address("frame", 12, if valid { "page" } else { "once: page" });
    }
    fields
        .unknown(11)
        .bit("I", VALIDITY, [true; 2])
        // An unmap clears P, so an invalid entry that has it was not left by Linux.
        .bit("P", ["writes allowed", "read-only"], [true, valid])
        .unknown(0);

    let protection = if entry.is_protected() { ", read-only" } else { "" };
    let meaning = if valid {
        let access = if entry.is_protected() { "read-only" } else { "read and write" };
        format!("page entry: frame {frame}, {access}")
    } else if entry == PageEntry::UNUSED {
        "page entry: invalid, never used (or unmapped from 0x0)".to_owned()
    } else {
        format!("page entry: invalid, last mapped frame {frame}{protection}")
    };
    let next = if valid {
        format!("Done: the absolute address is {frame} plus the low 12 bits{}.", reads(word))
    } else {
        INVALID_NEXT.to_owned()
    };
    fields.finish(WordKind::Page, meaning, next)
}

fn table_type(tt: u8, level: Level) -> String {
    let name = ["segment", "region-third", "region-second", "region-first"][usize::from(tt)];
    if tt == level.table_type() {
        name.to_owned()
    } else {
        format!("{name}; a {level} entry needs {}", level.table_type())
    }
}

fn wrong_type(level: Level, tt: u8) -> String {
    format!("Stops with error event 0x9: the type is {tt}, a {level} entry has {}.", level.table_type())
}

/// What protection adds to the sentence about a finished walk.
fn reads(word: u64) -> &'static str {
    if PageEntry::from_bits(word).is_protected() { "; a write stops with error event 0x4" } else { "" }
}

fn list(notes: &[(bool, &str)]) -> String {
    notes.iter().filter(|(applies, _)| *applies).flat_map(|(_, note)| [", ", note]).collect()
}
