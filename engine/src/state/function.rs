//! PCI functions as the kernel knows them, and list nodes that stand for them.

use super::legacy_dma::LegacyDma;
use super::list::Link;
use crate::addr::{IovaRange, Phys};
use crate::hw::event::ErrorEvent;
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
    /// Which top levels of tables the function takes (`dtsm` of its CLP group).
    pub supported_tables: u8,
    /// It may do without translation (`rtr` of its CLP group).
    pub relaxed: bool,
    /// The highest address its driver says the device can put on the bus (`dma_set_mask`).
    pub dma_mask: u64,
    /// It is an internal shared memory function: its firmware wants no deferred flushes.
    pub ism: bool,
    /// What the DMA API of kernels to v6.6 keeps about it.
    pub dma: LegacyDma,
    /// Who holds its `dma_table_lock`.
    pub table_lock: Option<u8>,
    /// Who holds its `iommu_bitmap_lock`.
    pub bitmap_lock: Option<u8>,
    /// One flush queue is to serve all CPUs (`shadow_on_flush`).
    pub shadow_on_flush: bool,
    /// The last error that the machine told of.
    pub error: Option<ErrorEvent>,
}

/// What a function is like, besides its name: what the kernel read from the machine when it found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attributes {
    /// Function id.
    pub fid: u32,
    /// Handle.
    pub handle: u32,
    /// Addresses it may use.
    pub range: IovaRange,
    /// See [`Function::tlb_refresh`].
    pub tlb_refresh: bool,
    /// See [`Function::supported_tables`].
    pub supported_tables: u8,
    /// See [`Function::relaxed`].
    pub relaxed: bool,
    /// See [`Function::ism`].
    pub ism: bool,
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
