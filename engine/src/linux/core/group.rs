//! Groups: which functions go from domain to domain together, and who decides where to.
//!
//! On s390 every function has a group of its own. VFIO first *claims* a group, which takes it away from the DMA API
//! and into a blocking domain; attaches it to a domain of its own, back, and *releases* it. Three generations of the
//! core differ in what happens on the way: see [`Core`]. A function that is still in a group's
//! books, or a group that a user still holds, outlives its time on the bus.
//!
//! All of it is `drivers/iommu/iommu.c`; every call into the driver leaves its events.

mod attach;
mod bus;
mod calls;
mod default_domain;
mod hold;
mod owner;
mod probe;
mod release;
mod set_domain;
mod type_of;

pub use attach::{attach_device, attach_group, detach_device, detach_group, replace};
pub use bus::{add, create, destroy, plug, remove};
pub use calls::{alloc_unmanaged, free};
pub use hold::{get, put};
pub use owner::{claim, claim_device, release_device_owner, release_owner, unuse_default, use_default};
pub use type_of::{set_type, type_name};

use crate::exec::{Crash, Cx, Progress};
use crate::ids::{DomainId, FunctionId, GroupId};
use crate::linux::errno::Outcome;
use crate::revision::{Core, DomainTypes};
use crate::state::group::Group;
use crate::state::kernel::Lock;

/// Does something under a group's mutex.
fn locked<T>(cx: &mut Cx, group: GroupId, act: impl FnOnce(&mut Cx) -> Outcome<T>) -> Outcome<T> {
    cx.lock(Lock::group(group))?;
    let outcome = act(cx);
    cx.unlock(Lock::group(group))?;
    outcome
}

/// A copy of what the core keeps about a group.
fn look(cx: &mut Cx, group: GroupId) -> Group {
    cx.groups(|groups| groups.group(group).clone())
}

/// Changes a group.
fn change(cx: &mut Cx, group: GroupId, act: impl FnOnce(&mut Group)) -> Progress {
    cx.change_groups(|groups| act(groups.group_mut(group)))
}

/// The group a function is in.
fn group_of(cx: &mut Cx, function: FunctionId) -> Option<GroupId> {
    cx.groups(|groups| groups.member(function).group)
}

/// A group's first function, which the core takes for granted: without one it reads beside the group.
fn first(cx: &mut Cx, group: GroupId) -> Progress<FunctionId> {
    match look(cx, group).devices.first() {
        Some(function) => Ok(*function),
        None => cx.crash(Crash::EmptyGroup),
    }
}

/// Whether groups may be in no domain at all.
fn domains_come_and_go(cx: &mut Cx) -> bool {
    cx.ask::<Core>() == Core::DomainsComeAndGo
}

/// Whether this is the last generation: it prepares domains apart from their allocation, and does not touch again what
/// failed.
fn is_late(cx: &mut Cx) -> bool {
    !matches!(cx.ask::<Core>(), Core::DomainsComeAndGo | Core::AlwaysInADomain)
}

/// Whether this kernel's driver gives a function the operations of relaxed translation, identity domain and all.
pub(super) fn has_identity(cx: &mut Cx, function: FunctionId) -> bool {
    cx.is_relaxed(function) && cx.ask::<DomainTypes>() == DomainTypes::PagingBlockingIdentity
}

/// Whether a domain belongs to the driver operations of a function.
pub(in crate::linux) fn is_compatible(cx: &mut Cx, domain: DomainId, function: FunctionId) -> bool {
    match domain {
        DomainId::BLOCKING => true,
        DomainId::IDENTITY => has_identity(cx, function),
        _ => cx.groups(|groups| groups.relaxed.contains(&domain)) == has_identity(cx, function),
    }
}
