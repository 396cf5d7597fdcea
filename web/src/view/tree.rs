//! The tables of a domain as a tree, with what changed.

use s390_iommu::addr::Phys;
use s390_iommu::ids::DomainId;
use s390_iommu::lab::Lab;
use s390_iommu::table::{Level, PageEntry, RegionEntry, SegmentEntry, WordKind, decode};

use super::hex::{hex, size, word};
use super::timeline::grouped;

/// Rows that are shown of one domain.
const SHOWN: usize = 300;

/// An entry, or consecutive page entries that lead to consecutive frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Identifies it while it is there: the address of its first entry.
    pub key: u64,
    /// How deep it lies: 0 for entries of the root.
    pub depth: usize,
    /// Its kind, for the decoder.
    pub kind: WordKind,
    /// Its index: `region-third[0x2]`, `page[0x0–0xff]`.
    pub place: String,
    /// The first address it translates.
    pub iova: String,
    /// The (first) word.
    pub word: u64,
    /// As it is shown.
    pub text: String,
    /// What it says.
    pub meaning: String,
    /// It was not so before the selected step.
    pub changed: bool,
    /// There is a table below.
    pub parent: bool,
}

/// The tables of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The domain.
    pub domain: String,
    /// Address of its root.
    pub root: String,
    /// Its tables were given back.
    pub freed: bool,
    /// Its entries that say something.
    pub rows: Vec<Row>,
    /// Rows were left out.
    pub cut: bool,
}

/// The trees of all domains of a system; changes are those since `before`.
pub fn trees(lab: &Lab, before: Option<&Lab>) -> Vec<Tree> {
    let count = lab.names().domains.len() as u32;
    (0..count).map(|index| tree(lab, before, DomainId(index))).collect()
}

fn tree(lab: &Lab, before: Option<&Lab>, id: DomainId) -> Tree {
    let world = lab.world();
    let domain = &world.kernel.domains[id.index()];
    let old = before.map(Lab::world);
    let known = old.as_ref().is_none_or(|old| old.kernel.domains.len() > id.index());
    let mut scan = Scan {
        read: &|at| world.mem.read(at),
        old: &|at| old.as_ref().map_or_else(|| world.mem.read(at), |old| old.mem.read(at)),
        rows: Vec::new(),
        cut: false,
    };
    if !domain.freed {
        scan.table(domain.tables.level, domain.tables.root, 0, 0, known);
    }
    let (rows, cut) = (scan.rows, scan.cut);
    Tree { domain: domain.name.clone(), root: hex(domain.tables.root.get()), freed: domain.freed, rows, cut }
}

struct Scan<'m> {
    read: &'m dyn Fn(Phys) -> u64,
    old: &'m dyn Fn(Phys) -> u64,
    rows: Vec<Row>,
    cut: bool,
}

impl Scan<'_> {
    /// Shows entries that are valid or that changed; `known` where the table was there before.
    fn table(&mut self, level: Level, table: Phys, iova: u64, depth: usize, known: bool) {
        let mut run: Option<Run> = None;
        for index in 0..level.entries() as u64 {
            if self.rows.len() >= SHOWN {
                self.cut = true;
                return;
            }
            let at = table.wrapping_add(index * 8);
            let word = (self.read)(at);
            let below = below(level, word);
            let old = if known { (self.old)(at) } else { level.invalid_entry() };
            let changed = word != old;
            if matches!(below, Below::Nothing) && !changed {
                self.close(&mut run, depth);
                continue;
            }
            let address = iova + (index << level.shift());
            if level == Level::Page {
                match &mut run {
                    Some(run) if run.goes_on(index, word, changed) => run.last = index,
                    _ => {
                        self.close(&mut run, depth);
                        run = Some(Run { at, first: index, last: index, word, changed, iova: address });
                    }
                }
                continue;
            }
            let kind = WordKind::entry(level);
            self.rows.push(Row {
                key: at.get(),
                depth,
                kind,
                place: format!("{}[{index:#x}]", level.name()),
                iova: hex(address),
                word,
                text: self::word(word),
                meaning: meaning(kind, word),
                changed,
                parent: matches!(below, Below::Table(_)),
            });
            if let (Below::Table(origin), Some(child)) = (below, level.child()) {
                let was_there = matches!(self::below(level, old), Below::Table(was) if was == origin);
                self.table(child, origin, address, depth + 1, was_there);
            }
        }
        self.close(&mut run, depth);
    }

    fn close(&mut self, run: &mut Option<Run>, depth: usize) {
        let Some(run) = run.take() else { return };
        let kind = WordKind::Page;
        let pages = run.last - run.first + 1;
        let (place, more) = match pages {
            1 => (format!("page[{:#x}]", run.first), String::new()),
            _ => (
                format!("page[{:#x}–{:#x}]", run.first, run.last),
                format!(" … {pages} pages, {}", size(pages << 12)),
            ),
        };
        self.rows.push(Row {
            key: run.at.get(),
            depth,
            kind,
            place,
            iova: hex(run.iova),
            word: run.word,
            text: word(run.word),
            meaning: meaning(kind, run.word) + &more,
            changed: run.changed,
            parent: false,
        });
    }
}

struct Run {
    at: Phys,
    first: u64,
    last: u64,
    word: u64,
    changed: bool,
    iova: u64,
}

impl Run {
    fn goes_on(&self, index: u64, word: u64, changed: bool) -> bool {
        let pages = index - self.first;
        index == self.last + 1
            && changed == self.changed
            && (word == self.word.wrapping_add(pages << 12)
                || (word == self.word && !PageEntry::from_bits(word).is_valid()))
    }
}

enum Below {
    Nothing,
    Frame,
    Table(Phys),
}

fn below(level: Level, word: u64) -> Below {
    match level {
        Level::Page if PageEntry::from_bits(word).is_valid() => Below::Frame,
        Level::Page => Below::Nothing,
        Level::Segment => match SegmentEntry::from_bits(word) {
            entry if !entry.is_valid() => Below::Nothing,
            entry if entry.is_frame() => Below::Frame,
            entry => Below::Table(entry.origin()),
        },
        _ => match RegionEntry::from_bits(word) {
            entry if entry.is_valid() => Below::Table(entry.origin()),
            _ => Below::Nothing,
        },
    }
}

fn meaning(kind: WordKind, word: u64) -> String {
    let text = decode(kind, word).meaning;
    grouped(text.split_once(": ").map_or(&*text, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner;

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
]
"#;
        let scenario = runner::read(text).scenario.expect("a scenario");
        let ran = runner::run(&scenario, Some("p6".parse().unwrap())).expect("it runs");
        let at = |step| ran.lab(step).unwrap();
        assert!(trees(at(0), None)[0].rows.is_empty());
        let full = &trees(at(2), Some(at(1)))[0].rows;
        assert_eq!(full.len(), 3);
        assert!(full.iter().all(|row| row.changed));
        assert_eq!((full[2].depth, &*full[2].place), (2, "page[0x0–0xff]"));
        let holed = &trees(at(3), Some(at(2)))[0].rows;
        let changed: Vec<_> = holed.iter().filter(|row| row.changed).map(|row| row.place.as_str()).collect();
        assert_eq!(changed, ["page[0x0]"]);
    }
}
