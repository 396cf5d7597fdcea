//! A function goes away, and with the last one what the core had for its group.

use super::{calls, change, domains_come_and_go, group_of, hold, locked, look};
use crate::exec::{Cx, Progress};
use crate::ids::{FunctionId, GroupId};
use crate::state::group::Group;
use crate::trace::Warning;

/// `iommu_release_device`.
pub(super) fn release(cx: &mut Cx, function: FunctionId) -> Progress {
    if !cx.groups(|groups| groups.member(function).has_iommu) {
        return Ok(());
    }
    let group = group_of(cx, function);
    if domains_come_and_go(cx) {
        // Without the group's mutex: whoever attaches at this moment races with the driver.
        calls::let_go(cx, function)?;
        cx.change_groups(|groups| groups.member_mut(function).has_iommu = false)?;
    }
    let Some(group) = group else { return Ok(()) };
    let left = locked(cx, group, |cx| {
        if domains_come_and_go(cx) {
            return Ok(leave_books(cx, group, function)?);
        }
        Ok(leave_group(cx, group, function)?)
    });
    // Somebody else may have been faster; that is the only way in which it does not leave.
    if left == Ok(true) { hold::drop_reference(cx, group) } else { Ok(()) }
}

/// Takes the function out of its group's books; `false` if it is not in them.
fn leave_books(cx: &mut Cx, id: GroupId, function: FunctionId) -> Progress<bool> {
    cx.change_groups(|groups| {
        let devices = &mut groups.group_mut(id).devices;
        let before = devices.len();
        devices.retain(|other| *other != function);
        let left = devices.len() < before;
        if left {
            groups.member_mut(function).group = None;
        }
        left
    })
}

/// Later cores: a function leaves its group, whose mutex is held; `false` if it is not in it.
pub(super) fn leave_group(cx: &mut Cx, id: GroupId, function: FunctionId) -> Progress<bool> {
    if !leave_books(cx, id, function)? {
        return Ok(false);
    }
    let group = look(cx, id);
    if group.devices.is_empty() && (group.owner_cnt > 0 || group.domain != group.default_domain) {
        cx.warn(Warning::GroupEmptiedWhileInUse);
    }
    deinit(cx, id, function)?;
    Ok(true)
}

/// The driver lets go of the function; an empty group loses all its domains (`iommu_deinit_device`).
pub(super) fn deinit(cx: &mut Cx, id: GroupId, function: FunctionId) -> Progress {
    calls::let_go(cx, function)?;
    let Group { devices, default_domain, blocking_domain, .. } = look(cx, id);
    if devices.is_empty() {
        for domain in default_domain.into_iter().chain(blocking_domain) {
            calls::free(cx, domain)?;
        }
        change(cx, id, |group| {
            group.default_domain = None;
            group.blocking_domain = None;
            group.domain = None;
        })?;
    }
    cx.change_groups(|groups| {
        let member = groups.member_mut(function);
        member.has_iommu = false;
        member.dma_iommu = false;
    })
}
