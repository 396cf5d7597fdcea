//! Unmapping (`vfio_dma_do_unmap`): whole mappings, run by run of consecutive memory, with few syncs.

use super::super::container::home_of;
use super::attach::run;
use super::map::unpin;
use super::{change, has, look, page_sizes};
use crate::addr::{Iova, PAGE_SIZE};
use crate::exec::{Cx, Progress};
use crate::linux::core::{self, Gather};
use crate::linux::errno::{Errno, Outcome};
use crate::linux::iommufd;
use crate::revision::Wrapping;
use crate::state::vfio::{Home, Mapping, Type1Domain};
use crate::trace::Warning;

/// Runs that wait for one sync at most (`VFIO_IOMMU_TLB_SYNC_MAX`).
const SYNC_AFTER: usize = 512;

/// What is to be unmapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnmapRequest {
    /// The first address.
    pub iova: Iova,
    /// Bytes.
    pub size: u64,
    /// Everything: address and size have to be 0.
    pub all: bool,
}

/// `VFIO_IOMMU_UNMAP_DMA`: gives the bytes of the mappings that are gone.
///
/// # Errors
/// -EINVAL for bad arguments, before something maps, and in version 2 where a mapping would be cut; -EOVERFLOW (earlier
/// -EINVAL too) for a request that wraps.
pub fn unmap(cx: &mut Cx, container: &str, request: UnmapRequest) -> Outcome<u64> {
    let id = match home_of(cx, container)? {
        Home::Container(id) if has(cx, id) => id,
        Home::Container(_) => return Err(Errno::EINVAL),
        Home::Context(context) => return iommufd::compat_unmap(cx, context, request),
    };
    let size = check(cx, id, request)?;
    let iova = request.iova.get();
    let last = iova.wrapping_add(size - 1);
    let gone = look(cx, id, |iommu| {
        let mappings = iommu
            .mappings
            .iter()
            .filter(|(start, mapping)| **start <= last && start.wrapping_add(mapping.size - 1) >= iova);
        // Version 1 stops at a mapping that begins before the request.
        let mappings = mappings.take_while(|(start, _)| iommu.v2 || request.all || iova <= **start);
        mappings.map(|(start, mapping)| (*start, mapping.size)).collect::<Vec<_>>()
    });
    let mut unmapped = 0;
    for (start, size) in gone {
        unmapped += size;
        remove(cx, id, start)?;
    }
    Ok(unmapped)
}

/// The checks, in the kernel's order; gives the size.
fn check(cx: &mut Cx, id: usize, request: UnmapRequest) -> Outcome<u64> {
    let UnmapRequest { iova, size, all } = request;
    let iova = iova.get();
    let sizes = page_sizes(cx, id);
    let smallest = sizes & sizes.wrapping_neg();
    if iova & (smallest - 1) != 0 {
        return Err(Errno::EINVAL);
    }
    if all {
        return if iova != 0 || size != 0 { Err(Errno::EINVAL) } else { Ok(u64::MAX) };
    }
    if size == 0 || size & (smallest - 1) != 0 {
        return Err(Errno::EINVAL);
    }
    if iova.checked_add(size - 1).is_none() {
        return Err(match cx.ask::<Wrapping>() {
            Wrapping::Invalid => Errno::EINVAL,
            Wrapping::Overflow => Errno::EOVERFLOW,
        });
    }
    let cuts = look(cx, id, |iommu| {
        let starts = iommu.find(iova, 1).is_some_and(|start| start != iova);
        let end = iova.wrapping_add(size);
        let ends = iommu.find(end.wrapping_sub(1), 0).or_else(|| iommu.find(end.wrapping_sub(1), 1));
        iommu.v2
            && (starts
                || ends.is_some_and(|start| {
                    iommu.mappings.get(&start).is_some_and(|m| start.wrapping_add(m.size) != end)
                }))
    });
    if cuts { Err(Errno::EINVAL) } else { Ok(size) }
}

/// Removes every mapping of a container.
pub(super) fn everything(cx: &mut Cx, id: usize) -> Progress {
    for start in look(cx, id, |iommu| iommu.mappings.keys().copied().collect::<Vec<_>>()) {
        remove(cx, id, start)?;
    }
    Ok(())
}

/// Removes a mapping, whatever is left of it in the tables (`vfio_remove_dma`).
pub(super) fn remove(cx: &mut Cx, id: usize, start: u64) -> Progress {
    let mapping = look(cx, id, |iommu| iommu.mappings.get(&start).copied());
    if let Some(mapping) = mapping.filter(|mapping| mapping.size > 0) {
        unmap_and_unpin(cx, id, start, mapping)?;
    }
    change(cx, id, |iommu| {
        iommu.mappings.remove(&start);
        iommu.available += 1;
    })
}

/// All domains but the first are unmapped in one go; the first one says what is where, so that it can be unpinned
/// (`vfio_unmap_unpin`).
fn unmap_and_unpin(cx: &mut Cx, id: usize, start: u64, mapping: Mapping) -> Progress {
    let domains = look(cx, id, |iommu| iommu.domains.clone());
    let Some((first, others)) = domains.split_first() else { return Ok(()) };
    for other in others {
        core::unmap(cx, other.domain, Iova::new(start), mapping.size)?;
    }
    let end = start.wrapping_add(mapping.size);
    let mut batch = Batch { gather: Gather::EMPTY, runs: Vec::new() };
    let mut iova = start;
    while iova < end {
        let phys = core::iova_to_phys(cx, first.domain, Iova::new(iova))?;
        if phys.get() == 0 {
            cx.warn(Warning::UserPageNotMapped);
            iova += PAGE_SIZE;
            continue;
        }
        let len = if first.whole_only { PAGE_SIZE } else { run(cx, first.domain, iova, end, phys)? };
        let unmapped = match batch.unmap(cx, first, iova, len)? {
            0 => {
                // The slow way: alone, with a sync of its own.
                let bytes = core::unmap(cx, first.domain, Iova::new(iova), len)?;
                unpin(cx, bytes)?;
                bytes
            }
            bytes => bytes,
        };
        if unmapped == 0 {
            // What is left stays mapped, if it was, and pinned for good.
            cx.warn(Warning::UserUnmapFailed);
            break;
        }
        iova += unmapped;
    }
    batch.sync(cx, first)
}

/// Runs that are unmapped, and pinned until the machine has been told.
struct Batch {
    gather: Gather,
    runs: Vec<u64>,
}

impl Batch {
    /// Unmaps one run more; gives the bytes.
    fn unmap(&mut self, cx: &mut Cx, first: &Type1Domain, iova: u64, len: u64) -> Progress<u64> {
        let bytes = core::unmap_fast(cx, first.domain, Iova::new(iova), len, &mut self.gather)?;
        if bytes > 0 {
            self.runs.push(bytes);
        }
        if self.runs.len() >= SYNC_AFTER || bytes == 0 {
            self.sync(cx, first)?;
        }
        Ok(bytes)
    }

    /// Tells the machine, then unpins.
    fn sync(&mut self, cx: &mut Cx, first: &Type1Domain) -> Progress {
        if !self.runs.is_empty() {
            core::iotlb_sync(cx, first.domain, &mut self.gather)?;
        }
        for bytes in self.runs.drain(..) {
            unpin(cx, bytes)?;
        }
        Ok(())
    }
}
