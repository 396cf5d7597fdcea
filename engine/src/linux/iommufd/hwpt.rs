//! Page tables: a domain that holds what an address space has mapped.

use super::{add, addresses, change, change_space, context, map, object, space};
use crate::exec::{Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::linux::core::group;
use crate::linux::errno::{Errno, Outcome};
use crate::state::iommufd::{Hwpt, Object, Reserver};

/// `IOMMU_HWPT_ALLOC`: a page table for a device, that holds what is mapped already. Gives the object's number.
///
/// # Errors
/// -ENOENT without such objects; what the allocation and filling the domain return.
pub fn alloc(cx: &mut Cx, context: &str, device: u32, ioas: u32) -> Outcome<u32> {
    let context = context::of(cx, context)?;
    let Object::Device(device) = object(cx, context, device)? else { return Err(Errno::ENOENT) };
    space(cx, context, ioas)?;
    let domain = new_domain(cx, context, device.function)?;
    let id = add(cx, context, Object::Hwpt(Hwpt { ioas, domain, auto: false, users: 0 }))?;
    if let Err(errno) = fill(cx, context, id, ioas, domain) {
        discard(cx, context, id, domain)?;
        return Err(errno);
    }
    Ok(id)
}

/// `IOMMU_HWPT_SET_DIRTY_TRACKING`: no page table of s390 can tell which pages devices write.
///
/// # Errors
/// -ENOENT without such a page table; -EOPNOTSUPP in any case else.
pub fn track_dirty(cx: &mut Cx, context: &str, id: u32) -> Outcome {
    let context = context::of(cx, context)?;
    let Object::Hwpt(_) = object(cx, context, id)? else { return Err(Errno::ENOENT) };
    Err(Errno::EOPNOTSUPP)
}

/// A domain for a device, named for its context.
pub(super) fn new_domain(cx: &mut Cx, context: usize, function: FunctionId) -> Outcome<DomainId> {
    let name = change(cx, context, |context| {
        context.domains += 1;
        format!("{}.d{}", context.name, context.domains - 1)
    })?;
    group::alloc_unmanaged(cx, &name, function)
}

/// A page table joins its address space (`iopt_table_add_domain`): what lies beyond its aperture is reserved, what is
/// mapped is mapped there too.
///
/// # Errors
/// -EADDRINUSE where something is mapped beyond the aperture; what a map returns.
pub(super) fn fill(cx: &mut Cx, context: usize, id: u32, ioas: u32, domain: DomainId) -> Outcome {
    let geometry = cx.geometry(domain);
    let aperture = geometry.aperture;
    let mut new = space(cx, context, ioas)?;
    if geometry.force && aperture.start.get() > 0 {
        addresses::reserve(&mut new, 0, aperture.start.get() - 1, Reserver::Hwpt(id))?;
    }
    if geometry.force && aperture.last.get() < u64::MAX {
        addresses::reserve(&mut new, aperture.last.get() + 1, u64::MAX, Reserver::Hwpt(id))?;
    }
    for (iova, area) in &mut new.areas {
        map::fill(cx, domain, *iova, area)?;
        map::pin(cx, area)?;
    }
    new.domains.push(id);
    Ok(change_space(cx, context, ioas, |ioas| *ioas = new)?)
}

/// A page table leaves its address space; what it held goes with its domain.
pub(super) fn forget(cx: &mut Cx, context: usize, id: u32, table: &Hwpt) -> Progress {
    let Ok(mut ioas) = space(cx, context, table.ioas) else { return Ok(()) };
    addresses::give_back(&mut ioas, Reserver::Hwpt(id));
    ioas.domains.retain(|other| *other != id);
    if ioas.domains.is_empty() {
        for area in ioas.areas.values_mut() {
            map::unpin(cx, area)?;
        }
    }
    change_space(cx, context, table.ioas, |old| *old = ioas)
}

/// A page table that could not be filled goes.
pub(super) fn discard(cx: &mut Cx, context: usize, id: u32, domain: DomainId) -> Progress {
    change(cx, context, |context| {
        context.objects.remove(&id);
    })?;
    group::free(cx, domain)
}

/// A device leaves a page table; one that an attach made goes with the last device.
pub(super) fn put(cx: &mut Cx, context: usize, id: u32) -> Progress {
    let left = change(cx, context, |context| match context.objects.get_mut(&id) {
        Some(Object::Hwpt(table)) => {
            table.users -= 1;
            Some(table.clone())
        }
        _ => None,
    })?;
    match left {
        Some(table) if table.auto && table.users == 0 => {
            forget(cx, context, id, &table)?;
            discard(cx, context, id, table.domain)
        }
        _ => Ok(()),
    }
}
