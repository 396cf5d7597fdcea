//! The anchor explained.

use super::fields::Fields;
use super::{Decoded, WordKind};
use crate::table::{Designation, FrameSize, Iota};

pub(super) fn decode(word: u64) -> Decoded {
    let iota = Iota::from_bits(word);
    let translated = iota.is_translated();
    let level = iota.root_level();
    let direct = translated && level.is_none();
    let target = match iota.designation() {
        Designation::Segment => "segment table",
        Designation::RegionThird => "region-third table",
        Designation::RegionSecond => "region-second table",
        Designation::RegionFirst => "region-first table",
        Designation::PageFrame => "page frame, no table",
        Designation::IoPageFrame => "I/O page frame, no table",
        Designation::Undefined => "not defined",
        Designation::IoPageTable => "page table",
    };
    let size = match iota.frame_size() {
        FrameSize::Page => "4 KiB",
        FrameSize::Segment => "1 MiB",
        FrameSize::Region => "2 GiB",
        FrameSize::Undefined => "not defined",
    };

    let mut fields = Fields::of(word);
    let dt = fields.value(4, 2);
    // Without T the word is the identity, and only if all of it is 0 is it one that Linux writes.
    let zero_unless_translated = |value: u64| translated || value == 0;
    let origin = iota.origin();
    if translated {
        fields.address("origin", 14, "root");
    } else {
        fields.field("origin", 14, "not used without T", origin.get() == 0);
    }
    fields
        .unknown(12)
        .bit("T", ["addresses are not translated", "addresses are translated"], [true; 2])
        .unknown(10)
        .bit("P", ["writes allowed", "read-only throughout"], [true, false]);
    let key = fields.value(8, 5);
    fields.field("key", 5, if key == 0 { "default storage key" } else { "storage key" }, key == 0);
    if translated {
        fields.field("DT", 2, format!("root is: {target}"), matches!(dt, 1..=3));
    } else {
        fields.field("DT", 2, "not used without T", zero_unless_translated(dt));
    }
    let fs = fields.value(1, 0);
    let frame = if direct { size } else { "not used without a direct frame" };
    fields.field("FS", 0, frame, fs == 0);

    let protection = if iota.is_protected() { ", read-only" } else { "" };
    let (meaning, next) = match (translated, level) {
        (false, _) => (
            "anchor: identity, no tables".to_owned(),
            "Uses no tables: the absolute address is the DMA address less the start of the DMA space."
                .to_owned(),
        ),
        (true, Some(level)) => (
            format!("anchor: {level} table at {origin}{protection}"),
            format!(
                "Reads a {level}-table entry at {origin} + 8 × index, if the address is at most {}.",
                level.last_iova()
            ),
        ),
        (true, None) => (
            format!("anchor: designation {dt} ({target}) at {origin}{protection}"),
            "Stops with error event 0x3: no walk from this designation is known (assumed).".to_owned(),
        ),
    };
    fields.finish(WordKind::Iota, meaning, next)
}
