//! Probing: a function gets an IOMMU and a group.

use super::{calls, change, default_domain, domains_come_and_go, hold, locked, look, release};
use crate::exec::Cx;
use crate::ids::{FunctionId, GroupId};
use crate::linux::errno::{Errno, Outcome};
use crate::state::kernel::FaultSite;

/// Probes a function that has just arrived, and gives its group a default domain.
///
/// # Errors
/// -ENODEV without any unit, -ENOMEM, or what the driver's probe or the first attach returns. There is no group then.
pub(super) fn on_arrival(cx: &mut Cx, function: FunctionId) -> Outcome {
    if super::group_of(cx, function).is_some() {
        return Ok(());
    }
    let group = probe(cx, function)?;
    if domains_come_and_go(cx) {
        return locked(cx, group, |cx| {
            default_domain::ask_in_vain(cx, function);
            Ok(())
        });
    }
    let mut left = false;
    let outcome = locked(cx, group, |cx| {
        let outcome = default_domain::set_up(cx, group);
        if outcome.is_err() {
            left = release::leave_group(cx, group, function)?;
        } else if let Some(domain) = look(cx, group).default_domain {
            calls::setup_dma_ops(cx, function, domain)?;
        }
        outcome
    });
    if left {
        hold::drop_reference(cx, group)?;
    }
    outcome
}

/// Probes a function and puts it into a group of its own.
///
/// # Errors
/// As above, without the attach.
pub(super) fn probe(cx: &mut Cx, function: FunctionId) -> Outcome<GroupId> {
    let outcome = init(cx, function);
    if outcome.is_err() {
        cx.change_groups(|groups| groups.member_mut(function).has_iommu = false)?;
    }
    outcome
}

fn init(cx: &mut Cx, function: FunctionId) -> Outcome<GroupId> {
    let early = domains_come_and_go(cx);
    let has_unit = cx.groups(|groups| if early { groups.bus_has_iommu } else { !groups.units.is_empty() });
    // Early cores look for an IOMMU first, later ones for memory.
    if early && !has_unit {
        return Err(Errno::ENODEV);
    }
    if cx.strike(FaultSite::DevParam)?.is_some() {
        return Err(Errno::ENOMEM);
    }
    if !has_unit {
        return Err(Errno::ENODEV);
    }
    calls::probe_device(cx, function)?;
    cx.change_groups(|groups| groups.member_mut(function).has_iommu = true)?;
    let group = match hold::alloc(cx) {
        Ok(group) => group,
        Err(errno) => {
            calls::abandon(cx, function)?;
            return Err(errno);
        }
    };
    if cx.strike(FaultSite::GroupDevice)?.is_some() {
        if early {
            hold::drop_reference(cx, group)?;
            calls::abandon(cx, function)?;
        } else {
            locked(cx, group, |cx| Ok(release::deinit(cx, group, function)?))?;
            hold::drop_reference(cx, group)?;
        }
        return Err(Errno::ENOMEM);
    }
    change(cx, group, |group| group.devices.push(function))?;
    cx.change_groups(|groups| groups.member_mut(function).group = Some(group))?;
    Ok(group)
}
