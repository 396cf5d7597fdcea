//! References to groups: a group lives as long as a function is in it or somebody holds it.

use super::{calls, change, group_of, look};
use crate::exec::{Cx, Progress};
use crate::ids::{FunctionId, GroupId};
use crate::linux::errno::{Errno, Outcome};
use crate::state::group::Group;
use crate::state::kernel::FaultSite;

/// A user takes a reference to the function's group, and deals with that group from now on.
///
/// # Errors
/// -ENODEV for a function in no group.
pub fn get(cx: &mut Cx, function: FunctionId) -> Outcome {
    let group = group_of(cx, function).ok_or(Errno::ENODEV)?;
    change(cx, group, |group| group.refs += 1)?;
    cx.change_groups(|groups| groups.member_mut(function).held = Some(group))?;
    Ok(())
}

/// The user gives its reference back.
pub fn put(cx: &mut Cx, function: FunctionId) -> Progress {
    match cx.change_groups(|groups| groups.member_mut(function).held.take())? {
        Some(group) => drop_reference(cx, group),
        None => Ok(()),
    }
}

/// A new group with one reference (`iommu_group_alloc`).
///
/// # Errors
/// -ENOMEM.
pub(super) fn alloc(cx: &mut Cx) -> Outcome<GroupId> {
    if cx.strike(FaultSite::Group)?.is_some() {
        return Err(Errno::ENOMEM);
    }
    Ok(cx.change_groups(|groups| {
        groups.groups.push(Group { refs: 1, ..Group::default() });
        GroupId(groups.groups.len() as u32 - 1)
    })?)
}

/// Drops a reference; with the last one the group goes, and its core domains with it.
pub(super) fn drop_reference(cx: &mut Cx, group: GroupId) -> Progress {
    change(cx, group, |group| group.refs -= 1)?;
    let Group { refs: 0, default_domain, blocking_domain, .. } = look(cx, group) else { return Ok(()) };
    for domain in default_domain.into_iter().chain(blocking_domain) {
        calls::free(cx, domain)?;
    }
    Ok(())
}
