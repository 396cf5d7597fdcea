//! Mapping user memory in an address space, and with that in each of its page tables.

use super::{addresses, change_space, context, space, table};
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::exec::{Cx, Progress};
use crate::ids::DomainId;
use crate::linux::core;
use crate::linux::driver::Prot;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::vfio::type1::runs;
use crate::state::iommufd::{Area, Ioas};

/// What is to be mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapRequest {
    /// The device's address; none asks for any.
    pub iova: Option<Iova>,
    /// The process's address.
    pub vaddr: u64,
    /// Bytes.
    pub size: u64,
    /// What the device may do.
    pub prot: Prot,
    /// The memory there, as runs of bytes from a physical address on; where it ends before the request does, there is
    /// none that could be used this way.
    pub memory: Vec<(Phys, u64)>,
}

/// `IOMMU_IOAS_MAP`: gives the device's address.
///
/// # Errors
/// -ENOENT without such an address space; -EINVAL, -EOVERFLOW, -EEXIST or -ENOSPC for addresses that do not do; -EFAULT
/// without memory; what a domain's map returns.
pub fn map(cx: &mut Cx, context: &str, id: u32, request: &MapRequest) -> Outcome<Iova> {
    let context = context::of(cx, context)?;
    map_in(cx, context, id, request)
}

pub(super) fn map_in(cx: &mut Cx, context: usize, id: u32, request: &MapRequest) -> Outcome<Iova> {
    let ioas = space(cx, context, id)?;
    let iova = match request.iova {
        Some(iova) => iova.get(),
        None => addresses::find(&ioas, request.vaddr, request.size)?,
    };
    addresses::check(&ioas, iova, request.size)?;
    let memory = runs(&request.memory).into_iter().map(|(phys, len)| (phys.get(), len)).collect();
    let pages = cx.change_users(|users| {
        users.vfio.numbers += 1;
        users.vfio.numbers
    })?;
    let Prot { read, write } = request.prot;
    let area = Area { size: request.size, read, write, memory, writable: write, pinned: false, pages };
    insert(cx, context, id, iova, area)?;
    Ok(Iova::new(iova))
}

/// Adds an area, and maps it in every page table.
pub(super) fn insert(cx: &mut Cx, context: usize, id: u32, iova: u64, area: Area) -> Outcome {
    let ioas = space(cx, context, id)?;
    let domains = domains(cx, context, &ioas)?;
    let mut area = area;
    for (index, domain) in domains.iter().enumerate() {
        if let Err(errno) = fill(cx, *domain, iova, &area) {
            for domain in domains[..index].iter().rev() {
                core::unmap(cx, *domain, Iova::new(iova), area.size)?;
            }
            return Err(errno);
        }
    }
    if !domains.is_empty() {
        pin(cx, &mut area)?;
    }
    Ok(change_space(cx, context, id, |ioas| {
        ioas.areas.insert(iova, area);
    })?)
}

/// The domains of an address space's page tables, in order of arrival.
pub(super) fn domains(cx: &mut Cx, context: usize, ioas: &Ioas) -> Outcome<Vec<DomainId>> {
    ioas.domains.iter().map(|id| Ok(table(cx, context, *id)?.domain)).collect()
}

/// Maps an area in a domain, run by run; a failure takes all of it back.
pub(super) fn fill(cx: &mut Cx, domain: DomainId, iova: u64, area: &Area) -> Outcome {
    let prot = Prot { read: area.read, write: area.write };
    let mut done = 0;
    let mut outcome = Ok(());
    for (phys, len) in &area.memory {
        let len = (*len).min(area.size - done);
        if len == 0 {
            break;
        }
        outcome = core::map(cx, domain, Iova::new(iova + done), Phys::new(*phys), len, prot);
        if outcome.is_err() {
            break;
        }
        done += len;
    }
    if outcome.is_ok() && done < area.size {
        outcome = Err(Errno::EFAULT);
    }
    if outcome.is_err() && done > 0 {
        core::unmap(cx, domain, Iova::new(iova), done)?;
    }
    outcome
}

/// Pins an area's pages, for its first page table.
pub(super) fn pin(cx: &mut Cx, area: &mut Area) -> Progress {
    if std::mem::replace(&mut area.pinned, true) {
        return Ok(());
    }
    let pages = area.size / PAGE_SIZE;
    cx.change_users(|users| users.vfio.pinned += pages)
}

/// Unpins them, with the last one.
pub(super) fn unpin(cx: &mut Cx, area: &mut Area) -> Progress {
    if !std::mem::replace(&mut area.pinned, false) {
        return Ok(());
    }
    let pages = area.size / PAGE_SIZE;
    cx.change_users(|users| users.vfio.pinned -= pages)
}

/// `IOMMU_IOAS_UNMAP`: whole areas only; address 0 and a size of all ones mean everything. Gives the bytes.
///
/// # Errors
/// -ENOENT without such an address space, without an area there, or where one would be cut; -EOVERFLOW for a request that
/// wraps.
pub fn unmap(cx: &mut Cx, context: &str, id: u32, iova: Iova, size: u64) -> Outcome<u64> {
    let context = context::of(cx, context)?;
    unmap_in(cx, context, id, iova, size)
}

pub(super) fn unmap_in(cx: &mut Cx, context: usize, id: u32, iova: Iova, size: u64) -> Outcome<u64> {
    let iova = iova.get();
    let all = iova == 0 && size == u64::MAX;
    let ioas = space(cx, context, id)?;
    if size == 0 {
        return Err(Errno::EINVAL);
    }
    let last = if all { u64::MAX } else { iova.checked_add(size - 1).ok_or(Errno::EOVERFLOW)? };
    let mut unmapped = 0;
    for (start, area) in
        ioas.areas.iter().filter(|(start, area)| **start <= last && *start + (area.size - 1) >= iova)
    {
        if *start < iova || start + (area.size - 1) > last {
            return Err(Errno::ENOENT);
        }
        remove(cx, context, id, *start)?;
        unmapped += area.size;
    }
    if unmapped == 0 && !all { Err(Errno::ENOENT) } else { Ok(unmapped) }
}

/// Runs of consecutive memory that are looked up before they are unmapped and unpinned together: as many as fit into
/// 64 KiB with twelve bytes each (`struct pfn_batch`).
const BATCH: usize = 5461;

/// An area's bytes, batch by batch. Memory that another area holds too stays pinned, so that nothing is looked up.
fn batches(area: &Area, shared: bool) -> Vec<u64> {
    let bytes = |runs: &[(u64, u64)]| runs.iter().map(|(_, len)| len).sum::<u64>();
    if shared { vec![area.size] } else { area.memory.chunks(BATCH).map(bytes).collect() }
}

/// Removes an area: from all page tables but the first, then from that one, which knows its pages.
fn remove(cx: &mut Cx, context: usize, id: u32, start: u64) -> Outcome {
    let ioas = space(cx, context, id)?;
    let Some(mut area) = ioas.areas.get(&start).cloned() else { return Ok(()) };
    let domains = domains(cx, context, &ioas)?;
    if let Some((first, others)) = domains.split_first() {
        for domain in others {
            core::unmap(cx, *domain, Iova::new(start), area.size)?;
        }
        let shared = ioas.areas.iter().any(|(other, held)| *other != start && held.pages == area.pages);
        let mut done = 0;
        for bytes in batches(&area, shared) {
            let bytes = bytes.min(area.size - done);
            core::unmap(cx, *first, Iova::new(start + done), bytes)?;
            done += bytes;
        }
    }
    unpin(cx, &mut area)?;
    Ok(change_space(cx, context, id, |ioas| {
        ioas.areas.remove(&start);
    })?)
}
