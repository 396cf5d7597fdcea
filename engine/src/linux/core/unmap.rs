//! `iommu_unmap` and `iommu_unmap_fast`.

use super::page_size::choose;
use super::smallest_page;
use crate::addr::Iova;
use crate::exec::{Cx, Progress};
use crate::ids::DomainId;
use crate::linux::driver;
use crate::revision::MappingCalls;
use crate::trace::Call;

/// Unmaps up to `size` bytes; gives how many. Stops at the first chunk for which the driver says 0.
pub fn unmap(cx: Cx<'_>, domain: DomainId, iova: Iova, size: u64) -> Progress<u64> {
    unmap_fast(cx, domain, iova, size)
}

/// The same without telling the machine, where the driver leaves that to a later sync.
pub fn unmap_fast(cx: Cx<'_>, domain: DomainId, iova: Iova, size: u64) -> Progress<u64> {
    if (iova.get() | size) & (smallest_page(cx) - 1) != 0 {
        cx.unaligned();
        return Ok(0);
    }
    let mut done = 0;
    while done < size {
        match driver_unmap(cx, domain, iova.wrapping_add(done), size - done)? {
            0 => break,
            bytes => done += bytes,
        }
    }
    Ok(done)
}

/// One driver call for as much of `len` bytes as it takes; gives the bytes unmapped.
fn driver_unmap(cx: Cx<'_>, domain: DomainId, iova: Iova, len: u64) -> Progress<u64> {
    let choice = choose(driver::page_sizes(cx), iova.get(), iova.get(), len);
    match cx.ask::<MappingCalls>() {
        MappingCalls::MapUnmap => {
            cx.driver_call(Call::Unmap, domain, iova, choice.size)?;
            driver::unmap(cx, domain, iova, choice.size)
        }
        MappingCalls::MapPagesUnmapPages => {
            cx.driver_call(Call::Unmap, domain, iova, choice.size * choice.count)?;
            driver::unmap_pages(cx, domain, iova, choice.size, choice.count)
        }
    }
}
