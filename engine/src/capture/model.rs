//! The lines and files of a captured run, read from their text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// Why something cannot be replayed: it is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file, from 1; 0 where it is not about a line.
    pub line: u64,
    /// Column in the line, from 1; 0 where it is not about a column.
    pub column: usize,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub text: String,
}

impl Problem {
    /// Every code with its explanation, in order. A code is assigned once and never reused.
    pub const CODES: &'static [(&'static str, &'static str)] = &[
        ("C001", "A line or a file of the capture is not the JSON that is expected there."),
        ("C002", "Table memory ends within a record: the file was copied or unpacked only in part."),
        (
            "C003",
            "The bytes of an instruction's block are not written in hexadecimal, or are of another length than such blocks have.",
        ),
        (
            "C004",
            "A refresh has more walks than are replayed, or a walk more levels than there are. The line was changed.",
        ),
        ("C005", "An event that is about a function does not say about which one."),
        ("C006", "The capture has more functions than are replayed."),
        ("C007", "The capture has more table memory than is kept."),
        ("C008", "The users of this capture ran on a kernel that the simulated clients do not know."),
    ];

    pub(super) fn new(line: u64, code: &'static str, text: impl Into<String>) -> Self {
        Self { line, column: 0, code, text: text.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        if self.column > 0 {
            write!(f, "{}:", self.column)?;
        }
        write!(f, " error[{}]: {}", self.code, self.text)
    }
}

impl std::error::Error for Problem {}

/// Reads JSON; what is wrong with it comes with its place.
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a str, line: u64, what: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| Problem {
        // A file that is one object has lines of its own.
        line: if line > 0 { line } else { error.line() as u64 },
        column: error.column(),
        code: "C001",
        text: format!("not {what}: {error}"),
    })
}

/// `run.json`, as far as the machine is concerned.
#[derive(Debug, Deserialize)]
pub(super) struct About {
    pub(super) name: String,
    #[serde(default)]
    pub(super) kernel: String,
    pub(super) functions: Vec<FunctionRecord>,
    pub(super) group: GroupRecord,
    #[serde(default)]
    pub(super) lab_env: Vec<String>,
    #[serde(default)]
    pub(super) rpcit_kinds: BTreeMap<String, u64>,
    #[serde(default)]
    pub(super) verify: BTreeMap<String, u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FunctionRecord {
    pub(super) fid: u32,
    pub(super) sdma: u64,
    pub(super) edma: u64,
    #[serde(default)]
    pub(super) uid: u32,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct GroupRecord {
    pub(super) noi: u16,
    pub(super) version: u8,
    pub(super) fr: u8,
    pub(super) maxstbl: u16,
    pub(super) mui: u16,
    pub(super) dtsm: u8,
    pub(super) dasm: u64,
    pub(super) msia: u64,
}

/// One line of the log: what fields it has depends on its kind. What is not listed does not concern the machine.
#[derive(Debug, Deserialize)]
pub(super) struct Line<'a> {
    /// The kind; in the log of operations it is called `i`.
    #[serde(borrow, alias = "i")]
    pub(super) e: Cow<'a, str>,
    #[serde(default)]
    pub(super) s: u64,
    #[serde(default)]
    pub(super) t: u64,
    #[serde(default, borrow)]
    pub(super) op: Option<Cow<'a, str>>,
    pub(super) fid: Option<u32>,
    pub(super) fh: Option<u32>,
    #[serde(default)]
    pub(super) oc: u8,
    #[serde(default)]
    pub(super) cc: u8,
    #[serde(default)]
    pub(super) st: u8,
    // RPCIT
    #[serde(default)]
    pub(super) start: u64,
    #[serde(default)]
    pub(super) len: u64,
    #[serde(default)]
    pub(super) walk: Vec<WalkRecord>,
    #[serde(default)]
    pub(super) inv: Vec<Stretch>,
    // A device's translation
    #[serde(default)]
    pub(super) iova: u64,
    #[serde(default)]
    pub(super) flag: u8,
    #[serde(default)]
    pub(super) pa: u64,
    #[serde(default)]
    pub(super) perm: u8,
    #[serde(default)]
    pub(super) err: u16,
    // An error event
    #[serde(default)]
    pub(super) pec: u16,
    #[serde(default)]
    pub(super) faddr: u64,
    // MPCIFC
    pub(super) fib: Option<FibRecord<'a>>,
    pub(super) iota: Option<u64>,
    pub(super) pba: Option<u64>,
    pub(super) pal: Option<u64>,
    // CLP
    #[serde(default)]
    pub(super) rsp: u16,
    #[serde(default, borrow)]
    pub(super) raw: Option<Cow<'a, str>>,
    pub(super) list: Option<Vec<ListRecord>>,
    pub(super) new_fh: Option<u32>,
    pub(super) sdma: Option<u64>,
    pub(super) edma: Option<u64>,
    pub(super) uid: Option<u32>,
    pub(super) pfgid: Option<u8>,
    pub(super) pft: Option<u8>,
    pub(super) vfn: Option<u16>,
    // Others
    #[serde(default, borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) addr: u64,
    #[serde(default)]
    pub(super) old: u64,
    #[serde(default)]
    pub(super) new: u64,
}

/// A walk that found something: iova, pa, perm, frame length, error, and the path from the root down.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(super) struct WalkRecord(
    pub(super) u64,
    pub(super) u64,
    pub(super) u8,
    pub(super) u64,
    pub(super) u16,
    pub(super) Vec<(u64, u64)>,
);

/// Walks in a row that found an invalid entry: where, up to where, how many, and how many levels each read.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Stretch(pub(super) u64, pub(super) u64, pub(super) u64, pub(super) u8);

#[derive(Debug, Deserialize)]
pub(super) struct FibRecord<'a> {
    pub(super) fmt: u8,
    pub(super) fc: u8,
    pub(super) pba: u64,
    pub(super) pal: u64,
    pub(super) iota: u64,
    pub(super) data: u32,
    pub(super) aibv: u64,
    pub(super) aisb: u64,
    pub(super) fmb: u64,
    #[serde(borrow)]
    pub(super) raw: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ListRecord {
    pub(super) cfg: u32,
    pub(super) fid: u32,
    pub(super) fh: u32,
}

/// `ckNN-X.json`.
#[derive(Debug, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) fns: BTreeMap<u32, FunctionCheckpoint>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FunctionCheckpoint {
    pub(super) iota: u64,
    pub(super) pba: u64,
    pub(super) pal: u64,
    pub(super) translations: Option<Vec<(u64, u64, u8, u64)>>,
    pub(super) iotlb: Option<Vec<(u64, u64, u8)>>,
    pub(super) stats: Option<Stats>,
}

/// How many tables of each kind hang below the root, and what entries they hold.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
pub(super) struct Stats {
    pub(super) rs: u64,
    pub(super) rt: u64,
    pub(super) st: u64,
    pub(super) pt: u64,
    pub(super) hist: BTreeMap<String, u64>,
}
