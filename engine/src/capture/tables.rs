//! Table memory of a checkpoint: its bytes, and all that the tables in it say.

use std::collections::BTreeMap;

use super::model::{Problem, Stats};
use crate::addr::{Iova, Phys};
use crate::mem::Memory;
use crate::table::{Iota, Level, PageEntry, RegionEntry, SegmentEntry};

/// Bytes of table memory in a record, after eight of its address.
pub(super) const BLOCK: usize = 2048;
/// Tables read in one enumeration: a limit for tables that lead into themselves.
const MOST_TABLES: u64 = 1 << 14;
/// Frames of 4 KiB that table memory may fill: a limit for logs that are none.
const MOST_FRAMES: u64 = 1 << 15;

/// Table memory from its records.
pub(super) fn load(records: &[u8]) -> Result<Memory, Problem> {
    let mut memory = Memory::new();
    if records.len() as u64 / (8 + BLOCK as u64) > MOST_FRAMES {
        return Err(Problem::new(0, "C007", format!("more than {MOST_FRAMES} records of table memory")));
    }
    let whole = records.chunks_exact(8 + BLOCK);
    let rest = whole.remainder().len();
    if rest != 0 {
        let at = records.len() - rest;
        return Err(Problem::new(0, "C002", format!("table memory ends within the record at byte {at}")));
    }
    for record in whole {
        let (address, block) = record.split_at(8);
        let at = Phys::new(doubleword(address));
        for (offset, word) in (0..).step_by(8).zip(block.chunks_exact(8)) {
            memory.write(at.wrapping_add(offset), doubleword(word));
        }
    }
    Ok(memory)
}

/// Table memory that grows with what a log tells about it stays within bounds.
pub(super) fn bounded(memory: &Memory, line: u64) -> Result<(), Problem> {
    if memory.frames() <= 2 * MOST_FRAMES {
        return Ok(());
    }
    Err(Problem::new(line, "C007", format!("tables in more than {} frames of memory", 2 * MOST_FRAMES)))
}

/// Addresses of the records.
pub(super) fn blocks(records: &[u8]) -> impl Iterator<Item = u64> {
    records.chunks_exact(8 + BLOCK).map(doubleword)
}

fn doubleword(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// A translation: iova, pa, protected, frame length.
pub(super) type Leaf = (u64, u64, u8, u64);

/// Everything that the tables at an anchor translate.
pub(super) struct Tables {
    /// By address.
    pub(super) leaves: Vec<Leaf>,
    /// What the tables are made of; `None` if an entry is malformed.
    pub(super) stats: Option<Stats>,
}

/// Reads all tables below an anchor; `None` if there are too many.
pub(super) fn enumerate(memory: &Memory, iota: Iota) -> Option<Tables> {
    let (leaves, stats) = (Vec::new(), Stats::default());
    let kinds = BTreeMap::new();
    let mut all = Enumeration { memory, leaves, stats, kinds, malformed: false, left: MOST_TABLES };
    let root = iota.root_level()?;
    all.table(root, iota.origin(), 0, iota.is_protected())?;
    let kinds = all.kinds.into_iter();
    all.stats.hist =
        kinds.map(|((name, found, flags), n)| (format!("{name}-{found}:{flags:#x}"), n)).collect();
    Some(Tables { leaves: all.leaves, stats: Some(all.stats).filter(|_| !all.malformed) })
}

struct Enumeration<'a> {
    memory: &'a Memory,
    leaves: Vec<Leaf>,
    stats: Stats,
    /// How many entries of each kind.
    kinds: BTreeMap<(&'static str, &'static str, u64), u64>,
    malformed: bool,
    left: u64,
}

impl Enumeration<'_> {
    fn table(&mut self, level: Level, origin: Phys, base: u64, protected: bool) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        for index in 0..level.entries() as u64 {
            let word = self.memory.read(origin.wrapping_add(index * 8));
            let iova = base + (index << level.shift());
            self.entry(level, word, iova, protected)?;
        }
        Some(())
    }

    fn entry(&mut self, level: Level, word: u64, iova: u64, protected: bool) -> Option<()> {
        let (name, flags) = match level {
            Level::RegionFirst => ("rfe", word & 0x3fff),
            Level::RegionSecond => ("rse", word & 0x3fff),
            Level::RegionThird => ("rte", word & 0x3fff),
            Level::Segment => ("ste", word & 0x7ff),
            Level::Page => ("pte", word & 0xfff),
        };
        let (found, below) = match level {
            Level::Page => {
                let entry = PageEntry::from_bits(word);
                self.malformed |= entry.is_valid() && entry.frame().get() == 0;
                match (entry.is_valid(), entry == PageEntry::UNUSED) {
                    (true, _) => {
                        self.leaf(level, entry.frame(), iova, protected || entry.is_protected());
                        ("flags", None)
                    }
                    (false, true) => ("inv-fresh", None),
                    (false, false) => ("inv-residue-flags", None),
                }
            }
            Level::Segment => {
                let entry = SegmentEntry::from_bits(word);
                let protected = protected || entry.is_protected();
                if entry.leads_on() && entry.is_frame() {
                    self.leaf(level, entry.frame(), iova, protected);
                }
                self.malformed |= word == 0 || entry.is_valid() != entry.leads_on();
                let below = (entry.leads_on() && !entry.is_frame()).then(|| (entry.origin(), protected));
                (if entry.is_valid() { "flags" } else { "inv" }, below)
            }
            _ => {
                let entry = RegionEntry::from_bits(word);
                let protected = protected || entry.is_protected();
                self.malformed |= word == 0 || entry.is_valid() != entry.leads_on(level);
                let below = entry.leads_on(level).then(|| (entry.origin(), protected));
                (if entry.is_valid() { "flags" } else { "inv" }, below)
            }
        };
        *self.kinds.entry((name, found, flags)).or_default() += 1;
        if let (Some((origin, protected)), Some(child)) = (below, level.child()) {
            match child {
                Level::RegionSecond => self.stats.rs += 1,
                Level::RegionThird => self.stats.rt += 1,
                Level::Segment => self.stats.st += 1,
                _ => self.stats.pt += 1,
            }
            self.table(child, origin, iova, protected)?;
        }
        Some(())
    }

    fn leaf(&mut self, level: Level, frame: Phys, iova: u64, protected: bool) {
        self.leaves.push((iova, frame.get(), u8::from(protected), level.covers()));
    }
}

/// The page of an address as the tables have it, with protection.
pub(super) fn page_of(leaves: &[Leaf], iova: Iova) -> Option<(u64, bool)> {
    let place = leaves.partition_point(|leaf| leaf.0 <= iova.get()).checked_sub(1)?;
    let (start, pa, protected, len) = leaves[place];
    let offset = iova.get() - start;
    (offset < len).then_some((pa + offset, protected == 0))
}
