//! The bus: functions come and go, and so do their IOMMU units, one per function.

use super::{calls, default_domain, domains_come_and_go, group_of, locked, look, probe, release};
use crate::exec::{Cx, Progress};
use crate::ids::{FunctionId, GroupId};
use crate::linux::driver;
use crate::linux::errno::{Errno, Outcome};

/// Sets up a function's range and registers its unit: every function on the bus that is in no group is probed (again).
///
/// # Errors
/// Whatever a probe returns, except -ENODEV; the unit is unregistered again.
pub fn create(cx: &mut Cx, function: FunctionId) -> Outcome {
    driver::init_iommu(cx, function)?;
    cx.change_groups(|groups| {
        groups.bus_has_iommu = true;
        groups.units.push(function);
    })?;
    let outcome = probe_bus(cx);
    if outcome.is_err() {
        destroy(cx, function)?;
    }
    outcome
}

/// Unregisters a function's unit, which releases the function.
pub fn destroy(cx: &mut Cx, function: FunctionId) -> Progress {
    if cx.groups(|groups| groups.member(function).on_bus) {
        release::release(cx, function)?;
    }
    cx.change_groups(|groups| groups.units.retain(|unit| *unit != function))
}

/// A function appears on the bus, and is probed.
///
/// # Errors
/// -ENODEV without any unit, -ENOMEM, or what the driver's probe or the first attach returns. The function stays on
/// the bus then, without IOMMU.
pub fn add(cx: &mut Cx, function: FunctionId) -> Outcome {
    cx.change_groups(|groups| {
        if !std::mem::replace(&mut groups.member_mut(function).on_bus, true) {
            groups.bus.push(function);
        }
    })?;
    probe::on_arrival(cx, function)
}

/// A function appears on the bus with its unit, as PCI hot-plug does it.
///
/// # Errors
/// As [`create`] and [`add`].
pub fn plug(cx: &mut Cx, function: FunctionId) -> Outcome {
    if !cx.groups(|groups| groups.units.contains(&function)) {
        create(cx, function)?;
    }
    add(cx, function)
}

/// A function leaves the bus.
pub fn remove(cx: &mut Cx, function: FunctionId) -> Progress {
    release::release(cx, function)?;
    cx.change_groups(|groups| {
        groups.member_mut(function).on_bus = false;
        groups.bus.retain(|other| *other != function);
    })
}

/// `bus_iommu_probe`: probes all functions first; default domains come after that.
fn probe_bus(cx: &mut Cx) -> Outcome {
    let mut new: Vec<GroupId> = Vec::new();
    for function in cx.groups(|groups| groups.bus.clone()) {
        if group_of(cx, function).is_some() {
            continue;
        }
        match probe::probe(cx, function) {
            Ok(group) => new.push(group),
            Err(Errno::ENODEV) => {}
            Err(errno) => return Err(errno),
        }
    }
    for group in new {
        locked(cx, group, |cx| {
            if domains_come_and_go(cx) {
                for function in look(cx, group).devices {
                    default_domain::ask_in_vain(cx, function);
                }
                return Ok(());
            }
            default_domain::set_up(cx, group)?;
            let group = look(cx, group);
            for (function, domain) in group.devices.iter().zip(group.default_domain) {
                calls::setup_dma_ops(cx, *function, domain)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}
