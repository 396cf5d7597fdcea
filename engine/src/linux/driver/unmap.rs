//! `s390_iommu_unmap` and, from patch 6 on, `s390_iommu_unmap_pages`: both give the bytes unmapped, 0 for failure.

use super::in_aperture;
use super::table::iova_to_phys;
use super::update::{Change, Update, update};
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::exec::Cx;
use crate::ids::DomainId;
use crate::trace::Warning;

/// Unmaps one chunk of `size` bytes.
pub async fn unmap(cx: Cx<'_>, domain: DomainId, iova: Iova, size: u64) -> u64 {
    if !first_page_is_mapped(cx, domain, iova).await || !in_aperture(cx, domain, iova, size) {
        return 0;
    }
    let pages = size.wrapping_add(PAGE_SIZE - 1) / PAGE_SIZE;
    if update(cx, &Update { domain, iova, pages, change: Change::Unmap }).await.is_ok() { size } else { 0 }
}

/// Unmaps `count` pages of `page_size`.
pub async fn unmap_pages(cx: Cx<'_>, domain: DomainId, iova: Iova, page_size: u64, count: u64) -> u64 {
    let size = count.wrapping_mul(page_size);
    if !in_aperture(cx, domain, iova, size) {
        cx.warn(Warning::UnmapOutsideAperture);
        return 0;
    }
    if !first_page_is_mapped(cx, domain, iova).await {
        return 0;
    }
    if update(cx, &Update { domain, iova, pages: count, change: Change::Unmap }).await.is_ok() {
        size
    } else {
        0
    }
}

/// Only the first page is looked at; one mapped to physical address 0 counts as not mapped.
async fn first_page_is_mapped(cx: Cx<'_>, domain: DomainId, iova: Iova) -> bool {
    iova_to_phys(cx, domain, iova).await != Phys::new(0)
}
