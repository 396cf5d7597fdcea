//! A translation tree as people read it: table by table, with runs of like entries folded into one row.

use std::fmt;

use serde::Serialize;

use super::Lab;
use crate::addr::{PAGE_SIZE, Phys};
use crate::ids::DomainId;
use crate::mem::Memory;
use crate::table::{Level, PageEntry, RegionEntry, SegmentEntry};

/// A table and everything below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The kind of table.
    pub level: Level,
    /// Where it is.
    pub origin: Phys,
    /// Its entries, folded.
    pub rows: Vec<Row>,
    /// Rows that were left out because of the caller's limit, here and below.
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
    /// Valid, but of another level's type or length: the machine stops here.
    Malformed,
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
        }
    }

    fn of(level: Level, word: u64) -> Self {
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
                _ => Self::Table,
            },
            _ => match RegionEntry::from_bits(word) {
                entry if !entry.is_valid() => Self::Invalid,
                entry if entry.leads_on(level) => Self::Table,
                _ => Self::Malformed,
            },
        }
    }
}

impl Tree {
    /// Reads the tree below a table; at most `rows` rows in all, those of upper levels first.
    pub fn read(memory: &Memory, level: Level, origin: Phys, rows: usize) -> Self {
        let mut left = rows;
        read(memory, level, origin, 0, &mut left)
    }

    /// One line per row, indented by level.
    ///
    /// ```
    /// use s390_iommu::{addr::Phys, lab::Tree, mem::Memory, table::Level};
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
                RowKind::Invalid => "invalid".to_owned(),
                RowKind::Table | RowKind::Malformed => format!("{:#x} {}", row.word, row.kind.text()),
                kind => {
                    let pages = if row.count > 1 { format!(" x{}", row.count) } else { String::new() };
                    let frame = PageEntry::from_bits(row.word).frame();
                    format!("{:#x} {} {:#x} -> {frame}{pages}", row.word, kind.text(), row.iova)
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

fn read(memory: &Memory, level: Level, origin: Phys, iova: u64, left: &mut usize) -> Tree {
    let mut rows: Vec<Row> = Vec::new();
    for index in 0..level.entries() {
        let at = origin.wrapping_add(index as u64 * 8);
        let word = memory.read(at);
        let kind = RowKind::of(level, word);
        if let Some(last) = rows.last_mut()
            && continues(last, kind, word)
        {
            last.count += 1;
            continue;
        }
        let iova = iova.wrapping_add((index as u64) << level.shift());
        rows.push(Row { index, count: 1, at, word, iova, kind, child: None });
    }
    // Folded first, cut afterwards: a row that is left out must not let its neighbours grow together.
    let kept = rows.len().min(*left);
    *left -= kept;
    let omitted = (rows.len() - kept) as u64;
    rows.truncate(kept);
    for row in rows.iter_mut().filter(|row| row.kind == RowKind::Table) {
        if let Some(below) = level.child() {
            let origin = match level {
                Level::Segment => SegmentEntry::from_bits(row.word).origin(),
                _ => RegionEntry::from_bits(row.word).origin(),
            };
            row.child = Some(read(memory, below, origin, row.iova, left));
        }
    }
    Tree { level, origin, rows, omitted }
}

/// Whether the next entry says the same as a row: invalid, or the next frame with the same rights.
fn continues(row: &Row, kind: RowKind, word: u64) -> bool {
    let next = || row.word.wrapping_add(row.count as u64 * PAGE_SIZE);
    match kind {
        _ if kind != row.kind => false,
        RowKind::Invalid => word == row.word,
        RowKind::Page | RowKind::Readonly | RowKind::Unmapped => word == next(),
        RowKind::Table | RowKind::Frame | RowKind::Malformed => false,
    }
}

impl Lab {
    /// A domain's tables as a tree of at most `rows` rows; a freed domain shows what its memory holds now.
    pub fn tree(&self, domain: DomainId, rows: usize) -> Tree {
        let world = self.world();
        let tables = world.kernel.domains[domain.index()].tables;
        Tree::read(&world.mem, tables.level, tables.root, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{Iova, IovaRange};
    use crate::lab::{FunctionSpec, Op};
    use crate::linux::driver::Prot;

    fn lab() -> (Lab, DomainId) {
        let mut lab = Lab::new("p6".parse().unwrap());
        let f0 = lab.add_function(&FunctionSpec::new(
            "f0",
            IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff)),
        ));
        let d0 = lab.alloc_domain("d0", f0).unwrap();
        (lab, d0)
    }

    #[test]
    fn runs_fold_and_an_unmapped_page_shows_its_old_frame() {
        let (mut lab, domain) = lab();
        let (iova, phys) = (Iova::new(0x1_0000_0000), Phys::new(0x8000_0000));
        let prot = Prot { read: true, write: true };
        lab.perform(&Op::Map { domain, iova, phys, size: 0x4000, prot });
        lab.perform(&Op::Unmap { domain, iova: Iova::new(0x1_0000_1000), size: 0x1000 });
        let lines = lab.tree(domain, 100).lines();
        let pages: Vec<&str> = lines
            .iter()
            .map(|line| line.trim())
            .skip_while(|line| !line.starts_with("page"))
            .skip(1)
            .take(4)
            .collect();
        assert_eq!(
            pages,
            [
                "0x00 0x80000000 rw 0x100000000 -> 0x80000000",
                "0x01 0x80001400 unmapped 0x100001000 -> 0x80001000",
                "0x02..0x03 0x80002000 rw 0x100002000 -> 0x80002000 x2",
                "0x04..0xff invalid",
            ]
        );
    }

    #[test]
    fn a_limit_is_kept_whatever_the_tables_hold() {
        let (mut lab, domain) = lab();
        for page in 0..64 {
            let (iova, phys) =
                (Iova::new(0x1_0000_0000 + page * 0x1000), Phys::new(0x8000_0000 - page * 0x1000));
            lab.perform(&Op::Map {
                domain,
                iova,
                phys,
                size: 0x1000,
                prot: Prot { read: true, write: false },
            });
        }
        let tree = lab.tree(domain, 20);
        assert!(tree.lines().len() < 30, "{tree}");
        assert!(tree.to_string().contains("more"));
    }

    #[test]
    fn a_table_that_leads_to_itself_ends() {
        let mut memory = Memory::new();
        memory.fill(Phys::new(0), 0x4000, 0x7);
        let tree = Tree::read(&memory, Level::RegionThird, Phys::new(0), 50);
        assert!(tree.lines().len() < 5000);
    }
}
