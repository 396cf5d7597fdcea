//! A group joins what a container maps with: into a domain that is there, or into one of its own.

use super::{change, look, ranges};
use crate::addr::{Iova, IovaRange, PAGE_SIZE, Phys};
use crate::exec::{Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::linux::core;
use crate::linux::core::group;
use crate::linux::driver::{self, Prot, Reserved};
use crate::linux::errno::{Errno, Outcome};
use crate::revision::NewDomains;
use crate::state::vfio::Type1Domain;
use crate::trace::Warning;

/// Attaches a group (`vfio_iommu_type1_attach_group`).
///
/// # Errors
/// What allocation and attach return; -EINVAL if mappings lie where the group cannot follow, or if nothing is left that
/// could be mapped. The group is back where it was then.
pub(in crate::linux::vfio) fn attach_group(cx: &mut Cx, container: usize, group: usize) -> Outcome {
    let function = cx.users(|users| users.vfio.groups[group].function);
    let new = alloc(cx, container, function)?;
    if let Err(errno) = group::attach_group(cx, function, new) {
        group::free(cx, new)?;
        return Err(errno);
    }
    let settled = settle(cx, container, group, function, new);
    match settled {
        Ok(Settled::OwnDomain) => Ok(()),
        Ok(Settled::OtherDomain) => Ok(group::free(cx, new)?),
        Err(errno) => {
            group::detach_group(cx, function)?;
            group::free(cx, new)?;
            Err(errno)
        }
    }
}

/// Where a group has ended up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Settled {
    OwnDomain,
    OtherDomain,
}

/// The group is in its own new domain: checks, and finds its place.
fn settle(
    cx: &mut Cx,
    container: usize,
    group: usize,
    function: FunctionId,
    new: DomainId,
) -> Outcome<Settled> {
    let aperture = cx.aperture(new);
    if aperture_conflicts(cx, container, aperture) {
        return Err(Errno::EINVAL);
    }
    let reserved = driver::reserved_regions(cx, function)?.unwrap_or_default();
    if reserved_conflicts(cx, container, &reserved) {
        return Err(Errno::EINVAL);
    }
    let mut list = look(cx, container, |iommu| iommu.ranges.clone());
    ranges::resize(&mut list, aperture);
    if !ranges::exclude(&mut list, &reserved) {
        return Err(Errno::EINVAL);
    }
    let domains = look(cx, container, |iommu| iommu.domains.clone());
    for (index, other) in domains.iter().enumerate() {
        if !group::is_compatible(cx, other.domain, function) {
            continue;
        }
        group::detach_group(cx, function)?;
        if group::attach_group(cx, function, other.domain).is_ok() {
            change(cx, container, |iommu| {
                iommu.domains[index].groups.insert(0, group);
                iommu.ranges = list;
            })?;
            return Ok(Settled::OtherDomain);
        }
        group::attach_group(cx, function, new)?;
    }
    let whole_only = needs_whole_pages(cx, new, &list)?;
    replay(cx, container, new)?;
    change(cx, container, |iommu| {
        iommu.domains.insert(0, Type1Domain { domain: new, groups: vec![group], whole_only });
        iommu.ranges = list;
    })?;
    Ok(Settled::OwnDomain)
}

/// A new domain, named for its container.
fn alloc(cx: &mut Cx, container: usize, function: FunctionId) -> Outcome<DomainId> {
    let name = cx.change_users(|users| {
        let container = &mut users.vfio.containers[container];
        container.domains += 1;
        format!("{}.d{}", container.name, container.domains - 1)
    })?;
    group::alloc_unmanaged(cx, &name, function)
}

/// Whether an aperture has nothing in common with the list, or would cut a mapping off.
fn aperture_conflicts(cx: &mut Cx, container: usize, aperture: IovaRange) -> bool {
    look(cx, container, |iommu| {
        let (Some(first), Some(last)) = (iommu.ranges.first(), iommu.ranges.last()) else { return false };
        let whole = IovaRange::new(first.start, last.last);
        let (start, end) = (whole.start.get(), whole.last.get());
        let below = aperture.start.get().saturating_sub(start);
        let above = end.saturating_sub(aperture.last.get());
        !whole.overlaps(aperture)
            || below > 0 && iommu.find(start, below).is_some()
            || above > 0 && iommu.find(aperture.last.get() + 1, above).is_some()
    })
}

/// Whether a mapping lies in a reserved region.
fn reserved_conflicts(cx: &mut Cx, container: usize, reserved: &[Reserved]) -> bool {
    let reserved = reserved.to_vec();
    look(cx, container, move |iommu| reserved.iter().any(|(start, len)| iommu.find(*start, *len).is_some()))
}

/// Whether a domain unmaps large pages in one piece only: earlier kernels try with two pages at the first place there is
/// (`vfio_test_domain_fgsp`).
fn needs_whole_pages(cx: &mut Cx, domain: DomainId, list: &[IovaRange]) -> Progress<bool> {
    const TWO: u64 = 2 * PAGE_SIZE;
    /// Where two fresh pages lie, next to each other: any place does.
    const PAGES: Phys = Phys::new(TWO);
    if cx.ask::<NewDomains>() == NewDomains::TakesThemAsTheyAre {
        return Ok(false);
    }
    let starts = list.iter().filter_map(|range| {
        let start = range.start.get().checked_next_multiple_of(TWO)?;
        (start < range.last.get() && range.last.get() - start >= TWO).then_some(Iova::new(start))
    });
    let Some(start) = starts.into_iter().next() else { return Ok(false) };
    if core::map(cx, domain, start, PAGES, TWO, Prot { read: true, write: true }).is_err() {
        return Ok(false);
    }
    let whole_only = core::unmap(cx, domain, start, PAGE_SIZE)? != PAGE_SIZE;
    if !whole_only {
        core::unmap(cx, domain, start.wrapping_add(PAGE_SIZE), PAGE_SIZE)?;
    }
    Ok(whole_only)
}

/// Maps in a new domain what the container has mapped; what is where is asked of its first domain.
///
/// # Errors
/// What a map returns. What was mapped until then stays in the domain, which is given up.
fn replay(cx: &mut Cx, container: usize, new: DomainId) -> Outcome {
    let Some(first) = look(cx, container, |iommu| iommu.domains.first().map(|first| first.domain)) else {
        return Ok(());
    };
    for (start, mapping) in look(cx, container, |iommu| iommu.mappings.clone()) {
        let end = start.wrapping_add(mapping.size);
        let mut iova = start;
        while iova < end {
            let phys = core::iova_to_phys(cx, first, Iova::new(iova))?;
            if phys.get() == 0 {
                cx.warn(Warning::UserPageNotMapped);
                iova += PAGE_SIZE;
                continue;
            }
            let size = run(cx, first, iova, end, phys)?;
            let prot = Prot { read: mapping.read, write: mapping.write };
            core::map(cx, new, Iova::new(iova), phys, size, prot)?;
            iova += size;
        }
    }
    Ok(())
}

/// How many bytes from `iova` on are mapped to consecutive memory from `phys` on.
pub(super) fn run(cx: &mut Cx, domain: DomainId, iova: u64, end: u64, phys: Phys) -> Progress<u64> {
    let mut size = PAGE_SIZE;
    while iova + size < end {
        let next = core::iova_to_phys(cx, domain, Iova::new(iova + size))?;
        if next != phys.wrapping_add(size) {
            break;
        }
        size += PAGE_SIZE;
    }
    Ok(size)
}
