//! Operations, and what they give.

use serde::{Serialize, Serializer};

use super::group::GroupOp;
use super::user::UserOp;
use crate::addr::{Iova, IovaRange, Phys};
use crate::check::{Judgement, Violation};
use crate::exec::{Data, DeviceAccess, Stop};
use crate::hw::function::FunctionState;
use crate::ids::{DomainId, FunctionId};
use crate::linux::dma::{Buffer, Direction};
use crate::linux::driver::{Capability, DomainType, Prot, Reserved};
use crate::linux::iommufd::Ranges;
use crate::linux::vfio::Info;
use crate::state::kernel::{Armed, FaultSite};
use crate::trace::{Call, Warning};

/// Something that can be done to the system.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields' types say what they are")]
pub enum Op {
    /// The driver looks at a function.
    Probe { function: FunctionId },
    /// The function goes away.
    Release { function: FunctionId },
    /// Allocates a domain.
    Alloc { name: String, function: FunctionId, kind: DomainType },
    /// Frees a domain.
    Free { domain: DomainId },
    /// Attaches a function to a domain.
    Attach { function: FunctionId, domain: DomainId },
    /// Detaches it.
    Detach { function: FunctionId, domain: DomainId },
    /// Maps through the IOMMU core.
    Map { domain: DomainId, iova: Iova, phys: Phys, size: u64, prot: Prot },
    /// Unmaps through the IOMMU core.
    Unmap { domain: DomainId, iova: Iova, size: u64 },
    /// Unmaps without the sync.
    UnmapFast { domain: DomainId, iova: Iova, size: u64 },
    /// The sync that belongs to it.
    IotlbSync { domain: DomainId },
    /// Refreshes all of a domain.
    FlushIotlbAll { domain: DomainId },
    /// The driver's own call for pages of one size, past the core.
    MapPages { domain: DomainId, iova: Iova, phys: Phys, page_size: u64, count: u64, prot: Prot },
    /// The driver's own call for pages of one size, past the core.
    UnmapPages { domain: DomainId, iova: Iova, page_size: u64, count: u64 },
    /// Asks the driver where an address is mapped to.
    IovaToPhys { domain: DomainId, iova: Iova },
    /// Asks for a function's reserved regions.
    ReservedRegions { function: FunctionId },
    /// Cuts a new function's range to what memory and tables allow (`zpci_init_iommu`).
    InitIommu { function: FunctionId },
    /// Asks the driver whether it can do something.
    Capable { function: FunctionId, capability: Capability },
    /// Asks whether one flush queue is to serve all CPUs.
    ShadowOnFlush { function: FunctionId },
    /// Registers again what is current, as after a reset.
    ReRegister { function: FunctionId },
    /// The DMA API hands memory to the device.
    DmaMap { function: FunctionId, buffer: Buffer },
    /// The DMA API takes it back; `direction` as it was mapped.
    DmaUnmap { function: FunctionId, iova: Iova, size: u64, direction: Direction },
    /// The DMA API gives the device memory of its own.
    DmaAlloc { function: FunctionId, phys: Phys, size: u64 },
    /// The DMA API takes it back.
    DmaFree { function: FunctionId, size: u64, iova: Iova },
    /// Time passes: what is due is done.
    Advance { ms: u64 },
    /// Refreshes by hand (RPCIT).
    Refresh { function: FunctionId, iova: Iova, size: u64 },
    /// Registers a domain's tables by hand (MPCIFC 4).
    Register { function: FunctionId, domain: DomainId },
    /// Deregisters by hand (MPCIFC 5).
    Deregister { function: FunctionId },
    /// A device reads or writes memory.
    Access { function: FunctionId, iova: Iova, data: Data },
    /// The machine caches a translation before anybody asks for it; gives 1 if it did.
    Fill { function: FunctionId, iova: Iova },
    /// The machine drops what it has cached of a page; gives 1 if there was something.
    Evict { function: FunctionId, iova: Iova },
    /// Resets a function's error by hand (MPCIFC 7).
    ResetError { function: FunctionId },
    /// Resets what of it blocks loads and stores, by hand (MPCIFC 9).
    ResetBlock { function: FunctionId },
    /// Enables or disables a function by hand (CLP); gives the response code.
    Enable { function: FunctionId, enable: bool },
    /// The machine answers the next instructions with condition code 2.
    Busy { times: u32 },
    /// The machine puts a function into a state.
    SetState { function: FunctionId, state: FunctionState },
    /// Changes a doubleword of memory.
    Poke { phys: Phys, word: u64 },
    /// Arms a failure.
    Inject { site: FaultSite, armed: Armed },
    /// Disarms all.
    ClearInject,
    /// What the core does with groups.
    Group(GroupOp),
    /// What user space and the administrator do.
    User(UserOp),
}

/// What an operation gives besides a return code.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing.
    #[default]
    None,
    /// Bytes unmapped or mapped, or an address.
    Number(u64),
    /// Reserved regions; `None` where the kernel has no such operation.
    Regions(Option<Vec<Reserved>>),
    /// A function's range.
    Range(IovaRange),
    /// Yes or no.
    Flag(bool),
    /// The status an instruction left.
    Status(u8),
    /// What a container says about itself.
    Info(Info),
    /// What an address space says about itself.
    Ranges(Ranges),
    /// The kernel has no such operation.
    Unsupported,
}

impl Value {
    /// The number, if it is one; yes is 1, no is 0.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Flag(flag) => Some((*flag).into()),
            Self::Status(status) => Some((*status).into()),
            Self::Info(info) => Some(info.available.into()),
            Self::Ranges(ranges) => Some(ranges.alignment),
            _ => None,
        }
    }

    /// A function's range as first and last address.
    pub fn range(&self) -> Option<(u64, u64)> {
        match self {
            Self::Range(range) => Some((range.start.get(), range.last.get())),
            _ => None,
        }
    }

    /// Regions of addresses as start and length, whatever they mean.
    pub fn regions(&self) -> Option<Vec<Reserved>> {
        match self {
            Self::Regions(regions) => Some(regions.clone().unwrap_or_default()),
            Self::Info(Info { ranges, .. }) | Self::Ranges(Ranges { ranges, .. }) => {
                Some(ranges.iter().map(|range| (range.start.get(), range.wrapping_len())).collect())
            }
            _ => None,
        }
    }
}

/// What an operation did.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct OpResult {
    /// 0 or a negative errno.
    pub rc: i32,
    /// What it gives.
    pub value: Value,
    /// The domain it allocated.
    pub domain: Option<DomainId>,
    /// Page sizes of that domain.
    pub page_sizes: Option<u64>,
    /// Warnings with how often, in order of first occurrence.
    pub warnings: Vec<(Warning, u64)>,
    /// Driver operations called, in order of [`Call::ALL`]; with their names in JSON.
    #[serde(serialize_with = "named")]
    pub calls: [u64; Call::ALL.len()],
    /// Requests the core refused for their alignment.
    pub unaligned: u64,
    /// Refresh wrappers called.
    pub refreshes: u64,
    /// Translation tables allocated.
    #[serde(skip)]
    pub allocates: u64,
    /// Translation tables given back.
    #[serde(skip)]
    pub frees: u64,
    /// Times that the kernel waited for a busy machine.
    #[serde(skip)]
    pub waits: u64,
    /// Why the system got no further.
    pub stop: Option<Stop>,
    /// What the device's access brought.
    #[serde(skip)]
    pub device: Option<Box<DeviceAccess>>,
    /// The verdict about it, in a system that is watched.
    pub judgement: Option<Box<Judgement>>,
    /// What does not hold any more, in a system that is watched.
    pub violations: Vec<Violation>,
}

impl OpResult {
    pub(super) fn stopped(stop: Stop) -> Self {
        Self { stop: Some(stop), ..Self::default() }
    }
}

fn named<S: Serializer>(calls: &[u64; Call::ALL.len()], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(Call::ALL.iter().map(|call| call.name()).zip(calls))
}
