//! The common DMA API (`drivers/iommu/dma-iommu.c`) of kernels from v6.7 on: addresses from the top of a default domain's
//! aperture, mapped through the IOMMU core.

use super::{Buffer, Direction, flush};
use crate::addr::{Iova, IovaRange, PAGE_SIZE, Phys};
use crate::exec::{Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::linux::core::{self, Gather};
use crate::linux::driver::{self, Capability, Prot};
use crate::linux::errno::{Errno, Outcome};
use crate::revision::DmaApi;
use crate::state::iova::cache::Magazines;
use crate::state::iova::queue::QueueKind;
use crate::state::kernel::{DomainType, FaultSite};
use crate::trace::{AddressUse, Warning};

/// Maps a buffer for a device (`iommu_dma_map_page`).
///
/// # Errors
/// -ENOMEM.
pub fn map(cx: &mut Cx, function: FunctionId, buffer: Buffer) -> Outcome<Iova> {
    let domain = default_domain(cx, function)?;
    if domain == DomainId::IDENTITY {
        // The device's address of memory: where its range begins stands for physical address 0.
        return Ok(cx.range(function).start.wrapping_add(buffer.phys.get()));
    }
    let offset = buffer.phys.get() & (PAGE_SIZE - 1);
    let bytes = whole_pages(buffer.size, offset).filter(|bytes| *bytes > 0).ok_or(Errno::ENOMEM)?;
    let last = cx.aperture(domain).last.get().min(cx.dma_mask(function));
    // Addresses of devices here begin above 4 GiB: the low ones are not tried first.
    let found = cx.addresses(domain, |addresses, host| addresses.alloc(bytes, last, &mut false, host))?;
    let iova = found.ok_or(Errno::ENOMEM)?;
    cx.log_addresses(domain, AddressUse::Taken, iova, bytes);
    let phys = Phys::new(buffer.phys.get() - offset);
    if core::map(cx, domain, iova, phys, bytes, prot(buffer.direction)).is_err() {
        cx.log_addresses(domain, AddressUse::Given, iova, bytes);
        cx.addresses(domain, |addresses, host| addresses.free(iova, bytes, host))?;
        return Err(Errno::ENOMEM);
    }
    Ok(iova.wrapping_add(offset))
}

/// Memory for a device and CPUs alike (`iommu_dma_alloc`); `phys` is what the page allocator has for it.
///
/// # Errors
/// -ENOMEM.
pub fn alloc_coherent(cx: &mut Cx, function: FunctionId, phys: Phys, size: u64) -> Outcome<Iova> {
    if cx.strike(FaultSite::AllocPages)?.is_some() {
        return Err(Errno::ENOMEM);
    }
    map(cx, function, Buffer { phys, size, direction: Direction::Bidirectional })
}

/// Unmaps what was mapped (`iommu_dma_unmap_page`). What the driver says is at 0 counts as not mapped: its addresses are
/// never given back.
pub fn unmap(cx: &mut Cx, function: FunctionId, iova: Iova, size: u64) -> Progress {
    let Some(domain) = prepared_domain(cx, function) else { return Ok(()) };
    if core::iova_to_phys(cx, domain, iova)? == Phys::new(0) {
        cx.warn(Warning::DmaUnmapsNothing);
        return Ok(());
    }
    give_back(cx, domain, iova, size)
}

/// Gives a coherent buffer back (`iommu_dma_free`), without a look at where it is.
pub fn free_coherent(cx: &mut Cx, function: FunctionId, iova: Iova, size: u64) -> Progress {
    let Some(domain) = prepared_domain(cx, function) else { return Ok(()) };
    give_back(cx, domain, iova, size)
}

/// `__iommu_dma_unmap`: with a flush queue the machine is told later, and the addresses wait for that.
fn give_back(cx: &mut Cx, domain: DomainId, iova: Iova, size: u64) -> Progress {
    let offset = iova.get() & (PAGE_SIZE - 1);
    let Some(bytes) = whole_pages(size, offset) else { return Ok(()) };
    let iova = iova.page();
    let mut gather = Gather::EMPTY;
    if core::unmap_fast(cx, domain, iova, bytes, &mut gather)? != bytes {
        cx.warn(Warning::DmaUnmapsLess);
    }
    if cx.kind(domain) == DomainType::DmaFq {
        return flush::queue(cx, domain, iova, bytes);
    }
    core::iotlb_sync(cx, domain, &mut gather)?;
    cx.log_addresses(domain, AddressUse::Given, iova, bytes);
    cx.addresses(domain, |addresses, host| addresses.free(iova, bytes, host))
}

/// Bytes of the pages that a buffer touches; `None` for sizes beyond any memory.
fn whole_pages(size: u64, offset: u64) -> Option<u64> {
    size.checked_add(offset)?.checked_next_multiple_of(PAGE_SIZE)
}

const fn prot(direction: Direction) -> Prot {
    match direction {
        Direction::Bidirectional => Prot { read: true, write: true },
        Direction::ToDevice => Prot { read: true, write: false },
        Direction::FromDevice => Prot { read: false, write: true },
        Direction::None => Prot { read: false, write: false },
    }
}

/// The domain of a function's DMA API, ready for use. A function without a group that is in none gets one now, as the
/// core gives it one at boot.
///
/// # Errors
/// -ENOMEM for want of memory; -EBUSY while somebody else uses the function.
fn default_domain(cx: &mut Cx, function: FunctionId) -> Outcome<DomainId> {
    let domain = match own_domain(cx, function) {
        Some(domain) => domain,
        None if cx.groups(|groups| groups.member(function).group.is_some()) => return Err(Errno::EBUSY),
        None => {
            let kind = if cx.strict_dma() { DomainType::Dma } else { DomainType::DmaFq };
            let name = format!("{}.dma", cx.function_name(function));
            let domain = core::alloc(cx, &name, kind, function)?;
            core::attach(cx, domain, function)?;
            domain
        }
    };
    if domain == DomainId::IDENTITY {
        return Ok(domain);
    }
    match cx.kind(domain) {
        DomainType::Dma | DomainType::DmaFq => {}
        DomainType::Unmanaged | DomainType::Identity | DomainType::Blocked => return Err(Errno::EBUSY),
    }
    if !cx.has_addresses(domain) {
        set_up(cx, domain, function)?;
    }
    Ok(domain)
}

/// The domain that something was mapped in; `None` where the API translates nothing, or was never used.
fn prepared_domain(cx: &mut Cx, function: FunctionId) -> Option<DomainId> {
    own_domain(cx, function).filter(|domain| *domain != DomainId::IDENTITY && cx.has_addresses(*domain))
}

/// `iommu_get_dma_domain`: the group's default domain, wherever the group is now; without a group, the domain the function
/// is in.
fn own_domain(cx: &mut Cx, function: FunctionId) -> Option<DomainId> {
    let group = cx.groups(|groups| groups.member(function).group);
    match group {
        Some(group) => cx.groups(move |groups| groups.group(group).default_domain),
        None => cx.core_domain(function).filter(|domain| *domain != DomainId::BLOCKING),
    }
}

/// When the caches of addresses get their magazines.
pub(crate) const fn magazines(api: DmaApi) -> Magazines {
    match api {
        DmaApi::DmaIommuOnDemand => Magazines::OnDemand,
        DmaApi::OwnAllocator | DmaApi::DmaIommu => Magazines::AtInit,
    }
}

/// `iommu_dma_init_domain`.
fn set_up(cx: &mut Cx, domain: DomainId, function: FunctionId) -> Outcome {
    let magazines = magazines(cx.ask());
    let may_defer = driver::capable(cx, function, Capability::DeferredFlush);
    let kind = if cx.shadow_on_flush(function) { QueueKind::Single } else { QueueKind::PerCpu };
    let queue = (cx.kind(domain) == DomainType::DmaFq && may_defer).then_some(kind);
    let regions = driver::reserved_regions(cx, function)?.unwrap_or_default();
    let reserved: Vec<IovaRange> = regions
        .into_iter()
        .map(|(start, len)| {
            IovaRange::new(Iova::new(start), Iova::new(start.wrapping_add(len).wrapping_sub(1)))
        })
        .collect();
    if cx.set_up_addresses(domain, magazines, queue, &reserved)? { Ok(()) } else { Err(Errno::ENOMEM) }
}
