//! One line of the log of a program that uses devices.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// `run.json`, as far as it says what the system was like.
#[derive(Debug, Deserialize)]
pub(super) struct About {
    pub(super) name: String,
    pub(super) kernel: String,
    pub(super) functions: Vec<Function>,
    pub(super) memory: u64,
    #[serde(default)]
    pub(super) kernel_options: String,
    pub(super) group: Group,
    #[serde(default)]
    pub(super) model: Model,
}

#[derive(Debug, Deserialize)]
pub(super) struct Function {
    pub(super) fid: u32,
    #[serde(default)]
    pub(super) uid: u32,
    pub(super) sdma: u64,
    pub(super) edma: u64,
    pub(super) kind: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Group {
    pub(super) fr: u8,
    pub(super) dtsm: u8,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Model {
    #[serde(default)]
    pub(super) relaxed_translation: bool,
}

/// An operation.
#[derive(Debug, Deserialize)]
pub(super) struct Record {
    pub(super) op: String,
    #[serde(default)]
    pub(super) args: Value,
    pub(super) rc: Option<i64>,
    pub(super) errno: Option<i32>,
    #[serde(default)]
    pub(super) result: Value,
    /// Offset, physical address, bytes.
    pub(super) pa: Option<Vec<(u64, u64, u64)>>,
    pub(super) instrs: Vec<Instruction>,
    #[serde(default)]
    pub(super) after: BTreeMap<u32, Option<Registered>>,
}

impl Record {
    /// A number among the arguments.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.args.get(name)?.as_u64()
    }

    /// A text among them.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.args.get(name)?.as_str()
    }

    /// The return code that a client gives: 0 or a negative error number.
    pub(super) fn expected(&self) -> Option<i32> {
        let rc = self.rc?;
        Some(if rc < 0 { -self.errno.unwrap_or(0) } else { 0 })
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Registered {
    pub(super) iota: u64,
    pub(super) pba: u64,
    pub(super) pal: u64,
}

/// An instruction, or something else that happened.
#[derive(Debug, Deserialize)]
pub(super) struct Instruction {
    /// Position.
    pub(super) s: u64,
    /// Kind.
    pub(super) i: String,
    #[serde(default)]
    pub(super) op: String,
    #[serde(default)]
    pub(super) fid: u32,
    #[serde(default)]
    pub(super) oc: u8,
    #[serde(default)]
    pub(super) cc: u8,
    #[serde(default)]
    pub(super) st: u8,
    #[serde(default)]
    pub(super) rsp: u16,
    #[serde(default)]
    pub(super) iota: u64,
    #[serde(default)]
    pub(super) pba: u64,
    #[serde(default)]
    pub(super) pal: u64,
    #[serde(default)]
    pub(super) start: u64,
    #[serde(default)]
    pub(super) len: u64,
    #[serde(default)]
    pub(super) err: u16,
    #[serde(default)]
    pub(super) pec: u16,
}
