//! A scenario as plain data: what is set up before the first step, the steps, and what is expected.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::expect::FinalExpect;
use super::form;
use super::schema::{Number, OneOrMany};
use super::step::Step;
use crate::addr::IovaRange;

/// The version of the scenario format that this crate writes.
pub const SCHEMA: u32 = 1;

/// One scenario.
///
/// Two are equal if they mean the same; where their parts stood in a file ([`Place`]) does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Scenario {
    /// Version of the format, [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: u32,
    /// What it shows, in a few words.
    pub title: String,
    /// What happens and why it matters, in about two sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Topics for the gallery.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// Name of the kernel it runs on unless told otherwise.
    #[serde(default = "default_kernel")]
    pub kernel: String,
    /// Exactly these patches instead of those the kernel contains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patches: Option<Vec<String>>,
    /// The machine.
    #[serde(default, skip_serializing_if = "form::is_default")]
    pub profile: Profile,
    /// PCI functions, at least one; all are probed before the first step.
    pub functions: Vec<Function>,
    /// Unmanaged domains allocated for the first function before the first step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// How steps on different processors interleave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// What is done, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What must hold after the last step; those whose condition holds are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty", serialize_with = "form::one_or_many")]
    #[schemars(with = "OneOrMany<FinalExpect>")]
    pub expect: Vec<FinalExpect>,
}

/// Name of the kernel of a scenario that names none.
pub(super) fn default_kernel() -> String {
    "v6.1-rc2".to_owned()
}

/// Who translates, and who sits between driver and hardware.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// A logical partition: the machine walks the tables itself.
    #[default]
    Lpar,
    /// A guest of z/VM.
    Zvm,
    /// A guest of QEMU, which shadows translations when it is told to.
    Qemu,
}

/// A PCI function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "independent attributes of the machine")]
pub struct Function {
    /// Its name in the scenario.
    pub name: String,
    /// First and last address it may use. A start beyond the last is allowed: some kernels reject it.
    #[serde(serialize_with = "form::range")]
    #[schemars(with = "[Number; 2]")]
    pub dma: IovaRange,
    /// Function identifier; chosen by the engine if absent.
    #[serde(serialize_with = "form::opt_hex32", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Number>")]
    pub fid: Option<u32>,
    /// Function handle; chosen by the engine if absent.
    #[serde(serialize_with = "form::opt_hex32", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Number>")]
    pub fh: Option<u32>,
    /// Whether newly made translations need a refresh too (`tlb_refresh` in Linux).
    #[serde(default, skip_serializing_if = "form::is_default")]
    pub refresh: bool,
    /// Whether it is an internal shared memory device.
    #[serde(default, skip_serializing_if = "form::is_default")]
    pub ism: bool,
    /// Whether it may be registered without translation.
    #[serde(default, skip_serializing_if = "form::is_default")]
    pub rtr: bool,
    /// Mask of supported designation types, as CLP reports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dtsm: Option<u8>,
    /// Whether the DMA API's own table is registered at the start (normal before v6.7).
    #[serde(default = "form::yes", skip_serializing_if = "form::is_true")]
    pub dma_api: bool,
}

impl Function {
    /// A function with this name and range and the defaults for everything else.
    ///
    /// ```
    /// use s390_iommu::addr::{Iova, IovaRange};
    /// use s390_iommu::scenario::Function;
    /// let range = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
    /// assert!(Function::new("f0", range).dma_api);
    /// ```
    pub fn new(name: &str, dma: IovaRange) -> Self {
        Self {
            name: name.to_owned(),
            dma,
            fid: None,
            fh: None,
            refresh: false,
            ism: false,
            rtr: false,
            dtsm: None,
            dma_api: true,
        }
    }
}

/// Where something stood in the text of a scenario. All places are equal, so that two scenarios
/// can be compared for what they mean.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// First byte.
    pub start: usize,
    /// Byte after the last; `start == end == 0` for what was never in a file.
    pub end: usize,
    /// Line of the first byte, from 1; 0 for what was never in a file.
    pub line: u32,
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}
