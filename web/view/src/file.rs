//! A file that was dropped on the page: memory with tables in it.

use crate::scene::TableRow;
use crate::text::Problem;
use crate::walk::{Part, Walk};

data! {
    /// What is asked about a file.
    pub struct Question {
        /// Which file: a number that the page gives.
        pub file: u32,
        /// Address of the first byte, for raw memory.
        pub base: Option<u64>,
        /// The anchor.
        pub iota: Option<u64>,
        /// An address to walk.
        pub iova: Option<u64>,
        /// The access is a write.
        pub write: bool,
    }

    /// Something that a lint found.
    pub struct Finding {
        /// Stable code.
        pub code: String,
        /// No more than a note.
        pub note: bool,
        /// The address it is about.
        pub iova: String,
        /// Its entry.
        pub entry: String,
        /// What is wrong.
        pub message: String,
    }

    /// What a lint found.
    pub struct Lint {
        /// What the tables are made of.
        pub counts: String,
        /// In a few words: `1 finding, 2 notes`.
        pub verdict: String,
        /// Nothing but notes.
        pub clean: bool,
        /// In order of address.
        pub findings: Vec<Finding>,
        /// How many more there are.
        pub more: u64,
    }

    /// Tables in a file.
    pub struct Tables {
        /// What the anchor says.
        pub anchor: String,
        /// The tree.
        pub rows: Vec<TableRow>,
        /// Rows were left out.
        pub cut: bool,
        /// The address that is walked.
        pub iova: u64,
        /// Its parts.
        pub parts: Vec<Part>,
        /// The walk.
        pub walk: Walk,
    }

    /// A file that could be read.
    pub struct Dump {
        /// What it is: `records of table memory`.
        pub format: String,
        /// How much, and where: `24 pieces, 0x2cf8000–0x2cfffff`.
        pub memory: String,
        /// The tables below the anchor, or why there are none; none without an anchor.
        pub tables: Option<Result<Box<Tables>, Problem>>,
        /// What could be an anchor: tables that none of the others leads to.
        pub anchors: Vec<u64>,
    }
}
