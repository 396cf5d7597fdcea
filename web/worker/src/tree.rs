//! The tables of a domain as a tree, with what changed.

use s390_iommu::addr::Phys;
use s390_iommu::ids::DomainId;
use s390_iommu::lab::{Lab, Row, RowKind, Tree as Tables};
use s390_iommu::mem::Memory;
use s390_iommu::table::{Level, WordKind, decode};
use s390_iommu_view::hex::{hex, size, word};
use s390_iommu_view::scene::{TableRow, Tree};

use crate::timeline::grouped;

/// Rows that are shown of one domain.
const SHOWN: usize = 300;

/// The trees of all domains of a system; changes are those since `before`.
pub fn trees(lab: &Lab, before: Option<&Lab>) -> Vec<Tree> {
    let count = lab.names().domains.len() as u32;
    (0..count).map(|index| tree(lab, before.unwrap_or(lab), DomainId(index))).collect()
}

fn tree(lab: &Lab, before: &Lab, id: DomainId) -> Tree {
    let (world, old) = (lab.world(), before.world());
    let domain = &world.kernel.domains[id.index()];
    let mut list = List { memory: &world.mem, old: &old.mem, rows: Vec::new() };
    let mut cut = false;
    // A domain without translation has no table.
    if !domain.freed && world.mem.block_at(domain.tables.root).is_some() {
        let tables = lab.tree(id, SHOWN);
        list.add(&tables, 0);
        cut = left_out(&tables) || list.rows.len() > SHOWN;
        list.rows.truncate(SHOWN);
    }
    let rows = list.rows;
    Tree {
        domain: domain.name.clone(),
        root: format!("root {}", hex(domain.tables.root.get())),
        freed: domain.freed,
        rows,
        cut,
    }
}

/// Whether rows were left out, here or below.
fn left_out(tables: &Tables) -> bool {
    tables.omitted > 0 || tables.rows.iter().filter_map(|row| row.child.as_ref()).any(left_out)
}

/// Rows in order of address.
struct List<'m> {
    memory: &'m Memory,
    old: &'m Memory,
    rows: Vec<TableRow>,
}

impl List<'_> {
    /// Adds what a table and those below it say, and what they do not say any more.
    fn add(&mut self, tables: &Tables, depth: usize) {
        let known = self.old.block_at(tables.origin).is_some_and(|(_, block)| !block.freed);
        for row in &tables.rows {
            let silent = matches!(row.kind, RowKind::Invalid | RowKind::Unmapped);
            let changed: Vec<bool> =
                (0..row.count).map(|index| self.changed(tables.level, row, index, known)).collect();
            let mut first = 0;
            for part in changed.chunk_by(|left, right| left == right) {
                if part[0] || !silent {
                    self.rows.push(self.row(tables.level, row, first, part.len(), part[0], depth));
                }
                first += part.len();
            }
            if let Some(child) = &row.child {
                self.add(child, depth + 1);
            }
        }
    }

    /// Whether an entry of the row is not what it was; of a table that was not there, what a fresh one holds.
    fn changed(&self, level: Level, row: &Row, index: usize, known: bool) -> bool {
        let at = row.at.wrapping_add(index as u64 * 8);
        let old = if known { self.old.read(at) } else { level.invalid_entry() };
        self.memory.read(at) != old
    }

    /// Some of a row's entries as one row.
    fn row(
        &self,
        level: Level,
        row: &Row,
        first: usize,
        count: usize,
        changed: bool,
        depth: usize,
    ) -> TableRow {
        let at = row.at.wrapping_add(first as u64 * 8);
        let part = Part { index: row.index + first, count, at, bits: self.memory.read(at), changed, depth };
        part.row(level, row.child.is_some())
    }
}

/// The rows of a dump's tables, and whether some were left out.
pub fn dumped(tables: &Tables) -> (Vec<TableRow>, bool) {
    let mut rows = Vec::new();
    add_dumped(tables, 0, &mut rows);
    (rows, left_out(tables))
}

fn add_dumped(tables: &Tables, depth: usize, rows: &mut Vec<TableRow>) {
    for row in &tables.rows {
        if row.kind == RowKind::Invalid {
            continue;
        }
        let part =
            Part { index: row.index, count: row.count, at: row.at, bits: row.word, changed: false, depth };
        let mut shown = part.row(tables.level, row.child.is_some());
        if row.kind == RowKind::Absent {
            row.kind.text().clone_into(&mut shown.meaning);
        }
        rows.push(shown);
        if let Some(child) = &row.child {
            add_dumped(child, depth + 1, rows);
        }
    }
}

/// Some entries of a table that say the same.
struct Part {
    index: usize,
    count: usize,
    at: Phys,
    bits: u64,
    changed: bool,
    depth: usize,
}

impl Part {
    fn row(self, level: Level, parent: bool) -> TableRow {
        let Self { index, count, at, bits, changed, depth } = self;
        let name = level.name();
        let extent = size((count as u64) << level.shift());
        let (place, more) = match (count, level) {
            (..=1, _) => (format!("{name}[{index:#x}]"), String::new()),
            (_, Level::Page) => (range(name, index, count), format!(" … {count} pages, {extent}")),
            _ => (range(name, index, count), format!(" … {extent}")),
        };
        let kind = WordKind::entry(level);
        TableRow {
            key: at.get(),
            depth,
            kind: kind.name().to_owned(),
            place,
            word: bits,
            text: word(bits),
            meaning: meaning(kind, bits) + &more,
            changed,
            parent,
        }
    }
}

fn range(name: &str, first: usize, count: usize) -> String {
    format!("{name}[{first:#x}–{:#x}]", first + count - 1)
}

fn meaning(kind: WordKind, word: u64) -> String {
    let text = decode(kind, word).meaning;
    grouped(text.split_once(": ").map_or(&*text, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ran;

    #[test]
    fn pages_in_a_row_are_one_row_and_new_ones_are_marked() {
        let text = r#"
schema = 1
title = "Tables"
functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
domains = ["d0"]
steps = [
  { attach = "f0", to = "d0" },
  { map = 0x1_0000_0000, phys = 0x8000_0000, size = "1 MiB", in = "d0" },
  { unmap = 0x1_0000_0000, size = "4 KiB", in = "d0" },
  { map = 0x1_0000_0000, phys = 0x8000_0000, size = "4 KiB", in = "d0" },
]
"#;
        let ran = ran(text, "p6");
        let at = |step| ran.lab(step).unwrap();
        assert!(trees(&at(0), None)[0].rows.is_empty());
        let full = &trees(&at(2), Some(&at(1)))[0].rows;
        assert_eq!(full.len(), 3);
        assert!(full.iter().all(|row| row.changed));
        assert_eq!((full[2].depth, &*full[2].place), (2, "page[0x0–0xff]"));
        let changed = |step| -> Vec<(String, bool)> {
            let rows = trees(&at(step), Some(&at(step - 1))).remove(0).rows;
            rows.into_iter().filter(|row| row.depth == 2).map(|row| (row.place, row.changed)).collect()
        };
        let rest = ("page[0x1–0xff]".to_owned(), false);
        assert_eq!(changed(3), [("page[0x0]".to_owned(), true), rest.clone()]);
        assert_eq!(changed(4), [("page[0x0]".to_owned(), true), rest]);
    }
}
