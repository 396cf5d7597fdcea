//! What a scenario expects of a step and of the end, and on which kernels.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde::ser::{SerializeTuple, Serializer};

use super::args::Prot;
use super::form::{self, Hex};
use super::schema::{Number, ReturnCode};
use crate::addr::{Iova, IovaRange, Phys};

/// When an expectation applies; an empty one always does, several parts must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Condition {
    /// Patches that the kernel must contain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Patches that the kernel must not contain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Named kernels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub on: Option<KernelRange>,
}

impl Condition {
    /// Whether it applies on every kernel.
    pub fn is_empty(&self) -> bool {
        self.with.is_empty() && self.without.is_empty() && self.on.is_none()
    }
}

/// A range of named kernels, both ends included: `v6.2..`, `..p3`, `p1..p5`, `p3`.
///
/// ```
/// use s390_iommu::scenario::KernelRange;
/// let range = KernelRange { first: Some("p1".into()), last: Some("p5".into()) };
/// assert_eq!(range.to_string(), "p1..p5");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelRange {
    /// The oldest kernel inside; none means no bound.
    pub first: Option<String>,
    /// The newest kernel inside; none means no bound.
    pub last: Option<String>,
}

impl fmt::Display for KernelRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first.as_deref(), self.last.as_deref()) {
            (Some(first), Some(last)) if first == last => f.write_str(first),
            (first, last) => write!(f, "{}..{}", first.unwrap_or_default(), last.unwrap_or_default()),
        }
    }
}

impl Serialize for KernelRange {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// What one step should bring. What is absent is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StepExpect {
    /// On which kernels.
    #[serde(flatten)]
    pub when: Condition,
    /// Return code: 0 or a negative error number.
    #[serde(serialize_with = "form::opt_rc", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ReturnCode>")]
    pub rc: Option<i32>,
    /// The number that came back: bytes unmapped or mapped, or an address.
    #[serde(serialize_with = "form::opt_hex", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Number>")]
    pub value: Option<u64>,
    /// The address that came back from `iova_to_phys` or `walk`.
    #[serde(serialize_with = "form::opt_hex", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Number>")]
    pub phys: Option<Phys>,
    /// Labels of kernel warnings, `label` or `label*N`, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warns: Option<Vec<String>>,
    /// How many RPCITs were executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refreshes: Option<u64>,
    /// How often the core called the driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<u64>,
    /// What the hardware was told, in order: `register f0 d0`, `rpcit f0 0x100000000 0x1000 -> -EIO`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hw: Option<Vec<String>>,
    /// Reserved regions as first address and length.
    #[serde(serialize_with = "form::opt_pairs", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<[Number; 2]>>")]
    pub regions: Option<Vec<[u64; 2]>>,
    /// Name of the fault of a `walk`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Name of the crash or limit that stops the system in this step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<String>,
}

/// What must hold after the last step. What is absent is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FinalExpect {
    /// On which kernels.
    #[serde(flatten)]
    pub when: Condition,
    /// Domains by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub domains: BTreeMap<String, DomainExpect>,
    /// Functions by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub functions: BTreeMap<String, FunctionExpect>,
    /// All kernel warnings of the run: how often each label was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warns: Option<BTreeMap<String, u64>>,
}

/// What a domain should look like at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct DomainExpect {
    /// Functions in its device list, newest first; base and p1 may list one twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<Vec<String>>,
    /// First and last address of its aperture.
    #[serde(serialize_with = "form::opt_range", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<[Number; 2]>")]
    pub aperture: Option<IovaRange>,
    /// All translations, neighbours merged, by address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translations: Option<Vec<Translation>>,
    /// Numbers of tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tables: Option<TableCounts>,
    /// Whether it was freed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freed: Option<bool>,
}

/// A run of pages: `[iova, phys, "rw", pages]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(with = "(Number, Number, Prot, u64)")]
pub struct Translation {
    /// First address of the run.
    pub iova: Iova,
    /// Where it leads.
    pub phys: Phys,
    /// What it allows.
    pub prot: Prot,
    /// Length in pages of 4 KiB.
    pub pages: u64,
}

impl Serialize for Translation {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut tuple = s.serialize_tuple(4)?;
        tuple.serialize_element(&Hex(self.iova.get()))?;
        tuple.serialize_element(&Hex(self.phys.get()))?;
        tuple.serialize_element(&self.prot)?;
        tuple.serialize_element(&self.pages)?;
        tuple.end()
    }
}

/// How many tables of each kind a domain has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TableCounts {
    /// Region tables of all levels, the root included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<u64>,
    /// Segment tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<u64>,
    /// Page tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
}

/// What a function should look like at the end.
///
/// Besides the names of domains, `domain` may be `none`, `identity` or `blocking`; `dma_table` may be `none` or
/// `dma_api`; `registered` may be `none`, `dma_api`, `identity` or `freed` (a table that is no longer anybody's).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FunctionExpect {
    /// The domain that the driver has it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Whose table the driver believes to be registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dma_table: Option<String>,
    /// Whose table the machine walks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered: Option<String>,
    /// First address it may use.
    #[serde(serialize_with = "form::opt_hex", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Number>")]
    pub start_dma: Option<Iova>,
    /// Last address it may use.
    #[serde(serialize_with = "form::opt_hex", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Number>")]
    pub end_dma: Option<Iova>,
    /// State of the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}
