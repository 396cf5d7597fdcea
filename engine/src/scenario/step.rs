//! One step of a scenario: a verb with its arguments, who takes it, and what it should bring.

use schemars::JsonSchema;
use serde::Serialize;

use super::args::{Access, DomainKind, Injection, Prot};
use super::expect::StepExpect;
use super::form;
use super::model::Place;
use super::schema::{ClearInject, Cpu, Number, OneOrMany, Size};
use crate::addr::{Iova, Phys};

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Step {
    /// What is done.
    #[serde(flatten)]
    pub action: Action,
    /// Processor that does it, 0 or 1; steps without one are taken in the order of the file.
    #[serde(serialize_with = "form::opt_cpu", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Cpu>")]
    pub cpu: Option<u8>,
    /// A remark for the reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What it should bring; those whose condition holds are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty", serialize_with = "form::one_or_many")]
    #[schemars(with = "OneOrMany<StepExpect>")]
    pub expect: Vec<StepExpect>,
    /// Where it stood in the file.
    #[serde(skip)]
    pub place: Place,
}

impl From<Action> for Step {
    /// The action alone: no processor, note or expectation.
    fn from(action: Action) -> Self {
        Self { action, cpu: None, note: None, expect: Vec::new(), place: Place::default() }
    }
}

/// What a step does. In a file the verb is the key that holds the first field.
///
/// Addresses are bytes; every 64-bit number is allowed, since wrong arguments are scenarios too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
#[allow(missing_docs, reason = "the fields are the same everywhere: see the accessors below")]
pub enum Action {
    /// `{ probe = "f0" }`: the driver's probe of a function.
    Probe {
        #[serde(rename = "probe")]
        function: String,
    },
    /// `{ release = "f0" }`: the driver's release of a function.
    Release {
        #[serde(rename = "release")]
        function: String,
    },
    /// `{ alloc = "d1", for = "f0", type = "unmanaged" }`: allocate a domain.
    Alloc {
        #[serde(rename = "alloc")]
        domain: String,
        #[serde(rename = "for")]
        function: String,
        #[serde(rename = "type", default)]
        kind: DomainKind,
    },
    /// `{ free = "d0" }`: free a domain.
    Free {
        #[serde(rename = "free")]
        domain: String,
    },
    /// `{ attach = "f0", to = "d0" }`; `to` may also be the static `identity` or `blocking`.
    Attach {
        #[serde(rename = "attach")]
        function: String,
        #[serde(rename = "to")]
        domain: String,
    },
    /// `{ detach = "f0", from = "d0" }`.
    Detach {
        #[serde(rename = "detach")]
        function: String,
        #[serde(rename = "from")]
        domain: String,
    },
    /// `{ map = IOVA, phys = P, size = S, prot = "rw", in = "d0" }`: through the IOMMU core.
    Map {
        #[serde(rename = "map", serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        iova: Iova,
        #[serde(serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        phys: Phys,
        #[serde(serialize_with = "form::size")]
        #[schemars(with = "Size")]
        size: u64,
        #[serde(default)]
        prot: Prot,
        #[serde(rename = "in")]
        domain: String,
    },
    /// `{ unmap = IOVA, size = S, in = "d0" }`: through the IOMMU core, with its sync.
    Unmap {
        #[serde(rename = "unmap", serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        iova: Iova,
        #[serde(serialize_with = "form::size")]
        #[schemars(with = "Size")]
        size: u64,
        #[serde(rename = "in")]
        domain: String,
    },
    /// `{ unmap_fast = IOVA, size = S, in = "d0" }`: unmap that leaves the sync for later.
    UnmapFast {
        #[serde(rename = "unmap_fast", serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        iova: Iova,
        #[serde(serialize_with = "form::size")]
        #[schemars(with = "Size")]
        size: u64,
        #[serde(rename = "in")]
        domain: String,
    },
    /// `{ iotlb_sync = "d0" }`: sync what was gathered.
    IotlbSync {
        #[serde(rename = "iotlb_sync")]
        domain: String,
    },
    /// `{ flush_iotlb_all = "d0" }`.
    FlushIotlbAll {
        #[serde(rename = "flush_iotlb_all")]
        domain: String,
    },
    /// `{ map_pages = IOVA, phys = P, pgsize = S, pgcount = N, prot = "rw", in = "d0" }`: straight to the driver.
    MapPages {
        #[serde(rename = "map_pages", serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        iova: Iova,
        #[serde(serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        phys: Phys,
        #[serde(serialize_with = "form::size")]
        #[schemars(with = "Size")]
        pgsize: u64,
        pgcount: u64,
        #[serde(default)]
        prot: Prot,
        #[serde(rename = "in")]
        domain: String,
    },
    /// `{ unmap_pages = IOVA, pgsize = S, pgcount = N, in = "d0" }`: straight to the driver.
    UnmapPages {
        #[serde(rename = "unmap_pages", serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        iova: Iova,
        #[serde(serialize_with = "form::size")]
        #[schemars(with = "Size")]
        pgsize: u64,
        pgcount: u64,
        #[serde(rename = "in")]
        domain: String,
    },
    /// `{ iova_to_phys = IOVA, in = "d0" }`.
    IovaToPhys {
        #[serde(rename = "iova_to_phys", serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        iova: Iova,
        #[serde(rename = "in")]
        domain: String,
    },
    /// `{ resv_regions = "f0" }`.
    ResvRegions {
        #[serde(rename = "resv_regions")]
        function: String,
    },
    /// `{ walk = IOVA, for = "f0", access = "read" }`: the machine's walk from what is registered.
    Walk {
        #[serde(rename = "walk", serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        iova: Iova,
        #[serde(rename = "for")]
        function: String,
        #[serde(default)]
        access: Access,
    },
    /// `{ refresh = "f0", iova = IOVA, size = S }`: an RPCIT by hand.
    Refresh {
        #[serde(rename = "refresh")]
        function: String,
        #[serde(serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        iova: Iova,
        #[serde(serialize_with = "form::size")]
        #[schemars(with = "Size")]
        size: u64,
    },
    /// `{ register = "f0", table = "d0" }`: an MPCIFC by hand.
    Register {
        #[serde(rename = "register")]
        function: String,
        #[serde(rename = "table")]
        domain: String,
    },
    /// `{ deregister = "f0" }`: an MPCIFC by hand.
    Deregister {
        #[serde(rename = "deregister")]
        function: String,
    },
    /// `{ error = "f0" }`: the function goes into error state.
    Error {
        #[serde(rename = "error")]
        function: String,
    },
    /// `{ recover = "f0" }`: the kernel's recovery of a function in error state.
    Recover {
        #[serde(rename = "recover")]
        function: String,
    },
    /// `{ unplug = "f0" }`: the function is gone.
    Unplug {
        #[serde(rename = "unplug")]
        function: String,
    },
    /// `{ poke = PHYS, value = WORD }`: change one doubleword of memory.
    Poke {
        #[serde(rename = "poke", serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        phys: Phys,
        #[serde(serialize_with = "form::hex")]
        #[schemars(with = "Number")]
        value: u64,
    },
    /// `{ inject = "refresh_trans", after = 0, count = 1, rc = "EIO" }`: make calls fail.
    Inject(Injection),
    /// `{ clear_inject = true }`: disarm every injected failure.
    #[serde(serialize_with = "form::clear_inject")]
    #[schemars(with = "ClearInject")]
    ClearInject,
}
