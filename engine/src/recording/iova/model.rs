//! A recorded scenario of the allocator, read from its line.

use serde::Deserialize;
use serde_json::Value;

use crate::recording::compare::Mismatch;
use crate::recording::family;
use crate::recording::model::Hex;

/// One line of a recording.
#[derive(Debug, Deserialize)]
pub(super) struct Recorded {
    pub(super) id: String,
    /// The kernels that do exactly this.
    pub(super) revisions: Vec<String>,
    pub(super) config: Config,
    pub(super) init: Value,
    pub(super) ops: Vec<Value>,
    pub(super) results: Vec<Value>,
    #[serde(rename = "final")]
    pub(super) last: Value,
}

/// The domain and its device before the first operation.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    /// First and last address.
    pub(super) aperture: (Hex, Hex),
    /// Start and length.
    pub(super) reserved: Vec<(Hex, Hex)>,
    /// First and last address.
    #[serde(default)]
    pub(super) windows: Vec<(Hex, Hex)>,
    pub(super) cpus: u16,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) shadow_on_flush: bool,
    #[serde(default = "yes")]
    pub(super) deferred_flush: bool,
    #[serde(default)]
    pub(super) sac_first: bool,
    pub(super) bus_dma_limit: Option<Hex>,
    #[serde(default)]
    pub(super) inject: Vec<Inject>,
}

/// A failure to be armed.
#[derive(Debug, Deserialize)]
pub(super) struct Inject {
    pub(super) what: String,
    #[serde(default)]
    pub(super) after: u64,
    #[serde(default = "once")]
    pub(super) count: u64,
}

/// Ranges of one size at equal distances.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Run {
    iova: Hex,
    stride: i64,
    pub(super) count: u64,
    pub(super) size: Hex,
}

impl Run {
    /// Where each range begins.
    pub(super) fn starts(self) -> impl Iterator<Item = u64> {
        strided(self.iova.0, self.stride, self.count)
    }
}

/// Numbers at equal distances.
pub(super) fn strided(first: u64, stride: i64, count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(move |k| first.wrapping_add(stride.cast_unsigned().wrapping_mul(k)))
}

/// An operation.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Op {
    Alloc {
        size: Hex,
        limit: Option<Hex>,
    },
    Free {
        iova: Hex,
        size: Hex,
    },
    Queue {
        iova: Hex,
        size: Hex,
    },
    AllocMany {
        size: Hex,
        count: u64,
        limit: Option<Hex>,
    },
    AllocQueue {
        size: Hex,
        count: u64,
    },
    FreeRun(Run),
    QueueRun(Run),
    Cpu {
        cpu: u16,
    },
    CpuDead {
        cpu: u16,
    },
    CpuUp {
        cpu: u16,
    },
    Advance {
        ms: u64,
    },
    Inject(Inject),
    ClearInject,
    Reinit,
    State {
        #[serde(default)]
        full: bool,
    },
}

const fn yes() -> bool {
    true
}

const fn once() -> u64 {
    1
}

impl Recorded {
    /// Reads a line. An error comes as a mismatch: a line that cannot be replayed does not agree.
    pub(super) fn parse(line: &str) -> Result<Self, Box<Mismatch>> {
        let recorded: Self = family::read(line)?;
        let (ops, results) = (recorded.ops.len(), recorded.results.len());
        if ops == results {
            return Ok(recorded);
        }
        let told = format!("{results} results for {ops} operations");
        Err(Box::new(Mismatch::sentence(recorded.id, "results", None, told)))
    }
}
