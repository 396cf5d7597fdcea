//! A scenario's step as an operation: names become numbers, as things are when the step is reached.

use super::buffers::{Buffers, Handed, direction_of};
use crate::addr::{Iova, Phys};
use crate::exec::Data;
use crate::hw::function::FunctionState;
use crate::hw::walk::Access;
use crate::ids::{DomainId, FunctionId};
use crate::lab::{GroupOp, Lab, Op};
use crate::linux::dma::Buffer;
use crate::linux::driver::{Capability, DomainType, Prot};
use crate::scenario::{self, Action, DomainKind, InjectPoint, TableLevel};
use crate::state::kernel::{Armed, Failure, FaultSite};
use crate::table::Level;

/// What a step comes down to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lowered {
    /// Something done to the system.
    Op(Op),
    /// A look at it.
    Walk { function: FunctionId, iova: Iova, access: Access },
}

/// The operation of a step.
///
/// # Errors
/// Something it names does not exist at this point: its allocation failed, or it was freed. The step is skipped.
pub(super) fn lower(lab: &Lab, buffers: &Buffers, action: &Action) -> Result<Lowered, String> {
    let function = |name: &str| {
        lab.world().kernel.function_named(name).ok_or_else(|| format!("there is no function {name}"))
    };
    let domain = |name: &str| -> Result<DomainId, String> {
        lab.find_domain(name).ok_or_else(|| format!("there is no domain {name} at this point"))
    };
    Ok(Lowered::Op(match action {
        Action::Probe { function: name } => Op::Probe { function: function(name)? },
        Action::Release { function: name } => Op::Release { function: function(name)? },
        Action::Alloc { domain, function: name, kind } => {
            Op::Alloc { name: domain.clone(), function: function(name)?, kind: domain_type(*kind) }
        }
        Action::Free { domain: name } => Op::Free { domain: domain(name)? },
        Action::Attach { function: f, domain: d } => {
            Op::Attach { function: function(f)?, domain: domain(d)? }
        }
        Action::Detach { function: f, domain: d } => {
            Op::Detach { function: function(f)?, domain: domain(d)? }
        }
        Action::Map { iova, phys, size, prot, domain: d } => Op::Map {
            domain: domain(d)?,
            iova: Iova::new(*iova),
            phys: Phys::new(*phys),
            size: *size,
            prot: prot_of(*prot),
        },
        Action::Unmap { iova, size, domain: d } => {
            Op::Unmap { domain: domain(d)?, iova: Iova::new(*iova), size: *size }
        }
        Action::UnmapFast { iova, size, domain: d } => {
            Op::UnmapFast { domain: domain(d)?, iova: Iova::new(*iova), size: *size }
        }
        Action::IotlbSync { domain: d } => Op::IotlbSync { domain: domain(d)? },
        Action::FlushIotlbAll { domain: d } => Op::FlushIotlbAll { domain: domain(d)? },
        Action::MapPages { iova, phys, pgsize, pgcount, prot, domain: d } => Op::MapPages {
            domain: domain(d)?,
            iova: Iova::new(*iova),
            phys: Phys::new(*phys),
            page_size: *pgsize,
            count: *pgcount,
            prot: prot_of(*prot),
        },
        Action::UnmapPages { iova, pgsize, pgcount, domain: d } => {
            Op::UnmapPages { domain: domain(d)?, iova: Iova::new(*iova), page_size: *pgsize, count: *pgcount }
        }
        Action::IovaToPhys { iova, domain: d } => {
            Op::IovaToPhys { domain: domain(d)?, iova: Iova::new(*iova) }
        }
        Action::ResvRegions { function: f } => Op::ReservedRegions { function: function(f)? },
        Action::InitIommu { function: f } => Op::InitIommu { function: function(f)? },
        Action::Capable { capability, function: f } => {
            Op::Capable { function: function(f)?, capability: capability_of(*capability) }
        }
        Action::ShadowOnFlush { function: f } => Op::ShadowOnFlush { function: function(f)? },
        Action::ReRegister { function: f } => Op::ReRegister { function: function(f)? },
        Action::DmaMap { phys, size, direction, function: f, buffer: _ } => Op::DmaMap {
            function: function(f)?,
            buffer: Buffer { phys: Phys::new(*phys), size: *size, direction: direction_of(*direction) },
        },
        Action::DmaAlloc { phys, size, function: f, buffer: _ } => {
            Op::DmaAlloc { function: function(f)?, phys: Phys::new(*phys), size: *size }
        }
        Action::DmaUnmap { buffer } => {
            let Handed { function, iova, size, direction, .. } = buffers.get(buffer)?;
            Op::DmaUnmap { function, iova, size, direction }
        }
        Action::DmaFree { buffer } => {
            let Handed { function, size, iova, .. } = buffers.get(buffer)?;
            Op::DmaFree { function, size, iova }
        }
        Action::Advance { ms } => Op::Advance { ms: *ms },
        Action::Walk { iova, function: f, access } => {
            let access = match access {
                scenario::Access::Read => Access::Read,
                scenario::Access::Write => Access::Write,
            };
            return Ok(Lowered::Walk { function: function(f)?, iova: Iova::new(*iova), access });
        }
        Action::Read { iova, size, function: f, buffer } => {
            let iova = buffers.place(buffer.as_deref(), *iova)?;
            if *size > Data::LIMIT {
                return Err("a device reads at most 64 KiB at once".to_owned());
            }
            Op::Access { function: function(f)?, iova, data: Data::Read(*size as usize) }
        }
        Action::Write { iova, bytes, function: f, buffer } => Op::Access {
            function: function(f)?,
            iova: buffers.place(buffer.as_deref(), *iova)?,
            data: Data::Write(bytes.clone()),
        },
        Action::Fill { iova, function: f } => Op::Fill { function: function(f)?, iova: Iova::new(*iova) },
        Action::Evict { iova, function: f } => Op::Evict { function: function(f)?, iova: Iova::new(*iova) },
        Action::ResetError { function: f } => Op::ResetError { function: function(f)? },
        Action::ResetBlock { function: f } => Op::ResetBlock { function: function(f)? },
        Action::Disable { function: f } => Op::Enable { function: function(f)?, enable: false },
        Action::Enable { function: f } => Op::Enable { function: function(f)?, enable: true },
        Action::Refresh { function: f, iova, size } => {
            Op::Refresh { function: function(f)?, iova: Iova::new(*iova), size: *size }
        }
        Action::Register { function: f, domain: d } => {
            Op::Register { function: function(f)?, domain: domain(d)? }
        }
        Action::Deregister { function: f } => Op::Deregister { function: function(f)? },
        Action::Error { function: f } => Op::SetState { function: function(f)?, state: FunctionState::Error },
        Action::Recover { function: f } => {
            Op::SetState { function: function(f)?, state: FunctionState::Enabled }
        }
        Action::Unplug { function: f } => {
            Op::SetState { function: function(f)?, state: FunctionState::Removed }
        }
        Action::Poke { phys, value } => Op::Poke { phys: Phys::new(*phys), word: *value },
        Action::PokeEntry { iova, level, clear, set, domain: d } => {
            let walk = lab.walk_domain(domain(d)?, Iova::new(*iova), Access::Read);
            let step = walk.path.steps.iter().find(|step| step.level == level_of(*level));
            let step = step.ok_or_else(|| format!("a walk of {iova:#x} reads no {} entry", level.word()))?;
            Op::Poke { phys: step.at, word: (step.word & !clear) | set }
        }
        Action::Busy { times } => Op::Busy { times: *times },
        Action::Inject { what, after, count, cc, status, rc } => {
            let failure = Failure { cc: cc.unwrap_or(1), status: status.unwrap_or(0), rc: rc.unwrap_or(-5) };
            Op::Inject {
                site: site_of(*what),
                armed: Armed { after: (*after).into(), count: (*count).into(), failure },
            }
        }
        Action::ClearInject => Op::ClearInject,
        Action::Add { function: f } => Op::Group(GroupOp::Plug(function(f)?)),
        Action::Remove { function: f } => Op::Group(GroupOp::Remove(function(f)?)),
        Action::HoldGroup { function: f } => Op::Group(GroupOp::Get(function(f)?)),
        Action::DropGroup { function: f } => Op::Group(GroupOp::Put(function(f)?)),
        Action::UseDefault { function: f } => Op::Group(GroupOp::UseDefault(function(f)?)),
        Action::UnuseDefault { function: f } => Op::Group(GroupOp::UnuseDefault(function(f)?)),
        Action::Claim { function: f, owner } => Op::Group(GroupOp::Claim(function(f)?, *owner)),
        Action::ReleaseOwner { function: f } => Op::Group(GroupOp::ReleaseOwner(function(f)?)),
        Action::AttachGroup { function: f, domain: d } => {
            Op::Group(GroupOp::Attach(function(f)?, domain(d)?))
        }
        Action::DetachGroup { function: f } => Op::Group(GroupOp::Detach(function(f)?)),
        Action::AttachDevice { function: f, domain: d } => {
            Op::Group(GroupOp::AttachDevice(function(f)?, domain(d)?))
        }
        Action::DetachDevice { function: f, domain: d } => {
            Op::Group(GroupOp::DetachDevice(function(f)?, domain(d)?))
        }
        Action::Replace { function: f, domain: d } => Op::Group(GroupOp::Replace(function(f)?, domain(d)?)),
        user => match super::lower_user::lower(user, function)? {
            Some(op) => Op::User(op),
            None => return Err(format!("{} is no operation", user.verb())),
        },
    }))
}

const fn level_of(level: TableLevel) -> Level {
    match level {
        TableLevel::RegionFirst => Level::RegionFirst,
        TableLevel::RegionSecond => Level::RegionSecond,
        TableLevel::RegionThird => Level::RegionThird,
        TableLevel::Segment => Level::Segment,
        TableLevel::Page => Level::Page,
    }
}

const fn capability_of(capability: scenario::Capability) -> Capability {
    match capability {
        scenario::Capability::CacheCoherency => Capability::CacheCoherency,
        scenario::Capability::IntrRemap => Capability::IntrRemap,
        scenario::Capability::DeferredFlush => Capability::DeferredFlush,
        scenario::Capability::Noexec => Capability::Noexec,
        scenario::Capability::DirtyTracking => Capability::DirtyTracking,
    }
}

pub(super) const fn prot_of(prot: scenario::Prot) -> Prot {
    match prot {
        scenario::Prot::ReadWrite => Prot { read: true, write: true },
        scenario::Prot::Read => Prot { read: true, write: false },
        scenario::Prot::Write => Prot { read: false, write: true },
        scenario::Prot::None => Prot { read: false, write: false },
    }
}

const fn domain_type(kind: DomainKind) -> DomainType {
    match kind {
        DomainKind::Unmanaged => DomainType::Unmanaged,
        DomainKind::Dma => DomainType::Dma,
        DomainKind::DmaFq => DomainType::DmaFq,
        DomainKind::Identity => DomainType::Identity,
        DomainKind::Blocked => DomainType::Blocked,
    }
}

const fn site_of(point: InjectPoint) -> FaultSite {
    match point {
        InjectPoint::AllocTable => FaultSite::AllocTable,
        InjectPoint::AllocStruct => FaultSite::AllocStruct,
        InjectPoint::RegisterIoat => FaultSite::RegisterIoat,
        InjectPoint::UnregisterIoat => FaultSite::UnregisterIoat,
        InjectPoint::RefreshTrans => FaultSite::RefreshTrans,
        InjectPoint::DmaInit => FaultSite::DmaInit,
        InjectPoint::DmaExit => FaultSite::DmaExit,
        InjectPoint::DevParam => FaultSite::DevParam,
        InjectPoint::Group => FaultSite::Group,
        InjectPoint::GroupDevice => FaultSite::GroupDevice,
        InjectPoint::DmaCookie => FaultSite::DmaCookie,
        InjectPoint::AllocNode => FaultSite::AllocNode,
        InjectPoint::AllocMagazine => FaultSite::AllocMagazine,
        InjectPoint::AllocQueueMemory => FaultSite::AllocQueueMemory,
        InjectPoint::AllocCaches => FaultSite::AllocCaches,
        InjectPoint::AllocPercpu => FaultSite::AllocPercpu,
        InjectPoint::AllocBitmap => FaultSite::AllocBitmap,
        InjectPoint::AllocPages => FaultSite::AllocPages,
    }
}
