//! What a lint found.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::Flaw;
use crate::addr::{Iova, Phys};
use crate::table::Level;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its kind, as a code.
    #[serde(rename = "code")]
    pub flaw: Flaw,
    /// Told, and nothing more: see [`Flaw::is_note`].
    pub note: bool,
    /// First address that it is about.
    pub iova: Iova,
    /// The kind of table its entry stands in; none for the anchor.
    pub level: Option<Level>,
    /// Address of the entry.
    pub at: Option<Phys>,
    /// The entry, or the anchor.
    pub word: u64,
    /// What is wrong, in a sentence.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.note { "note" } else { "error" };
        write!(f, "{kind}[{}]: {} ", self.flaw.code(), self.iova)?;
        match (self.level, self.at) {
            (Some(level), Some(at)) => write!(f, "({level} entry {:#x} at {at})", self.word)?,
            _ => write!(f, "(anchor {:#x})", self.word)?,
        }
        write!(f, ": {}", self.message)
    }
}

/// What the tables are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Region tables of all three kinds.
    pub region_tables: u64,
    /// Segment tables.
    pub segment_tables: u64,
    /// Page tables.
    pub page_tables: u64,
    /// Pages that are mapped.
    pub pages: u64,
    /// Of these, pages whose entry forbids writing.
    pub readonly_pages: u64,
    /// Invalid page entries that still show an old frame.
    pub unmapped_pages: u64,
    /// Frames of a mebibyte.
    pub large_frames: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region_tables, segment_tables, page_tables, .. } = self;
        let tables = region_tables + segment_tables + page_tables;
        write!(
            f,
            "tables: {tables} (region {region_tables}, segment {segment_tables}, page {page_tables}); "
        )?;
        write!(
            f,
            "pages: {} (read-only {}), unmapped {}",
            self.pages, self.readonly_pages, self.unmapped_pages
        )?;
        if self.large_frames > 0 {
            write!(f, "; frames of 1 MiB: {}", self.large_frames)?;
        }
        Ok(())
    }
}

/// All that was found.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct LintReport {
    /// In order of address; of each kind at most [`LintReport::SHOWN`].
    pub findings: Vec<Finding>,
    /// How many there are of each kind, those not listed too.
    pub found: BTreeMap<Flaw, u64>,
    /// What the tables are made of.
    pub counts: Counts,
}

impl LintReport {
    /// Findings of one kind that are listed.
    pub const SHOWN: u64 = 50;

    /// Whether there is nothing but notes.
    pub fn is_clean(&self) -> bool {
        self.found.keys().all(|flaw| flaw.is_note())
    }

    /// Counts a finding, and lists it unless there are enough of its kind.
    pub(super) fn add(&mut self, flaw: Flaw, finding: impl FnOnce() -> Finding) {
        let found = self.found.entry(flaw).or_default();
        *found += 1;
        if *found <= Self::SHOWN {
            self.findings.push(finding());
        }
    }

    /// Findings that are not listed.
    pub fn hidden(&self) -> u64 {
        self.found.values().map(|found| found.saturating_sub(Self::SHOWN)).sum()
    }

    /// Findings that are no notes, and notes.
    pub fn totals(&self) -> (u64, u64) {
        let sum =
            |note| self.found.iter().filter(|(flaw, _)| flaw.is_note() == note).map(|(_, found)| found).sum();
        (sum(false), sum(true))
    }
}

impl fmt::Display for LintReport {
    /// The findings, what the tables are made of, and how many findings there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))?;
        if self.hidden() > 0 {
            writeln!(f, "and {} more", self.hidden())?;
        }
        let (errors, notes) = self.totals();
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        write!(f, "{}\n{errors} finding{}, {notes} note{}", self.counts, plural(errors), plural(notes))
    }
}
