//! A recorded scenario, read from its line.

use serde::Deserialize;
use serde_json::Value;

use super::compare::Mismatch;

/// One line of a recording of the driver.
#[derive(Debug, Deserialize)]
pub(super) struct Scenario {
    pub(super) id: String,
    pub(super) revision: String,
    pub(super) devices: Vec<Device>,
    pub(super) ops: Vec<Value>,
    pub(super) results: Vec<Value>,
    pub(super) aperture_limit: Option<Hex>,
    pub(super) default_type: Option<String>,
    #[serde(rename = "final")]
    pub(super) last: Value,
}

/// A function as it is before the first operation.
#[derive(Debug, Deserialize)]
pub(super) struct Device {
    pub(super) name: String,
    pub(super) fid: u32,
    pub(super) fh: u32,
    pub(super) start_dma: Hex,
    pub(super) end_dma: Hex,
    pub(super) tlb_refresh: bool,
    /// Recordings of the core leave it out where it is true.
    #[serde(default = "yes")]
    pub(super) dma_api: bool,
    #[serde(default)]
    pub(super) rtr: bool,
    /// Absent means 4: the bit of region-third tables, which Linux also takes for a sign of region-first ones.
    #[serde(default = "region_third", deserialize_with = "number_or_hex")]
    pub(super) dtsm: u8,
    #[serde(default)]
    pub(super) ism: bool,
}

/// The recordings of the core write it as a hex string, those of the driver as a number.
fn number_or_hex<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u8),
        Hex(Hex),
    }
    match Either::deserialize(deserializer)? {
        Either::Number(number) => Ok(number),
        Either::Hex(Hex(number)) => u8::try_from(number).map_err(serde::de::Error::custom),
    }
}

const fn region_third() -> u8 {
    4
}

const fn yes() -> bool {
    true
}

/// An operation; which fields are there depends on `op`.
#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    pub(super) op: String,
    pub(super) dev: Option<String>,
    pub(super) domain: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) iova: Option<Hex>,
    pub(super) paddr: Option<Hex>,
    pub(super) size: Option<Hex>,
    pub(super) pgsize: Option<Hex>,
    pub(super) pgcount: Option<u64>,
    pub(super) prot: Option<String>,
    pub(super) what: Option<String>,
    pub(super) cap: Option<String>,
    pub(super) owner: Option<u64>,
    #[serde(default)]
    pub(super) after: u64,
    pub(super) count: Option<u64>,
    #[serde(default)]
    pub(super) cc: u8,
    #[serde(default)]
    pub(super) status: u8,
    #[serde(default)]
    pub(super) rc: i32,
}

/// A number written as a hex string.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hex(pub(super) u64);

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix("0x").unwrap_or(&text);
        u64::from_str_radix(digits, 16).map(Self).map_err(serde::de::Error::custom)
    }
}

impl Scenario {
    /// Reads a line. An error comes as a mismatch: a line that cannot be replayed does not agree.
    pub(super) fn parse(line: &str) -> Result<Self, Box<Mismatch>> {
        let scenario: Self = super::family::read(line)?;
        if scenario.ops.len() == scenario.results.len() {
            return Ok(scenario);
        }
        Err(Box::new(scenario.mismatch(
            "results",
            None,
            format!("{} results for {} operations", scenario.results.len(), scenario.ops.len()),
        )))
    }

    /// A mismatch of this scenario that is a sentence.
    pub(super) fn mismatch(&self, place: &str, operation: Option<&Value>, here: String) -> Mismatch {
        Mismatch::sentence(format!("{} @ {}", self.id, self.revision), place, operation, here)
    }
}
