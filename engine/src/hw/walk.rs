//! The walk of translation tables, without memory: it asks for an entry, is handed the word, and asks on.
//!
//! What is architecture, what Linux never exercises and what is *assumed* follows the published constants of Linux and
//! the checks of QEMU's walker, in this order for each entry: all zero or invalid, length and offset, table type and an
//! origin of zero, protection (*observed*: walks of random tables).

use serde::Serialize;

use super::fault::FaultKind;
use crate::addr::{Iova, Phys};
use crate::table::{Iota, Level, PageEntry, RegionEntry, SegmentEntry};

/// What a device wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Read memory.
    #[default]
    Read,
    /// Write memory.
    Write,
}

/// Where an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Translation {
    /// The byte's absolute address.
    pub phys: Phys,
    /// Nothing on the way forbids writing.
    pub writable: bool,
    /// Bytes of the frame it lies in: 4 KiB, or 1 MiB for a segment frame.
    pub frame_len: u64,
}

/// What a walk says next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It needs the doubleword at this address: hand it to [`Walk::feed`].
    Fetch(Phys),
    /// It is done.
    Done(Translation),
    /// It failed.
    Fault(FaultKind),
}

/// A walk in progress.
///
/// ```
/// use s390_iommu::addr::{Iova, Phys};
/// use s390_iommu::hw::walk::{Access, Next, Walk};
/// use s390_iommu::table::Iota;
///
/// let (mut walk, next) = Walk::start(Iota::from_bits(0x8a00_4804), Iova::new(0x1_2345_6789), Access::Read);
/// assert_eq!(next, Next::Fetch(Phys::new(0x8a00_4010)));
/// assert_eq!(walk.feed(0x8a00_8007), Next::Fetch(Phys::new(0x8a00_91a0)));
/// assert_eq!(walk.feed(0x8a01_0800), Next::Fetch(Phys::new(0x8a01_0ab0)));
/// let Next::Done(found) = walk.feed(0x7fee_d000) else { panic!() };
/// assert_eq!(found.phys, Phys::new(0x7fee_d789));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    level: Level,
    iova: Iova,
    access: Access,
    writable: bool,
}

impl Walk {
    /// Begins at the table that the anchor designates. Addresses without translation are not for this walker: an
    /// anchor without the translation bit is a fault.
    #[inline]
    pub fn start(iota: Iota, iova: Iova, access: Access) -> (Self, Next) {
        let level = iota.root_level().filter(|_| iota.is_translated());
        let walk = Self { level: level.unwrap_or(Level::Page), iova, access, writable: !iota.is_protected() };
        let next = match level {
            None => Next::Fault(FaultKind::TranslationFormat),
            // Bits above what the root covers would only be masked away (*assumed*: no table can answer for them).
            Some(root) if iova > root.last_iova() => Next::Fault(FaultKind::OutOfRange),
            Some(root) => Next::Fetch(root.entry_address(iota.origin(), iova)),
        };
        (walk, next)
    }

    /// The kind of table whose entry is asked for.
    pub const fn level(&self) -> Level {
        self.level
    }

    /// Goes on with the entry that was asked for.
    #[inline]
    pub fn feed(&mut self, word: u64) -> Next {
        match self.level {
            Level::Page => self.page(PageEntry::from_bits(word)),
            Level::Segment => self.segment(SegmentEntry::from_bits(word)),
            _ => self.region(RegionEntry::from_bits(word)),
        }
    }

    #[inline]
    fn region(&mut self, entry: RegionEntry) -> Next {
        if entry.bits() == 0 || !entry.is_valid() {
            return Next::Fault(FaultKind::InvalidEntry);
        }
        // A shorter table could be legal, as for the CPU's own tables; like QEMU this model refuses any (*from QEMU*).
        if !entry.is_full_length() {
            return Next::Fault(FaultKind::TableLength);
        }
        if entry.table_type() != self.level.table_type() || entry.origin().get() == 0 {
            return Next::Fault(FaultKind::TableType);
        }
        self.writable &= !entry.is_protected();
        self.down(entry.origin())
    }

    #[inline]
    fn segment(&mut self, entry: SegmentEntry) -> Next {
        if entry.bits() == 0 || !entry.is_valid() {
            return Next::Fault(FaultKind::InvalidEntry);
        }
        if entry.table_type() != Level::Segment.table_type() {
            return Next::Fault(FaultKind::TableType);
        }
        self.writable &= !entry.is_protected();
        if entry.is_frame() {
            return self.arrive(entry.frame(), Level::Segment);
        }
        if entry.origin().get() == 0 {
            return Next::Fault(FaultKind::TableType);
        }
        self.down(entry.origin())
    }

    #[inline]
    fn page(&mut self, entry: PageEntry) -> Next {
        if !entry.is_valid() {
            return Next::Fault(FaultKind::InvalidEntry);
        }
        self.writable &= !entry.is_protected();
        self.arrive(entry.frame(), Level::Page)
    }

    #[inline]
    fn down(&mut self, table: Phys) -> Next {
        self.level = self.level.child().unwrap_or(Level::Page);
        Next::Fetch(self.level.entry_address(table, self.iova))
    }

    /// Protection adds up over all levels and is decided here, at the end.
    #[inline]
    fn arrive(&self, frame: Phys, level: Level) -> Next {
        if self.access == Access::Write && !self.writable {
            return Next::Fault(FaultKind::Protection);
        }
        let frame_len = 1 << level.shift();
        let phys = frame.wrapping_add(self.iova.get() & (frame_len - 1));
        Next::Done(Translation { phys, writable: self.writable, frame_len })
    }
}

/// Walks to the end; `read` gives the doubleword at an address.
///
/// # Errors
/// The kind of fault the walk ends with.
#[inline]
pub fn translate(
    iota: Iota,
    iova: Iova,
    access: Access,
    read: impl Fn(Phys) -> u64,
) -> Result<Translation, FaultKind> {
    match arrive_at_once(iota, iova, &read) {
        Some(found) if found.writable || access == Access::Read => Ok(found),
        _ => step_by_step(iota, iova, access, &read),
    }
}

/// The way of nearly all walks: down the tables to a frame, without looking for anybody to blame. `None` for
/// whatever is out of the ordinary.
#[inline]
fn arrive_at_once(anchor: Iota, iova: Iova, fetch: impl Fn(Phys) -> u64) -> Option<Translation> {
    let mut level = anchor.root_level().filter(|level| iova <= level.last_iova())?;
    let mut origin = anchor.origin();
    let mut read_only = anchor.is_protected();
    let found = |frame: Phys, level: Level, read_only: bool| {
        let frame_len = level.covers();
        let phys = Phys::new(frame.get() | iova.get() & (frame_len - 1));
        Some(Translation { phys, writable: !read_only, frame_len })
    };
    while level.is_region() {
        let entry = RegionEntry::from_bits(fetch(level.entry_address(origin, iova)));
        level = level.child().filter(|_| entry.leads_on(level) && entry.origin().get() != 0)?;
        origin = entry.origin();
        read_only |= entry.is_protected();
    }
    let entry = SegmentEntry::from_bits(fetch(Level::Segment.entry_address(origin, iova)));
    read_only |= entry.is_protected();
    if !entry.leads_on() {
        return None;
    }
    if entry.is_frame() {
        return found(entry.frame(), Level::Segment, read_only);
    }
    if entry.origin().get() == 0 {
        return None;
    }
    let entry = PageEntry::from_bits(fetch(Level::Page.entry_address(entry.origin(), iova)));
    read_only |= entry.is_protected();
    if entry.is_valid() { found(entry.frame(), Level::Page, read_only) } else { None }
}

#[cold]
fn step_by_step(
    anchor: Iota,
    iova: Iova,
    access: Access,
    read: impl Fn(Phys) -> u64,
) -> Result<Translation, FaultKind> {
    let (mut walk, mut next) = Walk::start(anchor, iova, access);
    loop {
        match next {
            Next::Fetch(at) => next = walk.feed(read(at)),
            Next::Done(translation) => return Ok(translation),
            Next::Fault(kind) => return Err(kind),
        }
    }
}

/// One entry on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WalkStep {
    /// The kind of table.
    pub level: Level,
    /// Index in it.
    pub index: usize,
    /// Address of the entry.
    pub at: Phys,
    /// The entry.
    pub word: u64,
}

/// A walk with every entry it read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WalkPath {
    /// The entries, from the root down.
    pub steps: Vec<WalkStep>,
    /// Where it led, if anywhere.
    pub translation: Option<Translation>,
    /// Why not.
    pub fault: Option<FaultKind>,
}

/// Walks as [`translate`] does and keeps the way.
pub fn trace_walk(iota: Iota, iova: Iova, access: Access, read: impl Fn(Phys) -> u64) -> WalkPath {
    let (mut walk, mut next) = Walk::start(iota, iova, access);
    let mut steps = Vec::new();
    loop {
        match next {
            Next::Fetch(at) => {
                let (level, word) = (walk.level(), read(at));
                steps.push(WalkStep { level, index: level.index(iova), at, word });
                next = walk.feed(word);
            }
            Next::Done(translation) => {
                return WalkPath { steps, translation: Some(translation), fault: None };
            }
            Next::Fault(kind) => return WalkPath { steps, translation: None, fault: Some(kind) },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::table::Designation;

    /// Walks over the given entries; anything else reads as an invalid entry of every kind.
    fn walk(
        iota: u64,
        iova: u64,
        access: Access,
        entries: &[(u64, u64)],
    ) -> Result<(u64, bool, u64), FaultKind> {
        let memory: BTreeMap<u64, u64> = entries.iter().copied().collect();
        let read = |at: Phys| memory.get(&at.get()).copied().unwrap_or(0x420);
        let (iota, iova) = (Iota::from_bits(iota), Iova::new(iova));
        let plain = translate(iota, iova, access, read);
        let path = trace_walk(iota, iova, access, read);
        assert_eq!(plain.ok(), path.translation);
        assert_eq!(plain.err(), path.fault);
        plain.map(|found| (found.phys.get(), found.writable, found.frame_len))
    }

    const THREE: [(u64, u64); 3] =
        [(0x8a00_4010, 0x8a00_8007), (0x8a00_91a0, 0x8a01_0800), (0x8a01_0ab0, 0x7fee_d000)];

    fn three_with(at: u64, word: u64) -> Vec<(u64, u64)> {
        THREE.iter().map(|(address, old)| (*address, if *address == at { word } else { *old })).collect()
    }

    #[test]
    fn every_designation_reaches_its_page() {
        assert_eq!(walk(0x8a00_4804, 0x1_2345_6789, Access::Write, &THREE), Ok((0x7fee_d789, true, 0x1000)));
        let four = [
            (0x9000_1860, 0x9000_400b),
            (0x9000_6108, 0x9000_8007),
            (0x9000_83b0, 0x9001_0000),
            (0x9001_02a0, 0x1_2345_6000),
        ];
        assert_eq!(
            walk(0x9000_0808, 0xc_3210_8765_4abc, Access::Read, &four),
            Ok((0x1_2345_6abc, true, 0x1000))
        );
        let five = [
            (0xa000_3fb0, 0xa000_400f),
            (0xa000_7970, 0xa000_800b),
            (0xa000_a980, 0xa000_c007),
            (0xa000_fb28, 0xa001_0800),
            (0xa001_0a18, 0x3f_ffff_f000),
        ];
        assert_eq!(
            walk(0xa000_080c, 0xfedc_ba98_7654_3210, Access::Read, &five),
            Ok((0x3f_ffff_f210, true, 0x1000))
        );
        let two = [(0x8a00_bff8, 0x8a01_0800), (0x8a01_0ff8, 0x7fee_d000)];
        assert_eq!(walk(0x8a00_8800, 0x7fff_ffff, Access::Read, &two), Ok((0x7fee_dfff, true, 0x1000)));
    }

    #[test]
    fn a_segment_frame_is_a_mebibyte() {
        let frame = three_with(0x8a00_91a0, 0x7fe0_0400);
        assert_eq!(
            walk(0x8a00_4804, 0x1_2345_6789, Access::Write, &frame),
            Ok((0x7fe5_6789, true, 0x10_0000))
        );
        let protected = three_with(0x8a00_91a0, 0x7fe0_0600);
        assert_eq!(walk(0x8a00_4804, 0x1_2345_6789, Access::Write, &protected), Err(FaultKind::Protection));
    }

    #[test]
    fn protection_at_any_level_stops_writes_only() {
        for (at, word) in THREE {
            let entries = three_with(at, word | 0x200);
            assert_eq!(walk(0x8a00_4804, 0x1_2345_6789, Access::Write, &entries), Err(FaultKind::Protection));
            assert_eq!(
                walk(0x8a00_4804, 0x1_2345_6789, Access::Read, &entries),
                Ok((0x7fee_d789, false, 0x1000))
            );
        }
        assert_eq!(walk(0x8a00_4a04, 0x1_2345_6789, Access::Write, &THREE), Err(FaultKind::Protection));
    }

    #[test]
    fn malformed_entries_are_told_apart() {
        let cases = [
            (0x8a00_4010, 0x20, FaultKind::InvalidEntry),
            (0x8a00_4010, 0x8a00_8004, FaultKind::TableLength),
            (0x8a00_4010, 0x8a00_8047, FaultKind::TableLength),
            (0x8a00_4010, 0x8a00_800b, FaultKind::TableType),
            (0x8a00_91a0, 0x20, FaultKind::InvalidEntry),
            (0x8a00_91a0, 0x8a01_0804, FaultKind::TableType),
            (0x8a01_0ab0, 0x7fee_d400, FaultKind::InvalidEntry),
        ];
        for (at, word, kind) in cases {
            let entries = three_with(at, word);
            assert_eq!(
                walk(0x8a00_4804, 0x1_2345_6789, Access::Read, &entries),
                Err(kind),
                "{at:#x} = {word:#x}"
            );
        }
    }

    #[test]
    fn what_the_root_does_not_cover_is_out_of_range() {
        assert_eq!(walk(0x8a00_4804, 1 << 42, Access::Read, &THREE), Err(FaultKind::OutOfRange));
        assert_eq!(walk(0x8a00_8800, 1 << 31, Access::Read, &THREE), Err(FaultKind::OutOfRange));
        assert_eq!(walk(0, 0, Access::Read, &THREE), Err(FaultKind::TranslationFormat));
        assert_eq!(walk(0x8a00_4812, 0, Access::Read, &THREE), Err(FaultKind::TranslationFormat));
    }

    /// What a decoded word says about the next step is what the walk does.
    #[test]
    fn the_explanation_of_a_word_is_what_the_walk_does() {
        use crate::table::{WordKind, decode};
        let iova = Iova::new(0x1_2345_6789);
        let roots = [
            Designation::RegionFirst,
            Designation::RegionSecond,
            Designation::RegionThird,
            Designation::Segment,
        ];
        let low = |word: u64| (0..0x4000).step_by(0x3).map(move |bits| word | bits);
        for root in roots.map(|designation| Iota::table(Phys::new(0x8a00_4000), designation)) {
            let iova = Iova::new(iova.get() & root.root_level().unwrap().last_iova().get());
            for word in low(0).chain(low(0x7fe0_0000)) {
                let (mut walk, _) = Walk::start(root, iova, Access::Read);
                let kind = WordKind::entry(walk.level());
                let next = decode(kind, word).next;
                let agrees = match walk.feed(word) {
                    Next::Fault(fault) => {
                        next.starts_with(&format!("Stops with error event {:#x}:", fault.code()))
                    }
                    Next::Fetch(at) => {
                        let origin = Phys::new(at.get() - 8 * walk.level().index(iova) as u64);
                        next.starts_with(&format!("Reads a {}-table entry at {origin} +", walk.level()))
                    }
                    Next::Done(found) => {
                        let frame = Phys::new(found.phys.get() & !(found.frame_len - 1));
                        next.starts_with(&format!("Done: the absolute address is {frame} plus"))
                            && next.contains("a write stops") != found.writable
                    }
                };
                assert!(agrees, "{kind} {word:#x}: {next:?}");
            }
        }
    }
}
