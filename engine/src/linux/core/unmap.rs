//! `iommu_unmap`, `iommu_unmap_fast`, `iommu_iotlb_sync`.

use super::page_size::choose;
use super::{is_aligned, is_paging};
use crate::addr::Iova;
use crate::exec::{Cx, Progress};
use crate::ids::DomainId;
use crate::linux::driver;
use crate::revision::{Core, MappingCalls};
use crate::state::kernel::Gather;
use crate::trace::Call;

/// Unmaps up to `size` bytes and syncs; gives how many. Stops at the first chunk for which the driver says 0.
pub fn unmap(cx: &mut Cx, domain: DomainId, iova: Iova, size: u64) -> Progress<u64> {
    let mut gather = Gather::EMPTY;
    let done = unmap_fast(cx, domain, iova, size, &mut gather)?;
    if !domain.is_static() {
        iotlb_sync(cx, domain, &mut gather)?;
    }
    Ok(done)
}

/// The same without the sync, where the driver leaves telling the machine to that.
#[inline(always)]
pub fn unmap_fast(
    cx: &mut Cx,
    domain: DomainId,
    iova: Iova,
    size: u64,
    gather: &mut Gather,
) -> Progress<u64> {
    if !is_paging(cx, domain) {
        return Ok(0);
    }
    if !is_aligned(cx, iova.get() | size) {
        cx.unaligned();
        return Ok(0);
    }
    let mut done = 0;
    while done < size {
        match driver_unmap(cx, domain, iova.wrapping_add(done), size - done, gather)? {
            0 => break,
            bytes => done += bytes,
        }
    }
    Ok(done)
}

/// Lets the driver tell the machine of what was gathered, and begins anew.
#[inline(always)]
pub fn iotlb_sync(cx: &mut Cx, domain: DomainId, gather: &mut Gather) -> Progress {
    let wanted = match cx.ask::<Core>() {
        Core::DomainsComeAndGo | Core::AlwaysInADomain => true,
        Core::ChecksDomains | Core::LosesMapErrors => gather.start < gather.last,
    };
    if wanted && driver::has_tlb_operations(cx) {
        cx.driver_call(Call::IotlbSync, domain, gather.start, 0)?;
        driver::iotlb_sync(cx, domain, gather)?;
    }
    *gather = Gather::EMPTY;
    Ok(())
}

/// One driver call for as much of `len` bytes as it takes; gives the bytes unmapped.
#[inline(always)]
fn driver_unmap(cx: &mut Cx, domain: DomainId, iova: Iova, len: u64, gather: &mut Gather) -> Progress<u64> {
    let choice = choose(driver::page_sizes(cx), iova.get(), iova.get(), len);
    match cx.ask::<MappingCalls>() {
        MappingCalls::MapUnmap => {
            cx.driver_call(Call::Unmap, domain, iova, choice.size)?;
            driver::unmap(cx, domain, iova, choice.size)
        }
        MappingCalls::MapPagesUnmapPages => {
            cx.driver_call(Call::Unmap, domain, iova, choice.size * choice.count)?;
            driver::unmap_pages(cx, domain, iova, choice.size, choice.count, gather)
        }
    }
}
