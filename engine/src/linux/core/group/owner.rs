//! Who decides about a group: kernel drivers that use the DMA API, or one owner.

use super::attach::{back_to, users_group};
use super::set_domain::{Must, set_domain};
use super::{calls, change, domains_come_and_go, first, group_of, is_late, locked, look};
use crate::exec::{Crash, Cx, Progress};
use crate::ids::{DomainId, FunctionId, GroupId};
use crate::linux::errno::{Errno, Outcome};
use crate::revision::DomainTypes;
use crate::state::kernel::DomainType;
use crate::trace::Warning;

/// A kernel driver binds to the function and is to use the DMA API.
///
/// # Errors
/// -EBUSY when somebody else owns the group or, once there are other users, when it is not in its default domain;
/// late cores say -EPROBE_DEFER before there is one.
pub fn use_default(cx: &mut Cx, function: FunctionId) -> Outcome {
    let Some(id) = group_of(cx, function) else { return Ok(()) };
    locked(cx, id, |cx| {
        let group = look(cx, id);
        if is_late(cx) && group.default_domain.is_none() {
            return Err(Errno::EPROBE_DEFER);
        }
        if group.owner_cnt > 0 && (group.owner.is_some() || group.domain != group.default_domain) {
            return Err(Errno::EBUSY);
        }
        change(cx, id, |group| group.owner_cnt += 1)?;
        Ok(())
    })
}

/// The driver goes.
pub fn unuse_default(cx: &mut Cx, function: FunctionId) -> Outcome {
    let Some(id) = group_of(cx, function) else { return Ok(()) };
    locked(cx, id, |cx| {
        if look(cx, id).owner_cnt == 0 {
            cx.warn(Warning::UnuseWithoutUse);
        } else {
            change(cx, id, |group| group.owner_cnt -= 1)?;
        }
        Ok(())
    })
}

/// Claims the group that a user of the function deals with: it goes into a blocking domain. An owner of 0 is nobody.
///
/// # Errors
/// -EPERM when it is in use or owned, by whomever; -EBUSY when it is not in its default domain; what the way into the
/// blocking domain brings. Later cores refuse nobody with -EINVAL.
pub fn claim(cx: &mut Cx, function: FunctionId, owner: u64) -> Outcome {
    let owner = somebody(cx, owner)?;
    let id = users_group(cx, function)?;
    locked(cx, id, |cx| if look(cx, id).owner_cnt > 0 { Err(Errno::EPERM) } else { take(cx, id, owner) })
}

/// Claims the group of a function for an owner who may have claimed it already.
///
/// # Errors
/// As [`claim`], but -EPERM only for another owner; -EOPNOTSUPP where there is no such call, -ENODEV without a group.
pub fn claim_device(cx: &mut Cx, function: FunctionId, owner: u64) -> Outcome {
    if domains_come_and_go(cx) {
        return Err(Errno::EOPNOTSUPP);
    }
    let owner = somebody(cx, owner)?;
    let id = group_of(cx, function).ok_or(Errno::ENODEV)?;
    locked(cx, id, |cx| match look(cx, id) {
        group if group.owner_cnt == 0 => take(cx, id, owner),
        group if group.owner != owner => Err(Errno::EPERM),
        _ => Ok(change(cx, id, |group| group.owner_cnt += 1)?),
    })
}

/// Gives a claimed group back to the DMA API, from whatever domain it is in.
///
/// # Errors
/// -ENODEV without a group.
pub fn release_owner(cx: &mut Cx, function: FunctionId) -> Outcome {
    let id = users_group(cx, function)?;
    locked(cx, id, |cx| Ok(give_back(cx, id)?))
}

/// Takes back one claim of a function's owner; the last one gives the group back.
///
/// # Errors
/// -EOPNOTSUPP where there is no such call.
pub fn release_device_owner(cx: &mut Cx, function: FunctionId) -> Outcome {
    if domains_come_and_go(cx) {
        return Err(Errno::EOPNOTSUPP);
    }
    let Some(id) = group_of(cx, function) else { return Ok(cx.crash(Crash::EmptyGroup)?) };
    locked(cx, id, |cx| {
        if look(cx, id).owner_cnt > 1 {
            change(cx, id, |group| group.owner_cnt -= 1)?;
            return Ok(());
        }
        Ok(give_back(cx, id)?)
    })
}

/// The owner with this number. Early cores let nobody claim a group, which nobody can give back.
fn somebody(cx: &mut Cx, owner: u64) -> Outcome<Option<u64>> {
    let owner = (owner != 0).then_some(owner);
    if owner.is_none() && !domains_come_and_go(cx) {
        cx.warn(Warning::ClaimWithoutOwner);
        return Err(Errno::EINVAL);
    }
    Ok(owner)
}

fn take(cx: &mut Cx, id: GroupId, owner: Option<u64>) -> Outcome {
    let group = look(cx, id);
    if group.domain.is_some() && group.domain != group.default_domain {
        return Err(Errno::EBUSY);
    }
    let blocking = blocking_domain(cx, id)?;
    set_domain(cx, id, Some(blocking), Must::GoBack)?;
    change(cx, id, |group| {
        group.owner = owner;
        group.owner_cnt += 1;
    })?;
    Ok(())
}

fn give_back(cx: &mut Cx, id: GroupId) -> Progress {
    let group = look(cx, id);
    if group.owner_cnt == 0 || group.owner.is_none() {
        cx.warn(Warning::ReleaseWithoutOwner);
        return Ok(());
    }
    change(cx, id, |group| {
        group.owner_cnt = 0;
        group.owner = None;
    })?;
    back_to(cx, id, group.default_domain);
    Ok(())
}

/// The group's blocking domain: the driver's static one or, where it has none, an empty one that is kept for as long
/// as the group lives.
fn blocking_domain(cx: &mut Cx, id: GroupId) -> Outcome<DomainId> {
    if let Some(domain) = look(cx, id).blocking_domain {
        return Ok(domain);
    }
    let function = first(cx, id)?;
    let domain = if cx.ask::<DomainTypes>() >= DomainTypes::PagingAndBlocking {
        DomainId::BLOCKING
    } else if domains_come_and_go(cx) {
        // The driver of this time does not know blocked domains, but is asked.
        calls::alloc(cx, None, DomainType::Blocked, function)
            .or_else(|_| calls::alloc(cx, None, DomainType::Unmanaged, function))
            .map_err(|_| Errno::EINVAL)?
    } else {
        calls::alloc(cx, None, DomainType::Unmanaged, function)?
    };
    change(cx, id, |group| group.blocking_domain = Some(domain))?;
    Ok(domain)
}
