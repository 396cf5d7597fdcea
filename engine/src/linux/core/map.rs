//! `iommu_map`: splits a request into driver calls and takes back what a failure leaves.

use super::page_size::choose;
use super::{is_aligned, is_paging, unmap};
use crate::addr::{Iova, Phys};
use crate::exec::Cx;
use crate::ids::DomainId;
use crate::linux::driver::{self, Prot};
use crate::linux::errno::{Errno, Outcome};
use crate::revision::{Core, MappingCalls};
use crate::trace::Call;

/// Maps `size` bytes, and lets the driver tell the machine where that is an operation of its own.
///
/// # Errors
/// -EINVAL in a static domain, and where an address or the size is no multiple of the smallest page, before any driver
/// call; else what the driver returns, after the chunks that were mapped have been unmapped again.
pub fn map(cx: &mut Cx, domain: DomainId, iova: Iova, phys: Phys, size: u64, prot: Prot) -> Outcome {
    if !is_paging(cx, domain) {
        return Err(Errno::EINVAL);
    }
    match map_nosync(cx, domain, iova, phys, size, prot) {
        Err(_) if cx.ask::<Core>() == Core::LosesMapErrors => {}
        outcome => outcome?,
    }
    sync_map(cx, domain, iova, size)
}

/// `iommu_map` before its sync. On failure what was mapped is unmapped; -EINVAL for a bad alignment may count as one.
#[inline(always)]
fn map_nosync(cx: &mut Cx, domain: DomainId, iova: Iova, phys: Phys, size: u64, prot: Prot) -> Outcome {
    let mut done = 0;
    let outcome = map_chunks(cx, domain, iova, phys, size, prot, &mut done);
    let unaligned = done == 0 && !is_aligned(cx, iova.get() | phys.get() | size);
    let takes_back = match cx.ask::<Core>() {
        Core::DomainsComeAndGo | Core::AlwaysInADomain => !unaligned,
        Core::ChecksDomains | Core::LosesMapErrors => true,
    };
    if outcome.is_err() && takes_back {
        unmap(cx, domain, iova, done)?;
    }
    outcome
}

/// Driver calls until everything is mapped; `done` says how much is.
#[inline(always)]
fn map_chunks(
    cx: &mut Cx,
    domain: DomainId,
    iova: Iova,
    phys: Phys,
    size: u64,
    prot: Prot,
    done: &mut u64,
) -> Outcome {
    if !is_aligned(cx, iova.get() | phys.get() | size) {
        cx.unaligned();
        return Err(Errno::EINVAL);
    }
    while *done < size {
        let (iova, phys) = (iova.wrapping_add(*done), phys.wrapping_add(*done));
        *done += driver_map(cx, domain, iova, phys, size - *done, prot)?;
    }
    Ok(())
}

/// The driver's sync after a map, if it has one. What it says counts only for later cores, which then take the map back.
#[inline(always)]
fn sync_map(cx: &mut Cx, domain: DomainId, iova: Iova, size: u64) -> Outcome {
    if !driver::has_tlb_operations(cx) {
        return Ok(());
    }
    cx.driver_call(Call::SyncMap, domain, iova, size)?;
    let outcome = driver::iotlb_sync_map(cx, domain, iova, size);
    if outcome.is_err() {
        unmap(cx, domain, iova, size)?;
    }
    outcome
}

/// One driver call for as much of `len` bytes as it takes; gives the bytes mapped.
#[inline(always)]
fn driver_map(cx: &mut Cx, domain: DomainId, iova: Iova, phys: Phys, len: u64, prot: Prot) -> Outcome<u64> {
    let choice = choose(driver::page_sizes(cx), iova.get(), phys.get(), len);
    match cx.ask::<MappingCalls>() {
        MappingCalls::MapUnmap => {
            cx.driver_call(Call::Map, domain, iova, choice.size)?;
            driver::map(cx, domain, iova, phys, choice.size, prot)?;
            Ok(choice.size)
        }
        MappingCalls::MapPagesUnmapPages => {
            cx.driver_call(Call::Map, domain, iova, choice.size * choice.count)?;
            driver::map_pages(cx, domain, iova, phys, choice.size, choice.count, prot)
        }
    }
}
