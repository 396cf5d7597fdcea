//! `s390_iommu_unmap` and, from patch 6 on, `s390_iommu_unmap_pages`: both give the bytes unmapped, 0 for failure.

use super::in_aperture;
use super::table::iova_to_phys;
use super::update::{Change, Update, update};
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::exec::{Cx, Progress};
use crate::ids::DomainId;
use crate::trace::Warning;

/// Unmaps one chunk of `size` bytes.
pub fn unmap(cx: Cx<'_>, domain: DomainId, iova: Iova, size: u64) -> Progress<u64> {
    if !first_page_is_mapped(cx, domain, iova)? || !in_aperture(cx, domain, iova, size) {
        return Ok(0);
    }
    let pages = size.wrapping_add(PAGE_SIZE - 1) / PAGE_SIZE;
    let outcome = update(cx, &Update { domain, iova, pages, change: Change::Unmap });
    Ok(if outcome.is_ok() { size } else { 0 })
}

/// Unmaps `count` pages of `page_size`.
pub fn unmap_pages(cx: Cx<'_>, domain: DomainId, iova: Iova, page_size: u64, count: u64) -> Progress<u64> {
    let size = count.wrapping_mul(page_size);
    if !in_aperture(cx, domain, iova, size) {
        cx.warn(Warning::UnmapOutsideAperture);
        return Ok(0);
    }
    if !first_page_is_mapped(cx, domain, iova)? {
        return Ok(0);
    }
    let outcome = update(cx, &Update { domain, iova, pages: count, change: Change::Unmap });
    Ok(if outcome.is_ok() { size } else { 0 })
}

/// Only the first page is looked at; one mapped to physical address 0 counts as not mapped.
fn first_page_is_mapped(cx: Cx<'_>, domain: DomainId, iova: Iova) -> Progress<bool> {
    Ok(iova_to_phys(cx, domain, iova)? != Phys::new(0))
}
