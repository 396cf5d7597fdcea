//! What a replay of captures found.

use std::fmt::{self, Write as _};

use serde::Serialize;

use super::judge::{DETAILS, Judge, Mismatch};

/// Refreshes of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refreshes {
    /// How many.
    pub count: u64,
    /// Their pages.
    pub pages: u64,
    /// Pages of the longest.
    pub longest: u64,
}

impl Refreshes {
    pub(super) fn add(&mut self, pages: u64) {
        self.count += 1;
        self.pages += pages;
        self.longest = self.longest.max(pages);
    }
}

/// What happened in one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its name.
    pub name: String,
    /// The kernel.
    pub kernel: String,
    /// Lines of its log.
    pub events: u64,
    /// Of these, lines of a kind that does not concern the machine.
    pub skipped: u64,
    /// Refreshes that showed mappings.
    pub map: Refreshes,
    /// Refreshes that found nothing mapped.
    pub unmap: Refreshes,
    /// Refreshes of the whole registered range.
    pub global: Refreshes,
    /// Refreshes that were refused.
    pub refused: Refreshes,
    /// Translations that devices asked for.
    pub accesses: u64,
    /// Error events.
    pub error_events: u64,
    /// Checkpoints.
    pub checkpoints: u64,
    /// Pages in shadows but not, or not so, in the tables, over all checkpoints: stale.
    pub stale_pages: u64,
    /// The most of them at one checkpoint.
    pub most_stale_pages: u64,
    /// Translations that devices got from a page that was stale at the checkpoint before and not refreshed since.
    pub stale_accesses: u64,
    /// The longest time, in virtual microseconds, from a checkpoint with a stale page to the refresh that ended it: at
    /// least so long the device could use it.
    pub longest_exposure: u64,
    /// Pages in tables but not in shadows, over all checkpoints: not visible to the device.
    pub invisible_pages: u64,
    /// Operations of users that our clients performed.
    pub operations: u64,
    /// Instructions in these that are not theirs: of device drivers, of the DMA API for them, of the boot.
    pub foreign: u64,
    /// Checks made.
    pub checks: u64,
    /// Values that were believed because nothing was known to check them with.
    pub learned: u64,
    /// Checks that failed.
    pub mismatches: u64,
}

/// What a replay found, over any number of runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Checks made.
    pub checks: u64,
    /// Values that were believed because nothing was known to check them with.
    pub learned: u64,
    /// Checks that failed.
    pub mismatches: u64,
    /// The first of them, [`Self::DETAILS`] at most.
    pub details: Vec<Mismatch>,
    /// Each run.
    pub runs: Vec<Run>,
}

impl Report {
    /// How many mismatches are kept in full.
    pub const DETAILS: usize = DETAILS;

    /// Adds a part of a run; parts of the same name that follow each other are one run.
    pub(crate) fn add(&mut self, mut run: Run, judge: Judge) {
        self.checks += judge.checks;
        self.learned += judge.learned;
        self.mismatches += judge.mismatches;
        let room = Self::DETAILS.saturating_sub(self.details.len());
        self.details.extend(judge.details.into_iter().take(room));
        (run.checks, run.learned, run.mismatches) = (judge.checks, judge.learned, judge.mismatches);
        match self.runs.last_mut().filter(|last| last.name == run.name) {
            Some(last) => {
                last.checks += run.checks;
                last.learned += run.learned;
                last.mismatches += run.mismatches;
                last.operations += run.operations;
                last.foreign += run.foreign;
            }
            None => self.runs.push(run),
        }
    }

    /// A table with a line for each run.
    pub fn table(&self) -> String {
        let columns = [
            "events",
            "maps",
            "unmaps",
            "global",
            "refused",
            "accesses",
            "errors",
            "stale",
            "stale-use",
            "exposure",
            "users",
            "foreign",
            "checks",
        ];
        let head = row("run", columns.each_ref().map(|column| column as &dyn fmt::Display));
        let rows = self.runs.iter().map(|run| {
            let numbers = [
                run.events,
                run.map.count,
                run.unmap.count,
                run.global.count,
                run.refused.count,
                run.accesses,
                run.error_events,
                run.most_stale_pages,
                run.stale_accesses,
                run.longest_exposure,
                run.operations,
                run.foreign,
                run.checks,
            ];
            row(&run.name, numbers.each_ref().map(|number| number as &dyn fmt::Display))
        });
        std::iter::once(head).chain(rows).collect()
    }
}

fn row(name: &str, columns: [&dyn fmt::Display; 13]) -> String {
    let mut text = format!("{name:24}");
    for column in columns {
        // Writing to a string does not fail.
        let _ = write!(text, " {:>9}", column.to_string());
    }
    text + "\n"
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} runs, {} checks, {} mismatches", self.runs.len(), self.checks, self.mismatches)
    }
}
