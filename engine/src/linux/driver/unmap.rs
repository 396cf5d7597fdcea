//! `s390_iommu_unmap` and, from patch 6 on, `s390_iommu_unmap_pages`: both give the bytes unmapped, 0 for failure.

use super::in_aperture;
use super::table::iova_to_phys;
use super::update::{Change, update};
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::exec::{Cx, Progress};
use crate::ids::DomainId;
use crate::revision::{Refresh, UnmapStart};
use crate::state::kernel::{Counter, Gather};
use crate::trace::Warning;

/// Unmaps one chunk of `size` bytes.
pub fn unmap(cx: &mut Cx, domain: DomainId, iova: Iova, size: u64) -> Progress<u64> {
    if !may_begin(cx, domain, iova)? || !in_aperture(cx, domain, iova, size) {
        return Ok(0);
    }
    Ok(invalidate(cx, domain, iova, size.wrapping_add(PAGE_SIZE - 1) / PAGE_SIZE, size))
}

/// Unmaps `count` pages of `page_size`; where refreshes are gathered, adds them to `gather`.
#[inline(always)]
pub fn unmap_pages(
    cx: &mut Cx,
    domain: DomainId,
    iova: Iova,
    page_size: u64,
    count: u64,
    gather: &mut Gather,
) -> Progress<u64> {
    let size = count.wrapping_mul(page_size);
    if !in_aperture(cx, domain, iova, size) {
        cx.warn(Warning::UnmapOutsideAperture);
        return Ok(0);
    }
    if !may_begin(cx, domain, iova)? {
        return Ok(0);
    }
    let done = invalidate(cx, domain, iova, count, size);
    if done != 0 && cx.ask::<Refresh>() != Refresh::InsideEveryUpdate {
        gather.add(iova, done);
        cx.count(domain, Counter::UnmappedPages, count)?;
    }
    Ok(done)
}

#[inline(always)]
fn invalidate(cx: &mut Cx, domain: DomainId, iova: Iova, pages: u64, size: u64) -> u64 {
    let outcome = update(cx, domain, iova, pages, Change::Unmap);
    if outcome.is_ok() { size } else { 0 }
}

/// Where a look-up comes first, only the first page is looked at; one mapped to physical address 0 counts as not mapped.
#[inline(always)]
fn may_begin(cx: &mut Cx, domain: DomainId, iova: Iova) -> Progress<bool> {
    match cx.ask::<UnmapStart>() {
        UnmapStart::LooksUpFirstPage => Ok(iova_to_phys(cx, domain, iova)? != Phys::new(0)),
        UnmapStart::WalksStraight => Ok(true),
    }
}
