//! Mapping user memory (`vfio_dma_do_map`): page run by page run, pinned and mapped in every domain.

use std::collections::VecDeque;

use super::super::container::home_of;
use super::{change, has, look, page_sizes, ranges, unmap};
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::exec::Cx;
use crate::linux::core;
use crate::linux::driver::Prot;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::iommufd;
use crate::revision::Wrapping;
use crate::state::vfio::{Home, Mapping};

/// What is to be mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapRequest {
    /// The device's address.
    pub iova: Iova,
    /// The process's address: it has to be aligned, and must not wrap.
    pub vaddr: u64,
    /// Bytes.
    pub size: u64,
    /// What the device may do.
    pub prot: Prot,
    /// The memory there, as runs of bytes from a physical address on; where it ends before the request does, there is
    /// none that could be used this way.
    pub memory: Vec<(Phys, u64)>,
}

/// `VFIO_IOMMU_MAP_DMA`.
///
/// # Errors
/// -EINVAL for bad arguments, before something maps, and for addresses that may not be mapped; -EOVERFLOW (earlier
/// -EINVAL too) for a request that wraps; -EEXIST over another mapping; -ENOSPC for too many mappings; -EFAULT without
/// memory; what a domain's map returns. Nothing stays mapped then.
pub fn map(cx: &mut Cx, container: &str, request: &MapRequest) -> Outcome {
    let id = match home_of(cx, container)? {
        Home::Container(id) if has(cx, id) => id,
        Home::Container(_) => return Err(Errno::EINVAL),
        Home::Context(context) => return iommufd::compat_map(cx, context, request),
    };
    check(cx, id, request)?;
    let start = request.iova.get();
    let Prot { read, write } = request.prot;
    change(cx, id, |iommu| {
        iommu.available -= 1;
        iommu.mappings.insert(start, Mapping { size: 0, read, write });
    })?;
    let outcome = pin_and_map(cx, id, request);
    if outcome.is_err() {
        unmap::remove(cx, id, start)?;
    }
    outcome
}

/// The checks, in the kernel's order.
fn check(cx: &mut Cx, id: usize, request: &MapRequest) -> Outcome {
    let MapRequest { iova, vaddr, size, prot, .. } = *request;
    let start = iova.get();
    let wrapping = cx.ask::<Wrapping>();
    if size == 0 && wrapping == Wrapping::Overflow {
        return Err(Errno::EINVAL);
    }
    let wraps = size > 0 && (start.checked_add(size - 1).is_none() || vaddr.checked_add(size - 1).is_none());
    if wraps && wrapping == Wrapping::Overflow {
        return Err(Errno::EOVERFLOW);
    }
    if !prot.read && !prot.write {
        return Err(Errno::EINVAL);
    }
    let sizes = page_sizes(cx, id);
    let smallest = sizes & sizes.wrapping_neg();
    if size == 0 || (size | start | vaddr) & (smallest - 1) != 0 || wraps {
        return Err(Errno::EINVAL);
    }
    look(cx, id, |iommu| {
        if iommu.find(start, size).is_some() {
            Err(Errno::EEXIST)
        } else if iommu.available == 0 {
            Err(Errno::ENOSPC)
        } else if !iommu.ranges.is_empty() && !ranges::contains(&iommu.ranges, start, start + (size - 1)) {
            Err(Errno::EINVAL)
        } else {
            Ok(())
        }
    })
}

/// Pins a run of consecutive memory, maps it in every domain, and goes on with the next.
fn pin_and_map(cx: &mut Cx, id: usize, request: &MapRequest) -> Outcome {
    let start = request.iova.get();
    let mut done = 0;
    let single = cx.users(|users| users.vfio.single_pages);
    let mut memory: VecDeque<(Phys, u64)> = runs(&request.memory).into();
    while let Some((phys, available)) = memory.pop_front() {
        let most = if single { PAGE_SIZE } else { available };
        let len = available.min(most).min(request.size - done);
        if len == 0 {
            break;
        }
        if len < available {
            memory.push_front((phys.wrapping_add(len), available - len));
        }
        pin(cx, len)?;
        if let Err(errno) = map_run(cx, id, Iova::new(start + done), phys, len, request.prot) {
            unpin(cx, len)?;
            return Err(errno);
        }
        done += len;
        change(cx, id, |iommu| {
            if let Some(mapping) = iommu.mappings.get_mut(&start) {
                mapping.size = done;
            }
        })?;
    }
    if done < request.size { Err(Errno::EFAULT) } else { Ok(()) }
}

/// Memory as runs that are as long as can be.
pub(in crate::linux) fn runs(memory: &[(Phys, u64)]) -> Vec<(Phys, u64)> {
    let mut runs: Vec<(Phys, u64)> = Vec::new();
    for (phys, len) in memory {
        match runs.last_mut() {
            Some((start, bytes)) if start.wrapping_add(*bytes) == *phys => *bytes += len,
            _ => runs.push((*phys, *len)),
        }
    }
    runs
}

/// Maps in every domain; a failure takes back those before (`vfio_iommu_map`).
fn map_run(cx: &mut Cx, id: usize, iova: Iova, phys: Phys, len: u64, prot: Prot) -> Outcome {
    let domains = look(cx, id, |iommu| iommu.domains.clone());
    for (index, domain) in domains.iter().enumerate() {
        if let Err(errno) = core::map(cx, domain.domain, iova, phys, len, prot) {
            for domain in domains[..index].iter().rev() {
                core::unmap(cx, domain.domain, iova, len)?;
            }
            return Err(errno);
        }
    }
    Ok(())
}

/// Counts pages of user memory that cannot go away.
pub(in crate::linux) fn pin(cx: &mut Cx, bytes: u64) -> crate::exec::Progress {
    cx.change_users(|users| users.vfio.pinned += bytes / PAGE_SIZE)
}

/// And those that can again.
pub(in crate::linux) fn unpin(cx: &mut Cx, bytes: u64) -> crate::exec::Progress {
    cx.change_users(|users| users.vfio.pinned -= bytes / PAGE_SIZE)
}
