//! The DMA API behind which ordinary device drivers map: a page or a buffer in, an address for the device out.
//!
//! Kernels to v6.6 have an allocator of their own with tables of its own ([`legacy`]), later ones use the common
//! [`dma_iommu`] on a default domain. Callers see no difference.

pub mod dma_iommu;
mod flush;
pub mod legacy;

use serde::{Deserialize, Serialize};

use crate::addr::{Iova, Phys};
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::errno::Outcome;
use crate::revision::DmaApi;

/// What the device does with the memory (`enum dma_data_direction`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Reads and writes.
    #[default]
    Bidirectional,
    /// Reads.
    ToDevice,
    /// Writes.
    FromDevice,
    /// Neither.
    None,
}

impl Direction {
    /// All, with their names in scenarios and recordings.
    pub const NAMED: [(&'static str, Self); 4] = [
        ("bidi", Self::Bidirectional),
        ("to", Self::ToDevice),
        ("from", Self::FromDevice),
        ("none", Self::None),
    ];
}

/// Memory that is handed to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// Where it begins; any byte.
    pub phys: Phys,
    /// Its bytes.
    pub size: u64,
    /// What the device may do.
    pub direction: Direction,
}

/// Hands memory to a device; gives the address by which the device reaches it (`dma_map_page`).
///
/// # Errors
/// -ENOMEM, as `dma_mapping_error` says, for want of addresses, of memory for tables, or of anything else.
pub fn map(cx: &mut Cx, function: FunctionId, buffer: Buffer) -> Outcome<Iova> {
    match cx.ask::<DmaApi>() {
        DmaApi::OwnAllocator => legacy::map(cx, function, buffer),
        DmaApi::DmaIommu | DmaApi::DmaIommuOnDemand => dma_iommu::map(cx, function, buffer),
    }
}

/// Takes it back (`dma_unmap_page`); failures are not reported.
pub fn unmap(cx: &mut Cx, function: FunctionId, iova: Iova, size: u64) -> Progress {
    match cx.ask::<DmaApi>() {
        DmaApi::OwnAllocator => legacy::unmap(cx, function, iova, size),
        DmaApi::DmaIommu | DmaApi::DmaIommuOnDemand => dma_iommu::unmap(cx, function, iova, size),
    }
}

/// Gives a device memory of its own, coherent with the caches (`dma_alloc_coherent`); `phys` is what the page allocator
/// has for it.
///
/// # Errors
/// -ENOMEM.
pub fn alloc_coherent(cx: &mut Cx, function: FunctionId, phys: Phys, size: u64) -> Outcome<Iova> {
    match cx.ask::<DmaApi>() {
        DmaApi::OwnAllocator => legacy::alloc_coherent(cx, function, phys, size),
        DmaApi::DmaIommu | DmaApi::DmaIommuOnDemand => dma_iommu::alloc_coherent(cx, function, phys, size),
    }
}

/// Takes it back (`dma_free_coherent`).
pub fn free_coherent(cx: &mut Cx, function: FunctionId, size: u64, iova: Iova) -> Progress {
    match cx.ask::<DmaApi>() {
        DmaApi::OwnAllocator => legacy::free_coherent(cx, function, size, iova),
        DmaApi::DmaIommu | DmaApi::DmaIommuOnDemand => dma_iommu::free_coherent(cx, function, iova, size),
    }
}

/// Lets time pass: what is due runs on the CPU that asks.
pub fn advance(cx: &mut Cx, ms: u64) -> Progress {
    let until = cx.now().saturating_add(ms);
    while let Some((domain, timer)) = cx.next_timer(until)? {
        flush::expired(cx, domain, timer)?;
    }
    Ok(())
}
