//! A translation tree as people read it: table by table, with runs of like entries folded into one row.
//!
//! Any memory will do, see [`TableMemory`]: that of a running system, or what a dump has kept of it.

use std::fmt;
use std::rc::Rc;

use serde::Serialize;

use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::mem::Memory;
use crate::table::{Iota, Level, PageEntry, RegionEntry, SegmentEntry};

/// Memory in which tables lie, or as much of it as there is.
pub trait TableMemory {
    /// The doubleword at an address, a multiple of eight; `None` where there is no memory.
    fn word(&self, at: Phys) -> Option<u64>;

    /// All entries of a table. Whoever gets at many words more cheaply than at one by one does it here.
    fn entries(&self, level: Level, origin: Phys) -> Vec<Option<u64>> {
        (0..level.entries() as u64).map(|index| self.word(origin.wrapping_add(index * 8))).collect()
    }
}

impl<M: TableMemory + ?Sized> TableMemory for &M {
    fn word(&self, at: Phys) -> Option<u64> {
        (**self).word(at)
    }

    fn entries(&self, level: Level, origin: Phys) -> Vec<Option<u64>> {
        (**self).entries(level, origin)
    }
}

impl<M: TableMemory + ?Sized> TableMemory for Rc<M> {
    fn word(&self, at: Phys) -> Option<u64> {
        (**self).word(at)
    }

    fn entries(&self, level: Level, origin: Phys) -> Vec<Option<u64>> {
        (**self).entries(level, origin)
    }
}

impl TableMemory for Memory {
    fn word(&self, at: Phys) -> Option<u64> {
        Some(self.read(at))
    }
}

/// A table and everything below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The kind of table.
    pub level: Level,
    /// Where it is.
    pub origin: Phys,
    /// Something above it forbids writing: whatever is below is read-only.
    pub protected: bool,
    /// Its entries, folded.
    pub rows: Vec<Row>,
    /// Rows of this table that were left out because of the caller's limit.
    pub omitted: u64,
}

/// Consecutive entries that say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Index of the first.
    pub index: usize,
    /// How many.
    pub count: usize,
    /// Address of the first entry in memory.
    pub at: Phys,
    /// The first entry.
    pub word: u64,
    /// First address that they translate.
    pub iova: u64,
    /// What they say.
    pub kind: RowKind,
    /// The table that the entry leads to.
    pub child: Option<Tree>,
}

/// What entries say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKind {
    /// Never used.
    Invalid,
    /// Invalid again: the old frame is still there.
    Unmapped,
    /// Leads to another table.
    Table,
    /// Pages that may be read and written.
    Page,
    /// Pages that may only be read.
    Readonly,
    /// A frame of a mebibyte.
    Frame,
    /// Valid, but of another level's type or length, or without an origin: the machine stops here.
    Malformed,
    /// Not in this memory.
    Absent,
}

impl RowKind {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unmapped => "unmapped",
            Self::Table => "table",
            Self::Page => "rw",
            Self::Readonly => "read-only",
            Self::Frame => "1 MiB frame",
            Self::Malformed => "malformed",
            Self::Absent => "not in this memory",
        }
    }

    /// What an entry of a table of this kind says.
    pub fn of(level: Level, word: u64) -> Self {
        let fresh = word == level.invalid_entry();
        match level {
            Level::Page => match PageEntry::from_bits(word) {
                entry if !entry.is_valid() => {
                    if fresh {
                        Self::Invalid
                    } else {
                        Self::Unmapped
                    }
                }
                entry if entry.is_protected() => Self::Readonly,
                _ => Self::Page,
            },
            Level::Segment => match SegmentEntry::from_bits(word) {
                entry if !entry.is_valid() => Self::Invalid,
                entry if entry.table_type() != level.table_type() => Self::Malformed,
                entry if entry.is_frame() => Self::Frame,
                entry if entry.origin().get() == 0 => Self::Malformed,
                _ => Self::Table,
            },
            _ => match RegionEntry::from_bits(word) {
                entry if !entry.is_valid() => Self::Invalid,
                entry if entry.leads_on(level) && entry.origin().get() != 0 => Self::Table,
                _ => Self::Malformed,
            },
        }
    }
}

impl Row {
    /// The table that its first entry leads to, and whether the entry forbids writing there.
    pub(crate) fn below(&self, level: Level) -> Option<(Level, Phys, bool)> {
        let child = level.child().filter(|_| self.kind == RowKind::Table)?;
        Some(if level == Level::Segment {
            let entry = SegmentEntry::from_bits(self.word);
            (child, entry.origin(), entry.is_protected())
        } else {
            let entry = RegionEntry::from_bits(self.word);
            (child, entry.origin(), entry.is_protected())
        })
    }

    /// What it translates, in a table of this kind below something that may forbid writing.
    pub(crate) fn mapping(&self, level: Level, protected: bool) -> Option<Mapping> {
        let (phys, read_only) = match self.kind {
            RowKind::Page | RowKind::Readonly => {
                let entry = PageEntry::from_bits(self.word);
                (entry.frame(), entry.is_protected())
            }
            RowKind::Frame => {
                let entry = SegmentEntry::from_bits(self.word);
                (entry.frame(), entry.is_protected())
            }
            _ => return None,
        };
        let (frame_len, count) = (level.covers(), self.count as u64);
        Some(Mapping {
            iova: Iova::new(self.iova),
            phys,
            writable: !(protected || read_only),
            frame_len,
            count,
        })
    }
}

/// Consecutive addresses that lead to consecutive frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Mapping {
    /// The first address.
    pub iova: Iova,
    /// The frame it leads to.
    pub phys: Phys,
    /// Nothing on the way forbids writing.
    pub writable: bool,
    /// Bytes of one frame: 4 KiB, or 1 MiB.
    pub frame_len: u64,
    /// How many frames.
    pub count: u64,
}

impl Tree {
    /// Reads the tree below a table; at most `rows` rows in all, those of upper levels first.
    pub fn read(memory: &impl TableMemory, level: Level, origin: Phys, rows: usize) -> Self {
        let mut left = rows;
        read(memory, level, origin, 0, false, &mut left)
    }

    /// Reads the tree below an anchor, as [`Self::read`]; `None` if the anchor designates no table.
    pub fn below(memory: &impl TableMemory, iota: Iota, rows: usize) -> Option<Self> {
        let mut left = rows;
        let level = iota.root_level()?;
        Some(read(memory, level, iota.origin(), 0, iota.is_protected(), &mut left))
    }

    /// All that it translates, in order of address. Complete if nothing was left out, see [`Self::left_out`].
    pub fn mappings(&self) -> Vec<Mapping> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect(&self, found: &mut Vec<Mapping>) {
        for row in &self.rows {
            found.extend(row.mapping(self.level, self.protected));
            if let Some(child) = &row.child {
                child.collect(found);
            }
        }
    }

    /// Rows that were left out because of the limit, here and below.
    pub fn left_out(&self) -> u64 {
        let below = self.rows.iter().filter_map(|row| row.child.as_ref()).map(Self::left_out);
        self.omitted + below.sum::<u64>()
    }

    /// One line per row, indented by level.
    ///
    /// ```
    /// use s390_iommu::{addr::Phys, mem::Memory, table::Level, tree::Tree};
    /// let mut memory = Memory::new();
    /// let table = Phys::new(0x8a01_0800);
    /// memory.fill(table, 0x800, 0x400);
    /// memory.write(Phys::new(0x8a01_0ab0), 0x7fee_d000);
    /// assert_eq!(Tree::read(&memory, Level::Page, table, 100).lines(), [
    ///     "page table 0x8a010800",
    ///     "  0x00..0x55 invalid",
    ///     "  0x56 0x7feed000 rw 0x56000 -> 0x7feed000",
    ///     "  0x57..0xff invalid",
    /// ]);
    /// ```
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.print(0, &mut lines);
        lines
    }

    fn print(&self, depth: usize, lines: &mut Vec<String>) {
        let indent = "  ".repeat(depth);
        lines.push(format!("{indent}{} table {}", self.level.name(), self.origin));
        let width = if self.level == Level::Page { 4 } else { 5 };
        for row in &self.rows {
            let first = format!("{:#0width$x}", row.index);
            let range = match row.count {
                1 => first,
                count => format!("{first}..{:#0width$x}", row.index + count - 1),
            };
            let text = match row.kind {
                RowKind::Invalid | RowKind::Absent => row.kind.text().to_owned(),
                RowKind::Malformed => format!("{:#x} malformed", row.word),
                RowKind::Table => {
                    let protected = row.below(self.level).is_some_and(|(.., protected)| protected);
                    format!("{:#x} table{}", row.word, if protected { ", read-only below" } else { "" })
                }
                kind => {
                    let pages = if row.count > 1 { format!(" x{}", row.count) } else { String::new() };
                    let frame = match kind {
                        RowKind::Frame => SegmentEntry::from_bits(row.word).frame(),
                        _ => PageEntry::from_bits(row.word).frame(),
                    };
                    let from_above = self.protected && matches!(kind, RowKind::Page | RowKind::Frame);
                    let rights = if from_above { "read-only from above" } else { kind.text() };
                    format!("{:#x} {rights} {:#x} -> {frame}{pages}", row.word, row.iova)
                }
            };
            lines.push(format!("{indent}  {range} {text}"));
            if let Some(child) = &row.child {
                child.print(depth + 2, lines);
            }
        }
        if self.omitted > 0 {
            lines.push(format!("{indent}  … {} more", self.omitted));
        }
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn read(
    memory: &impl TableMemory,
    level: Level,
    origin: Phys,
    iova: u64,
    protected: bool,
    left: &mut usize,
) -> Tree {
    let mut rows = rows(memory, level, origin, iova);
    // Folded first, cut afterwards: a row that is left out must not let its neighbours grow together.
    let kept = rows.len().min(*left);
    *left -= kept;
    let omitted = (rows.len() - kept) as u64;
    rows.truncate(kept);
    for row in &mut rows {
        if let Some((below, origin, read_only)) = row.below(level) {
            row.child = Some(read(memory, below, origin, row.iova, protected || read_only, left));
        }
    }
    Tree { level, origin, protected, rows, omitted }
}

/// The entries of one table, folded; `iova` is the first address that the table translates.
pub(crate) fn rows(memory: &impl TableMemory, level: Level, origin: Phys, iova: u64) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (index, word) in memory.entries(level, origin).into_iter().enumerate() {
        let (kind, word) = match word {
            Some(word) => (RowKind::of(level, word), word),
            None => (RowKind::Absent, 0),
        };
        if let Some(last) = rows.last_mut()
            && continues(last, kind, word)
        {
            last.count += 1;
            continue;
        }
        let at = origin.wrapping_add(index as u64 * 8);
        let iova = iova.wrapping_add((index as u64) << level.shift());
        rows.push(Row { index, count: 1, at, word, iova, kind, child: None });
    }
    rows
}

/// Whether the next entry says the same as a row: invalid, or the next frame with the same rights.
fn continues(row: &Row, kind: RowKind, word: u64) -> bool {
    let next = || row.word.wrapping_add(row.count as u64 * PAGE_SIZE);
    match kind {
        _ if kind != row.kind => false,
        RowKind::Invalid | RowKind::Absent => word == row.word,
        RowKind::Page | RowKind::Readonly | RowKind::Unmapped => word == next(),
        RowKind::Table | RowKind::Frame | RowKind::Malformed => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_leads_to_itself_ends() {
        let mut memory = Memory::new();
        memory.fill(Phys::new(0x4000), 0x4000, 0x4007);
        let tree = Tree::read(&memory, Level::RegionThird, Phys::new(0x4000), 50);
        assert!(tree.lines().len() < 5000);
        assert!(tree.left_out() > 2000);
    }

    #[test]
    fn an_entry_of_zeros_leads_nowhere() {
        for level in [Level::RegionFirst, Level::RegionThird, Level::Segment] {
            assert_eq!(RowKind::of(level, 0), RowKind::Malformed, "{level}");
            assert_eq!(RowKind::of(level, u64::from(level.table_type()) << 2 | 3), RowKind::Malformed);
        }
        assert_eq!(RowKind::of(Level::Page, 0), RowKind::Page, "address 0 is a page like any other");
    }

    #[test]
    fn protection_above_shows_in_every_row_below() {
        let mut memory = Memory::new();
        let (segments, pages) = (Phys::new(0x8000), Phys::new(0xc000));
        memory.fill(segments, 0x4000, 0x20);
        memory.fill(pages, 0x800, 0x400);
        memory.write(segments, pages.get() | 0x200);
        memory.write(segments.wrapping_add(8), 0x7fe0_0400);
        memory.write(pages, 0x5000);
        let tree = Tree::below(&memory, Iota::from_bits(0x8800), 100).unwrap();
        let lines = tree.lines();
        assert_eq!(lines[1].trim(), "0x000 0xc200 table, read-only below");
        assert_eq!(lines[3].trim(), "0x00 0x5000 read-only from above 0x0 -> 0x5000");
        assert_eq!(lines[5].trim(), "0x001 0x7fe00400 1 MiB frame 0x100000 -> 0x7fe00000");
        let writable: Vec<_> =
            tree.mappings().iter().map(|found| (found.frame_len, found.writable)).collect();
        assert_eq!(writable, [(0x1000, false), (0x10_0000, true)]);
        assert_eq!(Tree::below(&memory, Iota::IDENTITY, 100), None);
    }
}
