//! Replays recordings of the real driver and of the kernel code around it: every field of every result and of the final
//! state is compared.
//!
//! A recording is JSON Lines, one scenario a line: what the code of one kernel did, operation by operation, when it ran
//! against a stand-in for what lies below it. Which code that was is recognised line by line. Text in, [`Report`] out;
//! reading and unpacking files is the caller's part.
//!
//! ```
//! let line = r#"{"id":"probe","revision":"base","ops":[{"op":"probe","dev":"f0"}],
//!     "devices":[{"name":"f0","fid":16,"fh":2147483649,"start_dma":"0x0","end_dma":"0xffff","tlb_refresh":false,"dma_api":true}],
//!     "results":[{"rc":0,"hw":[],"warns":[]}],
//!     "final":{"domains":{},"devices":{"f0":{"domain":null,"dma_table_set":true,"dma_table":"dma_api",
//!         "start_dma":"0x0","end_dma":"0xffff"}}}}"#.replace('\n', "");
//! let mut report = s390_iommu::recording::Report::default();
//! report.replay(&line);
//! assert_eq!(report.to_string(), "1 scenarios, 1 operations, 0 mismatches");
//! ```

mod compare;
mod family;
mod groups;
mod insn;
mod iova;
mod last;
mod legacy;
mod model;
mod replay;

pub use compare::Mismatch;
use compare::report;

use std::fmt;

use serde::Serialize;

/// What a replay found, over any number of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Scenarios replayed.
    pub scenarios: u64,
    /// Operations in them.
    pub operations: u64,
    /// Fields that differ, and lines that cannot be replayed.
    pub mismatches: u64,
    /// The first of them, [`Self::DETAILS`] at most.
    pub details: Vec<Mismatch>,
}

impl Report {
    /// How many mismatches are kept in full.
    pub const DETAILS: usize = 100;

    /// Replays one line; empty ones are skipped.
    pub fn replay(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        let found = match family::replay(line) {
            Ok((operations, found)) => {
                self.scenarios += 1;
                self.operations += operations;
                found
            }
            Err(error) => vec![*error],
        };
        self.mismatches += found.len() as u64;
        let room = Self::DETAILS.saturating_sub(self.details.len());
        self.details.extend(found.into_iter().take(room));
    }

    /// Adds what another report found.
    pub fn merge(&mut self, other: Self) {
        self.scenarios += other.scenarios;
        self.operations += other.operations;
        self.mismatches += other.mismatches;
        let room = Self::DETAILS.saturating_sub(self.details.len());
        self.details.extend(other.details.into_iter().take(room));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} scenarios, {} operations, {} mismatches",
            self.scenarios, self.operations, self.mismatches
        )
    }
}
