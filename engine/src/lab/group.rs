//! What users and the bus do to groups, and what groups look like.

use serde::Serialize;

use super::Lab;
use super::op::Value;
use super::perform::Done;
use crate::addr::Phys;
use crate::exec::{Cx, Progress};
use crate::ids::{DomainId, FunctionId, GroupId, TableUse};
use crate::linux::core::group;
use crate::state::World;
use crate::state::tables::table_use;

/// An operation of the IOMMU core on the group of a function. Where a user holds a group, that one is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupOp {
    /// Registers the function's IOMMU unit.
    Create(FunctionId),
    /// Unregisters it.
    Destroy(FunctionId),
    /// The function appears on the bus; gives 1 if its probe succeeds.
    Add(FunctionId),
    /// Unit and function appear together.
    Plug(FunctionId),
    /// The function leaves the bus.
    Remove(FunctionId),
    /// A user takes a reference to the function's group.
    Get(FunctionId),
    /// And gives it back.
    Put(FunctionId),
    /// A kernel driver binds.
    UseDefault(FunctionId),
    /// And unbinds.
    UnuseDefault(FunctionId),
    /// Claims ownership; 0 is nobody.
    Claim(FunctionId, u64),
    /// Gives it back.
    ReleaseOwner(FunctionId),
    /// Claims ownership of the function's group, maybe once more.
    ClaimDevice(FunctionId, u64),
    /// Takes one claim back.
    ReleaseDeviceOwner(FunctionId),
    /// Allocates an unmanaged domain through the core.
    Alloc(FunctionId, String),
    /// Frees a domain through the core.
    Free(DomainId),
    /// Attaches the group.
    Attach(FunctionId, DomainId),
    /// Brings the group back to the core's own domain.
    Detach(FunctionId),
    /// Attaches a function that is alone in its group.
    AttachDevice(FunctionId, DomainId),
    /// Detaches it.
    DetachDevice(FunctionId, DomainId),
    /// Goes from one domain to another.
    Replace(FunctionId, DomainId),
}

/// Performs one operation as kernel code on a CPU.
pub(super) fn perform(cx: &mut Cx, op: &GroupOp) -> Progress<Done> {
    Ok(match *op {
        GroupOp::Create(function) => group::create(cx, function).into(),
        GroupOp::Destroy(function) => group::destroy(cx, function)?.into(),
        GroupOp::Add(function) => Value::Number(group::add(cx, function).is_ok().into()).into(),
        GroupOp::Plug(function) => group::plug(cx, function).into(),
        GroupOp::Remove(function) => group::remove(cx, function)?.into(),
        GroupOp::Get(function) => group::get(cx, function).into(),
        GroupOp::Put(function) => group::put(cx, function)?.into(),
        GroupOp::UseDefault(function) => group::use_default(cx, function).into(),
        GroupOp::UnuseDefault(function) => group::unuse_default(cx, function).into(),
        GroupOp::Claim(function, owner) => group::claim(cx, function, owner).into(),
        GroupOp::ReleaseOwner(function) => group::release_owner(cx, function).into(),
        GroupOp::ClaimDevice(function, owner) => group::claim_device(cx, function, owner).into(),
        GroupOp::ReleaseDeviceOwner(function) => group::release_device_owner(cx, function).into(),
        GroupOp::Alloc(function, ref name) => {
            let outcome = group::alloc_unmanaged(cx, name, function);
            Done { domain: outcome.ok(), ..outcome.map(|_| ()).into() }
        }
        GroupOp::Free(domain) => group::free(cx, domain)?.into(),
        GroupOp::Attach(function, domain) => group::attach_group(cx, function, domain).into(),
        GroupOp::Detach(function) => group::detach_group(cx, function).into(),
        GroupOp::AttachDevice(function, domain) => group::attach_device(cx, function, domain).into(),
        GroupOp::DetachDevice(function, domain) => group::detach_device(cx, function, domain)?.into(),
        GroupOp::Replace(function, domain) => group::replace(cx, function, domain).into(),
    })
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupView {
    /// Its number.
    pub id: u32,
    /// Name of the domain it is in; `(freed)` follows one that is gone.
    pub domain: Option<String>,
    /// Its default domain.
    pub default_domain: Option<String>,
    /// The blocking domain of its owners.
    pub blocking_domain: Option<String>,
    /// Drivers that use it, or claims of its owner.
    pub owner_cnt: u32,
    /// Its owner.
    pub owner: Option<u64>,
    /// How many functions are in it.
    pub devices: usize,
    /// References to it.
    pub refs: u32,
}

impl Lab {
    /// The group a function is in.
    pub fn group_of(&self, function: FunctionId) -> Option<GroupView> {
        let world = self.world();
        world.kernel.groups.member(function).group.map(|group| view(world, group))
    }

    /// The group that a user of the function holds.
    pub fn held_group(&self, function: FunctionId) -> Option<GroupView> {
        let world = self.world();
        world.kernel.groups.member(function).held.map(|group| view(world, group))
    }

    /// A domain's name; `(freed)` follows one that is gone.
    pub(crate) fn domain_name(&self, domain: DomainId) -> String {
        name(self.world(), domain)
    }

    /// Whose table this is; `(freed)` follows a domain that is gone.
    pub(crate) fn table_name(&self, root: Phys) -> String {
        match table_use(self.world(), root) {
            Some(TableUse::Domain(domain)) => self.domain_name(domain),
            Some(TableUse::DmaApi(_)) => "dma_api".to_owned(),
            None => "unknown".to_owned(),
        }
    }
}

fn view(world: &World, id: GroupId) -> GroupView {
    let group = world.kernel.groups.group(id);
    let name = |domain: Option<DomainId>| domain.map(|domain| name(world, domain));
    GroupView {
        id: id.0,
        domain: name(group.domain),
        default_domain: name(group.default_domain),
        blocking_domain: name(group.blocking_domain),
        owner_cnt: group.owner_cnt,
        owner: group.owner,
        devices: group.devices.len(),
        refs: group.refs,
    }
}

fn name(world: &World, domain: DomainId) -> String {
    let name = super::view::domain_name(world, domain);
    let freed = !domain.is_static() && world.kernel.domains[domain.index()].freed;
    if freed { format!("{name}(freed)") } else { name }
}
