//! `iommu_map`: splits a request into driver calls and takes back what a failure leaves.

use super::page_size::choose;
use super::{smallest_page, unmap};
use crate::addr::{Iova, Phys};
use crate::exec::Cx;
use crate::ids::DomainId;
use crate::linux::driver::{self, Prot};
use crate::linux::errno::{Errno, Outcome};
use crate::revision::MappingCalls;
use crate::trace::Call;

/// Maps `size` bytes.
///
/// # Errors
/// -EINVAL where an address or the size is no multiple of the smallest page, before any driver call; else what
/// the driver returns, after the chunks that were mapped have been unmapped again.
pub fn map(cx: Cx<'_>, domain: DomainId, iova: Iova, phys: Phys, size: u64, prot: Prot) -> Outcome {
    if (iova.get() | phys.get() | size) & (smallest_page(cx) - 1) != 0 {
        cx.unaligned();
        return Err(Errno::EINVAL);
    }
    let mut done = 0;
    while done < size {
        let (iova, phys) = (iova.wrapping_add(done), phys.wrapping_add(done));
        match driver_map(cx, domain, iova, phys, size - done, prot) {
            Ok(mapped) => done += mapped,
            Err(errno) => {
                unmap(cx, domain, Iova::new(iova.get().wrapping_sub(done)), done)?;
                return Err(errno);
            }
        }
    }
    Ok(())
}

/// One driver call for as much of `len` bytes as it takes; gives the bytes mapped.
fn driver_map(cx: Cx<'_>, domain: DomainId, iova: Iova, phys: Phys, len: u64, prot: Prot) -> Outcome<u64> {
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
