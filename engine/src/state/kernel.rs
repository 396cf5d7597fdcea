//! What the kernel keeps: a structure per function, a structure per domain, locks, armed faults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use super::domain::{Counter, Domain, DomainType, Gather, Geometry, Tables};
pub use super::function::{Attributes, Function, Node};
use super::list::{Element, Link};
use super::rcu::Rcu;
use crate::ids::{DomainId, FunctionId};

/// A lock, in one word: taken and given back for every page that is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lock(u32);

impl Lock {
    /// `dma_table_lock` of a domain.
    #[inline]
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

/// Where a failure can be injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultSite {
    /// Any translation table.
    AllocTable,
    /// A domain, a list node, a reserved region.
    AllocStruct,
    /// `zpci_register_ioat`, final answer.
    RegisterIoat,
    /// `zpci_unregister_ioat`, final answer.
    UnregisterIoat,
    /// `zpci_refresh_trans`, its errno.
    RefreshTrans,
    /// `zpci_dma_init_device`, its errno.
    DmaInit,
    /// `zpci_dma_exit_device`, its errno.
    DmaExit,
}

impl FaultSite {
    /// As in scenarios and recordings.
    pub const ALL: [(&'static str, Self); 7] = [
        ("alloc_table", Self::AllocTable),
        ("alloc_struct", Self::AllocStruct),
        ("register_ioat", Self::RegisterIoat),
        ("unregister_ioat", Self::UnregisterIoat),
        ("refresh_trans", Self::RefreshTrans),
        ("dma_init", Self::DmaInit),
        ("dma_exit", Self::DmaExit),
    ];

    /// As in scenarios and recordings.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, site)| *site == self).map_or("", |(name, _)| name)
    }
}

/// How an injected failure looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Failure {
    /// Condition code, where the site answers with one.
    pub cc: u8,
    /// Status that comes with it.
    pub status: u8,
    /// Negative errno, where the site returns one.
    pub rc: i32,
}

/// An armed failure: after `after` good calls of its site, the next `count` fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Armed {
    /// Good calls still to come.
    pub after: u64,
    /// Failing calls after them.
    pub count: u64,
    /// What they answer.
    pub failure: Failure,
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
    pub faults: BTreeMap<FaultSite, Armed>,
    /// What stands behind the DMA API.
    pub dma_api: DmaApi,
    /// Upper bound of the DMA API's range and later of every function's, which Linux derives from the memory size and
    /// `s390_iommu_aperture`; bytes.
    pub aperture_limit: u64,
    /// Readers of lists, and what waits for them.
    pub rcu: Rcu,
}

impl Default for Kernel {
    fn default() -> Self {
        Self {
            functions: Vec::new(),
            domains: Vec::new(),
            nodes: Vec::new(),
            faults: BTreeMap::new(),
            dma_api: DmaApi::Real,
            aperture_limit: u64::MAX,
            rcu: Rcu::default(),
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
    pub fn add_function(&mut self, name: &str, attributes: Attributes) -> FunctionId {
        let id = FunctionId(self.functions.len() as u32);
        let Attributes { fid, handle, range, tlb_refresh, supported_tables, relaxed, ism } = attributes;
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
            supported_tables,
            relaxed,
            ism,
            shadow_on_flush: false,
        });
        id
    }

    /// Who holds a lock.
    pub(crate) fn holder(&self, lock: Lock) -> Option<u8> {
        let domain = &self.domains[lock.domain().index()];
        if lock.0 & 1 == 0 { domain.table_lock } else { domain.list_lock }
    }

    #[inline]
    pub(crate) fn lock_slot(&mut self, lock: Lock) -> &mut Option<u8> {
        let domain = &mut self.domains[lock.domain().index()];
        if lock.0 & 1 == 0 { &mut domain.table_lock } else { &mut domain.list_lock }
    }

    /// Whether an armed failure strikes this call of its site; counts the call.
    pub(crate) fn strike(&mut self, site: FaultSite) -> Option<Failure> {
        if self.faults.is_empty() {
            return None;
        }
        let armed = self.faults.get_mut(&site)?;
        if armed.after > 0 {
            armed.after -= 1;
            return None;
        }
        let failure = armed.failure;
        armed.count = armed.count.saturating_sub(1);
        if armed.count == 0 {
            self.faults.remove(&site);
        }
        Some(failure)
    }
}
