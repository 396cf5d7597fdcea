//! A group leaves what a container maps with; domains go with their last group, mappings with the last domain.

use super::{change, look, ranges, unmap};
use crate::addr::{Iova, IovaRange};
use crate::exec::{Cx, Progress};
use crate::linux::core::group;
use crate::linux::driver;

/// Detaches a group (`vfio_iommu_type1_detach_group`).
pub(in crate::linux::vfio) fn detach_group(cx: &mut Cx, container: usize, group: usize) -> Progress {
    let found = look(cx, container, |iommu| {
        let index = iommu.domains.iter().position(|domain| domain.groups.contains(&group))?;
        let domain = &iommu.domains[index];
        Some((index, domain.domain, domain.groups.len() == 1, iommu.domains.len() == 1))
    });
    let mut list = look(cx, container, |iommu| iommu.ranges.clone());
    if let Some((index, domain, last_group, last_domain)) = found {
        let function = cx.users(|users| users.vfio.groups[group].function);
        // A driver's refusal is only a warning.
        let _ = group::detach_group(cx, function);
        change(cx, container, |iommu| iommu.domains[index].groups.retain(|other| *other != group))?;
        if last_group {
            if last_domain {
                unmap::everything(cx, container)?;
            }
            group::free(cx, domain)?;
            change(cx, container, |iommu| {
                iommu.domains.remove(index);
            })?;
            let aperture = common_aperture(cx, container);
            ranges::expand(&mut list, aperture);
        }
    }
    if refresh(cx, container, &mut list)? {
        change(cx, container, |iommu| iommu.ranges = list)?;
    }
    Ok(())
}

/// What the apertures of the domains that are left have in common.
fn common_aperture(cx: &mut Cx, container: usize) -> IovaRange {
    let mut common = IovaRange::new(Iova::new(0), Iova::new(u64::MAX));
    for domain in look(cx, container, |iommu| iommu.domains.clone()) {
        let aperture = cx.aperture(domain.domain);
        common = IovaRange::new(common.start.max(aperture.start), common.last.min(aperture.last));
    }
    common
}

/// Takes the reserved regions of all groups that are left out of the list's whole; `false` if nothing would be left.
fn refresh(cx: &mut Cx, container: usize, list: &mut Vec<IovaRange>) -> Progress<bool> {
    let mut reserved = Vec::new();
    for domain in look(cx, container, |iommu| iommu.domains.clone()) {
        for group in domain.groups {
            let function = cx.users(|users| users.vfio.groups[group].function);
            reserved.extend(driver::reserved_regions(cx, function)?.unwrap_or_default());
        }
    }
    let (Some(first), Some(last)) = (list.first(), list.last()) else { return Ok(true) };
    if reserved.is_empty() {
        return Ok(true);
    }
    *list = vec![IovaRange::new(first.start, last.last)];
    Ok(ranges::exclude(list, &reserved))
}
