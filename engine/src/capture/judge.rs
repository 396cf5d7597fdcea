//! Compares what was recorded with what happens here, and keeps count.

use std::fmt;

use serde::Serialize;

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// The run.
    pub run: String,
    /// The file in it.
    pub file: String,
    /// Line of that file, or the number of the checkpoint's function.
    pub line: u64,
    /// Position of the event (`s`), where it has one.
    pub event: Option<u64>,
    /// The field.
    pub field: String,
    /// What the real machine said.
    pub recorded: String,
    /// What is said here.
    pub here: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.run, self.file, self.line)?;
        if let Some(event) = self.event {
            write!(f, ": event {event}")?;
        }
        write!(f, ": {}: recorded {}, here {}", self.field, self.recorded, self.here)
    }
}

/// How many mismatches a run keeps in full.
pub(crate) const DETAILS: usize = 100;
/// Letters of a value that a mismatch shows.
const SHOWN: usize = 200;

/// Counts checks and keeps the first mismatches, each with its place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judge {
    pub(crate) run: String,
    pub(crate) file: String,
    pub(crate) line: u64,
    pub(crate) event: Option<u64>,
    pub(crate) checks: u64,
    pub(crate) learned: u64,
    pub(crate) mismatches: u64,
    pub(crate) details: Vec<Mismatch>,
}

impl Judge {
    /// One check: the two have to be equal. `true` if they are.
    #[inline]
    pub(crate) fn check<T: PartialEq + fmt::Debug>(&mut self, field: &str, recorded: &T, here: &T) -> bool {
        self.checks += 1;
        let same = recorded == here;
        if !same {
            self.differ(field, recorded, here);
        }
        same
    }

    /// A check that has failed.
    #[cold]
    pub(crate) fn differ(&mut self, field: &str, recorded: &dyn fmt::Debug, here: &dyn fmt::Debug) {
        self.mismatches += 1;
        if self.details.len() < DETAILS {
            let shown = |value: &dyn fmt::Debug| format!("{value:x?}").chars().take(SHOWN).collect();
            self.details.push(Mismatch {
                run: self.run.clone(),
                file: self.file.clone(),
                line: self.line,
                event: self.event,
                field: field.to_owned(),
                recorded: shown(recorded),
                here: shown(here),
            });
        }
    }
}
