//! A run as a whole: its steps, its verdict, where two kernels part, what the kernel logged, sums.

use crate::kernel::Kernel;
use crate::truths::Mark;

data! {
    /// How a step ended.
    #[derive(Copy)]
    pub enum Tone {
        /// It returned 0.
        Good,
        /// It returned an error.
        Error,
        /// The system stopped in it.
        Stop,
        /// It was not run.
        Skipped,
    }

    /// What a step did on one kernel.
    pub struct Cell {
        /// Its badge: `ok`, `-EINVAL`, `oops`.
        pub badge: String,
        /// How it ended.
        pub tone: Tone,
        /// What it gave, if it gave something: `0x8000_0000`.
        pub value: Option<String>,
        /// A name that explains the badge: `EINVAL`, `invalid-entry`.
        pub term: Option<String>,
        /// The verdict about a device's access.
        pub verdict: Option<Mark>,
        /// Invariants that do not hold any more: name and the whole line.
        pub violations: Vec<(String, String)>,
        /// Warnings.
        pub warnings: Vec<String>,
        /// Refreshes.
        pub refreshes: u64,
        /// Expectations that held.
        pub held: usize,
        /// Those that did not: `rc: expected 0, got -22`.
        pub failed: Vec<String>,
        /// Why it was not run.
        pub skipped: Option<String>,
    }

    /// A step.
    pub struct Row {
        /// Its number, from 1.
        pub number: u32,
        /// Its line in the text, or 0.
        pub line: u32,
        /// The CPU it ran on.
        pub cpu: Option<u8>,
        /// What is done.
        pub text: String,
        /// The author's remark.
        pub note: Option<String>,
        /// What it did, per kernel.
        pub cells: Vec<Cell>,
        /// The kernels differ here.
        pub differs: bool,
    }

    /// Whether expectations held.
    pub struct Verdict {
        /// All held.
        pub held: bool,
        /// In a few words.
        pub text: String,
    }

    /// Where two runs part.
    pub struct Divergence {
        /// The step to look at.
        pub step: u32,
        /// In a few words: `Step 5 differs in value`.
        pub headline: String,
        /// On A.
        pub left: String,
        /// On B.
        pub right: String,
        /// All steps that differ.
        pub differing: Vec<u32>,
    }

    /// Whether two runs part.
    pub enum Comparison {
        /// There is one run only.
        Single,
        /// Seen from outside, both kernels do the same.
        Same,
        /// They part.
        Differs(Divergence),
    }

    /// A line of the kernel log.
    pub struct LogLine {
        /// The step it came from.
        pub step: u32,
        /// It tells of the end.
        pub crash: bool,
        /// What is said, as in the kernel: the name.
        pub label: String,
        /// What it means.
        pub meaning: String,
    }

    /// A sum over all steps.
    pub struct Counter {
        /// Its name.
        pub name: String,
        /// Its value per kernel.
        pub values: Vec<u64>,
        /// Those differ.
        pub differs: bool,
    }

    /// One kernel's run.
    pub struct Column {
        /// The kernel.
        pub kernel: Kernel,
        /// Whether expectations held.
        pub verdict: Verdict,
        /// What the kernel logged in the whole run.
        pub log: Vec<LogLine>,
    }

    /// What was run, on one kernel or two.
    pub struct Run {
        /// The scenario's title.
        pub title: String,
        /// The kernels.
        pub columns: Vec<Column>,
        /// The steps.
        pub rows: Vec<Row>,
        /// Where the kernels part.
        pub comparison: Comparison,
        /// Sums over all steps.
        pub counters: Vec<Counter>,
    }
}

impl Run {
    /// Names of the kernels.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.kernel.name.clone()).collect()
    }

    /// The number of steps.
    pub fn last(&self) -> u32 {
        self.rows.len() as u32
    }
}
