//! The log of a program that used devices from user space: its instructions, operation by operation, without walks.
//!
//! Tables are not known here, so a refresh sees none, and a translation that a device got is believed once after each
//! refresh. What is left are conditions, statuses, states, events, and what is registered after each operation.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::model::{Line, Problem, parse};
use super::report::Report;
use super::run::Capture;

/// Such a log in progress.
#[derive(Debug)]
pub struct Operations {
    run: Capture,
    number: u64,
}

#[derive(Deserialize)]
struct Operation<'a> {
    #[serde(borrow)]
    instrs: Vec<Line<'a>>,
    #[serde(default)]
    after: BTreeMap<u32, Option<Registered>>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
struct Registered {
    iota: u64,
    pba: u64,
    pal: u64,
}

impl Operations {
    /// A log, from the run's `run.json`.
    ///
    /// # Errors
    /// It is not a description of a run.
    pub fn new(about: &str) -> Result<Self, Problem> {
        let mut run = Capture::new(about)?;
        "vfio.jsonl".clone_into(&mut run.judge.file);
        run.without_tables = true;
        Ok(Self { run, number: 0 })
    }

    /// Replays one operation.
    ///
    /// # Errors
    /// It is not a line of such a log.
    pub fn line(&mut self, text: &str) -> Result<(), Problem> {
        self.number += 1;
        if text.trim().is_empty() {
            return Ok(());
        }
        let operation: Operation<'_> = parse(text, self.number, "an operation of a captured run")?;
        for line in &operation.instrs {
            self.run.event(line, self.number)?;
        }
        self.run.judge.event = None;
        for (fid, recorded) in operation.after {
            let place = self.run.place(fid)?;
            let ioat = self.run.machine.functions[place].ioat;
            let here = ioat.map(|ioat| Registered {
                iota: ioat.iota.bits(),
                pba: ioat.range.start.get(),
                pal: ioat.range.last.get(),
            });
            self.run.judge.check("after", &recorded, &here);
        }
        Ok(())
    }

    /// The log ends: its report goes into `into`.
    pub fn finish(self, into: &mut Report) {
        self.run.finish(into);
    }
}
