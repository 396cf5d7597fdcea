//! `s390_iommu_map` and, from patch 6 on, `s390_iommu_map_pages`.

use super::update::{Change, update};
use super::{Prot, in_aperture};
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::exec::Cx;
use crate::ids::DomainId;
use crate::linux::errno::{Errno, Outcome};
use crate::revision::Protection;
use crate::state::kernel::Counter;

/// Maps one chunk of `size` bytes.
///
/// # Errors
/// -EINVAL without read permission or outside the aperture; -ENOMEM and -EIO as in the update.
pub fn map(cx: &mut Cx, domain: DomainId, iova: Iova, phys: Phys, size: u64, prot: Prot) -> Outcome {
    let change = change(cx, phys, prot)?;
    if !in_aperture(cx, domain, iova, size) {
        return Err(Errno::EINVAL);
    }
    // PAGE_ALIGN: a sum that passes 2^64 gives 0 pages.
    let pages = size.wrapping_add(PAGE_SIZE - 1) / PAGE_SIZE;
    update(cx, domain, iova, pages, change)
}

/// Maps `count` pages of `page_size`; all of them or none. Gives the bytes mapped.
///
/// # Errors
/// -EINVAL, in this order: page size not 4 KiB, outside the aperture, unaligned, without read permission;
/// -ENOMEM and -EIO as in the update.
#[inline(always)]
pub fn map_pages(
    cx: &mut Cx,
    domain: DomainId,
    iova: Iova,
    phys: Phys,
    page_size: u64,
    count: u64,
    prot: Prot,
) -> Outcome<u64> {
    let size = count.wrapping_mul(page_size);
    if page_size != PAGE_SIZE
        || !in_aperture(cx, domain, iova, size)
        || !(iova.is_aligned(page_size) && phys.is_aligned(page_size))
    {
        return Err(Errno::EINVAL);
    }
    let change = change(cx, phys, prot)?;
    update(cx, domain, iova, count, change)?;
    cx.count(domain, Counter::MappedPages, count)?;
    Ok(size)
}

/// Without write permission pages are protected; there is no entry that a device could only write.
#[inline(always)]
fn change(cx: &mut Cx, phys: Phys, prot: Prot) -> Outcome<Change> {
    if !prot.read && cx.ask::<Protection>() == Protection::ReadRequired {
        return Err(Errno::EINVAL);
    }
    Ok(Change::Map { frame: phys.page(), writable: prot.write })
}
