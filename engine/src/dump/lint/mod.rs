//! What no driver would have left in its tables: tables that are not there or used twice, entries that stop the machine,
//! frames and addresses that are out of bounds.

mod flaw;
mod masks;
mod report;

pub use flaw::Flaw;
pub use report::{Counts, Finding, LintReport};

use std::collections::BTreeMap;

use masks::{anchor_flaws, entry_flaws};

use super::DumpError;
use super::error::NO_TABLE;
use crate::addr::{Iova, IovaRange, Phys};
use crate::table::{Iota, Level, WordKind, decode};
use crate::tree::{Mapping, Row, RowKind, TableMemory, rows};

/// What is known besides the tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LintOptions {
    /// PBA to PAL: mappings outside are found.
    pub range: Option<IovaRange>,
    /// First and last byte of the machine's memory: frames outside are found.
    pub memory: Option<(Phys, Phys)>,
}

/// Tables that are looked at; a terabyte mapped in pages has that many.
const MOST_TABLES: usize = 1 << 20;
/// Runs of pages that are compared with each other.
const MOST_MAPPINGS: usize = 1 << 19;

/// A lint in progress, done in slices.
pub struct Lint<M> {
    memory: M,
    iota: Iota,
    options: LintOptions,
    /// Tables to look at, the next one last.
    pending: Vec<Place>,
    /// Memory of all tables, by address; no two share a byte.
    known: BTreeMap<u64, Use>,
    mappings: Vec<(Mapping, Entry)>,
    report: LintReport,
}

/// An entry: the kind of its table, its address, and the word.
type Entry = (Level, Phys, u64);

/// A table, and what leads to it.
#[derive(Clone, Copy)]
struct Place {
    level: Level,
    origin: Phys,
    iova: u64,
    protected: bool,
    /// The entry that leads to it; none for the anchor.
    entry: Option<Entry>,
}

struct Use {
    level: Level,
    entry: Option<Phys>,
}

/// Looks at all tables below an anchor.
///
/// # Errors
/// `D020`: the anchor designates no table.
pub fn lint(memory: &impl TableMemory, iota: Iota, options: LintOptions) -> Result<LintReport, DumpError> {
    let mut lint = Lint::new(memory, iota, options)?;
    while !lint.advance(MOST_TABLES) {}
    Ok(lint.finish())
}

impl<M: TableMemory> Lint<M> {
    /// Begins below an anchor. Who keeps the memory may lend it: a reference will do.
    ///
    /// # Errors
    /// `D020`: the anchor designates no table.
    pub fn new(memory: M, iota: Iota, options: LintOptions) -> Result<Self, DumpError> {
        let level = root(iota)?;
        let mut lint = Self {
            memory,
            iota,
            options,
            pending: Vec::new(),
            known: BTreeMap::new(),
            mappings: Vec::new(),
            report: LintReport::default(),
        };
        for (flaw, message) in anchor_flaws(iota) {
            lint.add(flaw, None, 0, message);
        }
        let protected = iota.is_protected();
        lint.claim(Place { level, origin: iota.origin(), iova: 0, protected, entry: None });
        Ok(lint)
    }

    /// Looks at so many tables more; `true` when there are none left.
    pub fn advance(&mut self, tables: usize) -> bool {
        for _ in 0..tables {
            let Some(place) = self.pending.pop() else { break };
            self.table(place);
        }
        self.pending.is_empty()
    }

    /// How many tables it has looked at, and how many it knows of so far.
    pub fn position(&self) -> (usize, usize) {
        (self.known.len() - self.pending.len(), self.known.len())
    }

    /// What was found. Aliases are looked for here.
    pub fn finish(mut self) -> LintReport {
        self.aliases();
        // As they were found within one address: what is above comes first.
        self.report.findings.sort_by_key(|finding| finding.iova);
        self.report
    }

    fn add(&mut self, flaw: Flaw, entry: Option<Entry>, iova: u64, message: String) {
        let word = entry.map_or(self.iota.bits(), |(.., word)| word);
        self.report.add(flaw, || Finding {
            flaw,
            note: flaw.is_note(),
            iova: Iova::new(iova),
            level: entry.map(|(level, ..)| level),
            at: entry.map(|(_, at, _)| at),
            word,
            message,
        });
    }

    /// Takes a table's memory for it, and puts it on the list, unless it is taken.
    fn claim(&mut self, place: Place) {
        let Place { level, origin, iova, entry, .. } = place;
        let start = origin.get();
        let last = start.saturating_add(level.bytes() - 1);
        if let Some((other, used)) = self.known.range(..=last).next_back()
            && other.saturating_add(used.level.bytes() - 1) >= start
        {
            let by = match used.entry {
                Some(at) => format!("the entry at {at}"),
                None => "the anchor".to_owned(),
            };
            let message = if *other == start && used.level == level {
                format!("the {level} table at {origin} is used by {by} already")
            } else {
                format!(
                    "the {level} table at {origin} lies across the {} table at {other:#x} that {by} leads to",
                    used.level
                )
            };
            self.add(Flaw::UsedTwice, entry, iova, message);
        } else if self.known.len() == MOST_TABLES {
            let message =
                format!("there are more than {MOST_TABLES} tables; this and others were not looked at");
            self.add(Flaw::Incomplete, entry, iova, message);
        } else {
            self.known.insert(start, Use { level, entry: entry.map(|(_, at, _)| at) });
            self.pending.push(place);
        }
    }

    fn table(&mut self, place: Place) {
        let Place { level, origin, protected, entry, .. } = place;
        let counts = &mut self.report.counts;
        match level {
            Level::Page => counts.page_tables += 1,
            Level::Segment => counts.segment_tables += 1,
            _ => counts.region_tables += 1,
        }
        let rows = rows(&self.memory, level, origin, place.iova);
        let absent: usize = rows.iter().filter(|row| row.kind == RowKind::Absent).map(|row| row.count).sum();
        if absent > 0 {
            let message = if absent == level.entries() {
                format!("the {level} table at {origin} is not in this memory")
            } else {
                format!(
                    "of the {level} table at {origin}, {absent} of {} entries are not in this memory",
                    level.entries()
                )
            };
            self.add(Flaw::Dangling, entry, place.iova, message);
        }
        let first = self.pending.len();
        for row in &rows {
            self.row(level, protected, row);
        }
        // The first one is to be the next one.
        self.pending[first..].reverse();
    }

    fn row(&mut self, level: Level, protected: bool, row: &Row) {
        let (entry, count) = (Some((level, row.at, row.word)), row.count as u64);
        if row.kind != RowKind::Absent {
            for (flaw, message) in entry_flaws(level, row.kind, row.word) {
                self.add(flaw, entry, row.iova, message);
            }
        }
        let counts = &mut self.report.counts;
        match row.kind {
            RowKind::Page => counts.pages += count,
            RowKind::Readonly => {
                counts.pages += count;
                counts.readonly_pages += count;
            }
            RowKind::Unmapped => counts.unmapped_pages += count,
            RowKind::Frame => counts.large_frames += count,
            _ => {}
        }
        if let Some(mapping) = row.mapping(level, protected) {
            self.mapping(mapping, (level, row.at, row.word));
        }
        if let Some((below, origin, read_only)) = row.below(level) {
            let protected = protected || read_only;
            self.claim(Place { level: below, origin, iova: row.iova, protected, entry });
        }
    }

    fn mapping(&mut self, mapping: Mapping, entry: Entry) {
        let Mapping { iova, phys, frame_len, count, .. } = mapping;
        let bytes = frame_len * count;
        let (last_iova, last_phys) = (iova.get().wrapping_add(bytes - 1), phys.get().wrapping_add(bytes - 1));
        if let Some(range) = self.options.range
            && (iova < range.start || last_iova > range.last.get())
        {
            let message = format!("{iova}..={last_iova:#x} is mapped, and the function may use {range}");
            self.add(Flaw::OutsideRange, Some(entry), iova.get(), message);
        }
        if let Some((first, last)) = self.options.memory
            && (phys < first || last_phys > last.get() || last_phys < phys.get())
        {
            let message =
                format!("it leads to {phys}..={last_phys:#x}, and there is memory from {first} to {last}");
            self.add(Flaw::OutsideMemory, Some(entry), iova.get(), message);
        }
        if self.mappings.len() <= MOST_MAPPINGS {
            self.mappings.push((mapping, entry));
        }
    }

    /// Frames that two mappings lead to.
    fn aliases(&mut self) {
        let mut mappings = std::mem::take(&mut self.mappings);
        if mappings.len() > MOST_MAPPINGS
            && let Some((mapping, entry)) = mappings.pop()
        {
            let message = format!(
                "more than {MOST_MAPPINGS} mappings; aliases of those from here on were not looked for"
            );
            self.add(Flaw::Incomplete, Some(entry), mapping.iova.get(), message);
        }
        mappings.sort_unstable_by_key(|(mapping, _)| (mapping.phys, mapping.iova));
        let end = |mapping: &Mapping| mapping.phys.get().saturating_add(mapping.frame_len * mapping.count);
        // The mapping that reaches highest among those before.
        let mut highest: Option<Mapping> = None;
        for (mapping, entry) in mappings {
            if let Some(before) = highest
                && end(&before) > mapping.phys.get()
            {
                let one = before.iova.wrapping_add(mapping.phys.get() - before.phys.get());
                let bytes = end(&before).min(end(&mapping)) - mapping.phys.get();
                let message = format!("{bytes:#x} bytes from {} on are mapped at {one} too", mapping.phys);
                self.add(Flaw::Alias, Some(entry), mapping.iova.get(), message);
            }
            if highest.is_none_or(|before| end(&mapping) > end(&before)) {
                highest = Some(mapping);
            }
        }
    }
}

/// The kind of the root table.
pub(super) fn root(iota: Iota) -> Result<Level, DumpError> {
    let meaning = || decode(WordKind::Iota, iota.bits()).meaning;
    let error = || DumpError::new(NO_TABLE, None, format!("{iota} designates no table ({})", meaning()));
    iota.root_level().ok_or_else(error)
}
