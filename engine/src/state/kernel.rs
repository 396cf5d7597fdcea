//! What the kernel keeps: a structure per function, a structure per domain, locks, armed faults.

use serde::{Deserialize, Serialize};

pub use super::faults::{Armed, Failure, FaultSite, Faults};
use super::list::{Element, Link};
use crate::addr::{IovaRange, Phys};
use crate::ids::{DomainId, FunctionId};

/// A PCI function as the kernel knows it (`struct zpci_dev`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    /// Name in scenarios.
    pub name: String,
    /// Function id.
    pub fid: u32,
    /// Handle the kernel uses in instructions.
    pub handle: u32,
    /// `start_dma` to `end_dma`: what it registers as usable.
    pub range: IovaRange,
    /// The group wants a refresh after every change of an entry, not only after invalidation.
    pub tlb_refresh: bool,
    /// `dma_table`: the root the driver believes is registered.
    pub dma_table: Option<Phys>,
    /// `s390_domain`: the domain the driver believes is attached.
    pub domain: Option<DomainId>,
    /// `iommu_list`: the function's own place on a domain's list.
    pub iommu_list: Link,
    /// The IOMMU core's idea of the domain: the last one attached successfully.
    pub core_domain: Option<DomainId>,
}

/// A node of a domain's list (`struct s390_domain_device`), while lists are made of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// Whom it stands for.
    pub function: FunctionId,
    /// Its place.
    pub link: Link,
    /// Given back.
    pub freed: bool,
}

/// What a domain tells the core about usable addresses (`struct iommu_domain_geometry`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Geometry {
    /// Both ends inside.
    pub aperture: IovaRange,
    /// The aperture is a limit, not a hint.
    pub force: bool,
}

/// A domain (`struct s390_domain`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Domain {
    /// Name in scenarios.
    pub name: String,
    /// Its root table.
    pub root: Phys,
    /// Its aperture.
    pub geometry: Geometry,
    /// Head of the list of attached functions.
    pub devices: Link,
    /// Its tables were given back; whoever still points here uses freed memory.
    pub freed: bool,
    /// Who holds `dma_table_lock`.
    pub table_lock: Option<u8>,
    /// Who holds `list_lock`.
    pub list_lock: Option<u8>,
}

/// A lock, in one word: taken and given back for every page that is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lock(u32);

impl Lock {
    /// `dma_table_lock` of a domain.
    pub const fn dma_table(domain: DomainId) -> Self {
        Self(domain.0 << 1)
    }

    /// `list_lock` of a domain.
    pub const fn list(domain: DomainId) -> Self {
        Self(domain.0 << 1 | 1)
    }

    /// What Linux calls it.
    pub const fn name(self) -> &'static str {
        if self.0 & 1 == 0 { "dma_table_lock" } else { "list_lock" }
    }

    /// Whose it is.
    pub const fn domain(self) -> DomainId {
        DomainId(self.0 >> 1)
    }
}

/// What stands behind the DMA API of kernels to v6.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum DmaApi {
    /// `pci_dma.c`: own tables, own registration.
    #[default]
    Real,
    /// What stood in for it in the recordings: it only sets and clears `dma_table`.
    StandIn,
}

/// Everything the kernel keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kernel {
    /// By [`FunctionId`].
    pub functions: Vec<Function>,
    /// By [`DomainId`]; freed ones stay.
    pub domains: Vec<Domain>,
    /// List nodes; freed ones stay.
    pub nodes: Vec<Node>,
    /// Armed failures.
    pub faults: Faults,
    /// What stands behind the DMA API.
    pub dma_api: DmaApi,
    /// Upper bound of the DMA API's range, which Linux derives from the memory size; bytes.
    pub dma_api_limit: u64,
}

impl Default for Kernel {
    fn default() -> Self {
        Self {
            functions: Vec::new(),
            domains: Vec::new(),
            nodes: Vec::new(),
            faults: Faults::default(),
            dma_api: DmaApi::Real,
            dma_api_limit: u64::MAX,
        }
    }
}

impl Kernel {
    /// The living domain with this name that was allocated last.
    pub fn domain_named(&self, name: &str) -> Option<DomainId> {
        let index = self.domains.iter().rposition(|domain| domain.name == name && !domain.freed)?;
        Some(DomainId(index as u32))
    }

    /// The function with this name.
    pub fn function_named(&self, name: &str) -> Option<FunctionId> {
        self.functions.iter().position(|function| function.name == name).map(|index| FunctionId(index as u32))
    }

    /// Adds a function to the kernel's data; the machine's is separate.
    pub fn add_function(
        &mut self,
        name: &str,
        fid: u32,
        handle: u32,
        range: IovaRange,
        tlb_refresh: bool,
    ) -> FunctionId {
        let id = FunctionId(self.functions.len() as u32);
        self.functions.push(Function {
            name: name.to_owned(),
            fid,
            handle,
            range,
            tlb_refresh,
            dma_table: None,
            domain: None,
            iommu_list: Link::alone(Element::function(id)),
            core_domain: None,
        });
        id
    }

    pub(crate) fn lock_slot(&mut self, lock: Lock) -> &mut Option<u8> {
        let domain = &mut self.domains[lock.domain().index()];
        if lock.0 & 1 == 0 { &mut domain.table_lock } else { &mut domain.list_lock }
    }
}
