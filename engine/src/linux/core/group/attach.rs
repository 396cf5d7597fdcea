//! Attaching a group, or a function that is alone in its group, to a user's domain, and back.

use super::set_domain::{Must, set_domain};
use super::{calls, change, domains_come_and_go, first, group_of, is_compatible, locked, look};
use crate::exec::{Cx, Progress};
use crate::ids::{DomainId, FunctionId, GroupId};
use crate::linux::errno::{Errno, Outcome};
use crate::trace::Warning;

/// Attaches the group that a user of the function deals with.
///
/// # Errors
/// -EBUSY for a group in another user's domain; -EINVAL for a domain of other driver operations; what the driver
/// returns. The group is back in its old domain then, if the driver lets it.
pub fn attach_group(cx: &mut Cx, function: FunctionId, domain: DomainId) -> Outcome {
    let group = users_group(cx, function)?;
    locked(cx, group, |cx| attach(cx, group, domain))
}

/// Brings the group back to the core's own domain: blocking while it is owned, the default one otherwise. Which domain
/// is named makes no difference.
///
/// # Errors
/// -ENODEV without a group; a driver's refusal is only a warning.
pub fn detach_group(cx: &mut Cx, function: FunctionId) -> Outcome {
    let group = users_group(cx, function)?;
    locked(cx, group, |cx| {
        set_core_domain(cx, group);
        Ok(())
    })
}

/// Attaches a function that is alone in its group.
///
/// # Errors
/// -ENODEV without a group; as [`attach_group`].
pub fn attach_device(cx: &mut Cx, function: FunctionId, domain: DomainId) -> Outcome {
    let group = group_of(cx, function).ok_or(Errno::ENODEV)?;
    locked(cx, group, |cx| attach(cx, group, domain))
}

/// Detaches a function that is alone in its group; here the domain has to be the right one.
pub fn detach_device(cx: &mut Cx, function: FunctionId, domain: DomainId) -> Progress {
    let Some(group) = group_of(cx, function) else { return Ok(()) };
    // The outcome of setting the core's domain is a warning at most.
    let _ = locked(cx, group, |cx| {
        if look(cx, group).domain == Some(domain) {
            set_core_domain(cx, group);
        } else {
            cx.warn(Warning::DetachDeviceWrongDomain);
        }
        Ok(())
    });
    Ok(())
}

/// Goes from one domain to another, whoever's it is (`iommu_group_replace_domain`), as iommufd does.
///
/// # Errors
/// -EOPNOTSUPP where there is no such call; as [`attach_group`], but never -EBUSY.
pub fn replace(cx: &mut Cx, function: FunctionId, domain: DomainId) -> Outcome {
    if domains_come_and_go(cx) {
        return Err(Errno::EOPNOTSUPP);
    }
    let group = users_group(cx, function)?;
    locked(cx, group, |cx| set_domain(cx, group, Some(domain), Must::GoBack))
}

/// The group that a user of the function deals with.
pub(super) fn users_group(cx: &mut Cx, function: FunctionId) -> Outcome<GroupId> {
    cx.groups(|groups| groups.group_of_user(function)).ok_or(Errno::ENODEV)
}

fn attach(cx: &mut Cx, id: GroupId, domain: DomainId) -> Outcome {
    let group = look(cx, id);
    let is_cores = group.domain == group.default_domain || group.domain == group.blocking_domain;
    if group.domain.is_some() && !is_cores {
        return Err(Errno::EBUSY);
    }
    if !domains_come_and_go(cx) {
        let function = first(cx, id)?;
        if !is_compatible(cx, domain, function) {
            return Err(Errno::EINVAL);
        }
        return set_domain(cx, id, Some(domain), Must::GoBack);
    }
    let attached = group.devices.iter().try_for_each(|function| calls::attach_dev(cx, domain, *function));
    change(cx, id, |group| group.domain = attached.is_ok().then_some(domain))?;
    if attached.is_err() && set_domain(cx, id, group.domain, Must::GoBack).is_err() {
        cx.warn(Warning::ReattachOldDomainFailed);
    }
    attached
}

/// `__iommu_group_set_core_domain`.
fn set_core_domain(cx: &mut Cx, id: GroupId) {
    let group = look(cx, id);
    let domain = if group.owner.is_some() { group.blocking_domain } else { group.default_domain };
    back_to(cx, id, domain);
}

/// Goes back to a domain of the core's own. A driver that refuses is a warning.
pub(super) fn back_to(cx: &mut Cx, group: GroupId, domain: Option<DomainId>) {
    if set_domain(cx, group, domain, Must::Succeed).is_err() {
        let warning = if domains_come_and_go(cx) {
            Warning::CoreDomainAttachFailed
        } else {
            Warning::MustSucceedAttachFailed
        };
        cx.warn(warning);
    }
}
