//! Domains: tables, aperture, counters, and what was unmapped but not synced.

use serde::{Deserialize, Serialize};

use super::iova::IovaDomain;
use super::list::Link;
use crate::addr::{Iova, IovaRange, Phys};
use crate::ids::TableUse;
use crate::table::Level;

/// What a domain tells the core about usable addresses (`struct iommu_domain_geometry`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Geometry {
    /// Both ends inside.
    pub aperture: IovaRange,
    /// The aperture is a limit, not a hint.
    pub force: bool,
}

/// What a domain is to be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainType {
    /// The caller manages addresses: VFIO.
    Unmanaged,
    /// The DMA API, strict.
    Dma,
    /// The DMA API with a flush queue.
    DmaFq,
    /// No translation.
    Identity,
    /// No DMA.
    Blocked,
}

impl DomainType {
    /// As in scenarios and recordings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unmanaged => "unmanaged",
            Self::Dma => "dma",
            Self::DmaFq => "dma_fq",
            Self::Identity => "identity",
            Self::Blocked => "blocked",
        }
    }

    /// All, as in scenarios and recordings.
    pub const NAMED: [(&'static str, Self); 5] = [
        ("unmanaged", Self::Unmanaged),
        ("dma", Self::Dma),
        ("dma_fq", Self::DmaFq),
        ("identity", Self::Identity),
        ("blocked", Self::Blocked),
    ];

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind)
    }
}

/// Translation tables: where they begin, how deep they are, whose they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tables {
    /// The table at the top.
    pub root: Phys,
    /// Its level.
    pub level: Level,
    /// For the owner of every table below.
    pub owner: TableUse,
}

/// What a domain counts, with Linux's names (`struct zpci_iommu_ctrs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Counter {
    /// `mapped_pages`.
    MappedPages,
    /// `unmapped_pages`.
    UnmappedPages,
    /// `global_rpcits`: for whole functions.
    GlobalRpcits,
    /// `sync_map_rpcits`: after a map.
    SyncMapRpcits,
    /// `sync_rpcits`: after unmaps.
    SyncRpcits,
}

impl Counter {
    /// All, with their names, in Linux's order.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::MappedPages, "mapped_pages"),
        (Self::UnmappedPages, "unmapped_pages"),
        (Self::GlobalRpcits, "global_rpcits"),
        (Self::SyncMapRpcits, "sync_map_rpcits"),
        (Self::SyncRpcits, "sync_rpcits"),
    ];
}

/// Unmapped addresses of which the machine has not been told (`struct iommu_iotlb_gather`): one range over everything,
/// holes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gather {
    /// The first address; all ones while there is none.
    pub start: Iova,
    /// The last one; 0 while there is none.
    pub last: Iova,
}

impl Gather {
    /// Nothing gathered.
    pub const EMPTY: Self = Self { start: Iova::new(u64::MAX), last: Iova::new(0) };

    /// Adds a range, in the kernel's 64-bit arithmetic.
    pub fn add(&mut self, iova: Iova, bytes: u64) {
        let last = iova.wrapping_add(bytes.wrapping_sub(1));
        self.start = self.start.min(iova);
        self.last = self.last.max(last);
    }
}

/// A domain (`struct s390_domain`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Domain {
    /// Name in scenarios.
    pub name: String,
    /// Its tables.
    pub tables: Tables,
    /// What it is for.
    pub kind: DomainType,
    /// In the order of [`Counter::ALL`].
    pub counters: [u64; Counter::ALL.len()],
    /// What its user unmapped without a sync.
    pub gather: Gather,
    /// Its addresses, once the DMA API has begun to use it.
    pub iova: Option<Box<IovaDomain>>,
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
