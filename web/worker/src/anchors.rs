//! Anchors that a dump of nothing but tables may have: tables that none of the others leads to.

use std::collections::BTreeSet;

use s390_iommu::addr::Phys;
use s390_iommu::dump::{Format, MemoryImage, Source};
use s390_iommu::table::{Designation, Iota, Level};
use s390_iommu::tree::{RowKind, TableMemory};

/// Pieces of memory in which anchors are looked for.
const MOST: usize = 1 << 14;

/// Those of a file, by address. Only records are known to hold tables alone.
pub fn anchors<S: Source>(image: &MemoryImage<S>) -> Vec<u64> {
    if image.format() != Format::Records || image.segments().len() > MOST {
        return Vec::new();
    }
    let mut roots: Vec<(Phys, Level)> = Vec::new();
    let mut below = BTreeSet::new();
    for start in image.segments().iter().map(|segment| segment.start) {
        // Region and segment tables of Linux lie on multiples of their length.
        if !start.get().is_multiple_of(Level::Segment.bytes()) {
            continue;
        }
        let Some(level) = level(image, start) else { continue };
        for word in image.entries(level, start).into_iter().flatten() {
            if RowKind::of(level, word) == RowKind::Table {
                below.insert(word & !0xfff);
            }
        }
        roots.push((start, level));
    }
    roots.retain(|(start, _)| !below.contains(&start.get()));
    roots.into_iter().map(|(start, level)| Iota::table(start, Designation::of(level)).bits()).collect()
}

/// What region or segment table begins here: all of it is there, one entry leads on, and every other one is of its kind.
fn level<S: Source>(image: &MemoryImage<S>, start: Phys) -> Option<Level> {
    let fits = |level: &Level| {
        let words = image.entries(*level, start);
        let kinds =
            || words.iter().map(|word| word.map_or(RowKind::Absent, |word| RowKind::of(*level, word)));
        let of_tables = |kind| matches!(kind, RowKind::Invalid | RowKind::Table | RowKind::Frame);
        // An invalid entry of these has all its bits known, so that page tables are not taken for them.
        let plain = words.iter().flatten().all(|word| word & 0x20 == 0 || *word == 0x20);
        plain && kinds().all(of_tables) && kinds().any(|kind| kind == RowKind::Table)
    };
    Level::ALL.into_iter().filter(|level| *level != Level::Page).find(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_anchors_of_captures_are_found() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../engine/tests/dumps/");
        for (name, expected) in [
            ("mut-k72-steprot.ck03-blk", 0x2cf_c804),
            ("k72-multi.ck03-blk", 47_499_268),
            ("lab-k72-rf.ck04-live1", 47_400_972),
            ("mut-k612-rtetf.ck02-net", 43_763_716),
        ] {
            let packed = std::fs::read(format!("{folder}{name}.tab.gz")).unwrap();
            let content = crate::unpack::Content::of(packed).unpacked().unwrap();
            let image = MemoryImage::open(content, None).unwrap();
            assert!(anchors(&image).contains(&expected), "{name}: {:x?}", anchors(&image));
            assert!(anchors(&image).len() <= 4, "{name}: {:x?}", anchors(&image));
        }
    }
}
