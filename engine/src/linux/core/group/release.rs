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
        if let Some(group) = group {
            forget(cx, group, function)?;
        }
        cx.change_groups(|groups| groups.member_mut(function).has_iommu = false)?;
    } else if let Some(group) = group {
        // Nothing in there fails.
        let _ = locked(cx, group, |cx| Ok(leave_group(cx, group, function)?));
    }
    group.map_or(Ok(()), |group| hold::drop_reference(cx, group))
}

/// Later cores: a function leaves its group, whose mutex is held.
pub(super) fn leave_group(cx: &mut Cx, id: GroupId, function: FunctionId) -> Progress {
    change(cx, id, |group| group.devices.retain(|other| *other != function))?;
    let group = look(cx, id);
    if group.devices.is_empty() && (group.owner_cnt > 0 || group.domain != group.default_domain) {
        cx.warn(Warning::GroupEmptiedWhileInUse);
    }
    deinit(cx, id, function)
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
        member.group = None;
        member.has_iommu = false;
        member.dma_iommu = false;
    })
}

/// Early cores: takes the function out of its group's books.
fn forget(cx: &mut Cx, group: GroupId, function: FunctionId) -> Progress {
    // Nothing in there fails.
    let _ = locked(cx, group, |cx| {
        change(cx, group, |group| group.devices.retain(|other| *other != function))?;
        Ok(())
    });
    cx.change_groups(|groups| groups.member_mut(function).group = None)
}
