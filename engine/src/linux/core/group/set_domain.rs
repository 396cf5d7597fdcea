//! A group goes from one domain to another.

use super::{calls, change, domains_come_and_go, is_late, look};
use crate::exec::Cx;
use crate::ids::{DomainId, FunctionId, GroupId};
use crate::linux::errno::{Errno, Outcome};
use crate::state::group::Group;
use crate::trace::Warning;

/// What a failed attach means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Must {
    /// The group goes back to where it was.
    GoBack,
    /// There is no way back: functions that fail are blocked, and the group is said to have changed.
    Succeed,
}

/// Puts a group into a domain, or, where groups may be in none, into none (`__iommu_group_set_domain`).
///
/// # Errors
/// What an attach returns.
pub(super) fn set_domain(cx: &mut Cx, id: GroupId, new: Option<DomainId>, must: Must) -> Outcome {
    let group = look(cx, id);
    if group.domain == new {
        return Ok(());
    }
    if domains_come_and_go(cx) {
        return come_or_go(cx, id, &group, new);
    }
    let Some(new) = new else { return Err(Errno::EINVAL) };
    let mut outcome = Ok(());
    for (index, function) in group.devices.iter().enumerate() {
        let attached = attach_or_block(cx, &group, *function, new, must);
        if attached.is_err() {
            outcome = attached;
            if must == Must::GoBack {
                go_back(cx, &group, index);
                return outcome;
            }
        }
    }
    change(cx, id, |group| group.domain = Some(new))?;
    outcome
}

/// Early cores: nobody undoes anything here.
fn come_or_go(cx: &mut Cx, id: GroupId, group: &Group, new: Option<DomainId>) -> Outcome {
    for function in &group.devices {
        match (new, group.domain) {
            (Some(new), _) => calls::attach_dev(cx, new, *function)?,
            (None, Some(old)) => calls::detach_dev(cx, old, *function)?,
            (None, None) => {}
        }
    }
    change(cx, id, |group| group.domain = new)?;
    Ok(())
}

/// Attaches one function; one that must not fail is at least blocked, if the group ever needed a blocking domain.
fn attach_or_block(cx: &mut Cx, group: &Group, function: FunctionId, new: DomainId, must: Must) -> Outcome {
    let outcome = calls::attach_dev(cx, new, function);
    if outcome.is_err()
        && must == Must::Succeed
        && let Some(blocking) = group.blocking_domain.filter(|blocking| *blocking != new)
    {
        let _ = calls::attach_dev(cx, blocking, function);
    }
    outcome
}

/// The function with this index has failed: those before it go back, and in v6.12 it does so too.
fn go_back(cx: &mut Cx, group: &Group, failed: usize) {
    // A group that was in no domain yet is left to whoever releases its functions.
    let Some(old) = group.domain else { return };
    let count = if is_late(cx) { failed } else { failed + 1 };
    for function in &group.devices[..count] {
        if attach_or_block(cx, group, *function, old, Must::Succeed).is_err() {
            cx.warn(Warning::ReattachOldDomainFailed);
        }
    }
}
