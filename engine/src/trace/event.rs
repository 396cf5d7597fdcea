//! The events.

use serde::{Deserialize, Serialize};

use crate::addr::{Iova, IovaRange, Phys};
use crate::ids::{DomainId, FunctionId, GroupId, TableUse};
use crate::table::Level;
use crate::trace::Warning;

/// How closely one has to look to want an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// What a call does on its way: decisions, locks, list and table entries, single instructions.
    Detail = 1,
    /// What comes out: results of the instruction wrappers, warnings, calls into the driver.
    Outcome = 2,
    /// What the machine is told: single instructions and what it answers.
    Instruction = 4,
}

/// A set of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Classes(u8);

impl Classes {
    pub(super) fn of(classes: &[Class]) -> Self {
        Self(classes.iter().fold(0, |bits, class| bits | *class as u8))
    }

    #[inline]
    pub(super) fn contains(self, class: Class) -> bool {
        self.0 & class as u8 != 0
    }
}

/// A driver operation, as the recordings count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `map` or `map_pages`.
    Map,
    /// `unmap` or `unmap_pages`.
    Unmap,
    /// `iova_to_phys`.
    IovaToPhys,
    /// `iotlb_sync_map`.
    SyncMap,
    /// `iotlb_sync`.
    IotlbSync,
    /// `flush_iotlb_all`.
    FlushAll,
}

impl Call {
    /// All, in the order they are counted.
    pub const ALL: [Self; 6] =
        [Self::Map, Self::Unmap, Self::IovaToPhys, Self::SyncMap, Self::IotlbSync, Self::FlushAll];

    /// As in the recordings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Unmap => "unmap",
            Self::IovaToPhys => "iova_to_phys",
            Self::SyncMap => "sync_map",
            Self::IotlbSync => "iotlb_sync",
            Self::FlushAll => "flush_all",
        }
    }
}

/// An operation that the core calls in the course of what it does with groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// `probe_device`.
    ProbeDevice,
    /// `release_device`.
    ReleaseDevice,
    /// `attach_dev`.
    AttachDev,
    /// `detach_dev`.
    DetachDev,
    /// `set_platform_dma_ops`, which took its place in v6.3.
    SetPlatformDmaOps,
    /// `domain_alloc` with a type, or `domain_alloc_paging`.
    DomainAlloc(&'static str),
    /// `free`.
    Free,
    /// `get_resv_regions`.
    GetResvRegions,
    /// `flush_iotlb_all`.
    FlushIotlbAll,
    /// `iommu_get_dma_cookie`: dma-iommu prepares a domain.
    GetDmaCookie,
    /// `iommu_put_dma_cookie`.
    PutDmaCookie,
    /// `iommu_setup_dma_ops`: dma-iommu becomes a function's DMA API.
    SetupDmaOps,
}

impl Entry {
    /// As in the recordings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProbeDevice => "probe_device",
            Self::ReleaseDevice => "release_device",
            Self::AttachDev => "attach_dev",
            Self::DetachDev => "detach_dev",
            Self::SetPlatformDmaOps => "set_platform_dma_ops",
            Self::DomainAlloc(_) => "domain_alloc",
            Self::Free => "free",
            Self::GetResvRegions => "get_resv_regions",
            Self::FlushIotlbAll => "flush_iotlb_all",
            Self::GetDmaCookie => "get_dma_cookie",
            Self::PutDmaCookie => "put_dma_cookie",
            Self::SetupDmaOps => "setup_dma_ops",
        }
    }
}

/// A variable of the kernel that several CPUs use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// `zdev->s390_domain`.
    Domain(Option<DomainId>),
    /// `zdev->dma_table`, and whose root that is.
    DmaTable(Option<Phys>, Option<TableUse>),
}

/// What becomes of a range of addresses in the DMA API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressUse {
    /// It is handed out.
    Taken,
    /// It is free at once.
    Given,
    /// It waits for the next flush.
    Queued,
    /// It waited long enough and is free.
    Reclaimed,
}

impl AddressUse {
    /// In one word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Given => "given",
            Self::Queued => "queued",
            Self::Reclaimed => "reclaimed",
        }
    }
}

/// Something that happened. Each has one line of text; see [`Names::text`](super::Names::text).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields' types say what they are")]
pub enum Event {
    /// The driver asked what its kernel decides.
    Ask { decision: &'static str, value: &'static str },
    /// The core calls the driver.
    DriverCall { call: Call, domain: DomainId, iova: Iova, bytes: u64 },
    /// A lock is taken.
    Lock { lock: &'static str, domain: DomainId },
    /// And given back.
    Unlock { lock: &'static str, domain: DomainId },
    /// A shared variable is read.
    Read { function: FunctionId, variable: Variable },
    /// A shared variable is written.
    Write { function: FunctionId, variable: Variable },
    /// A function goes to the front of a domain's list.
    ListAdd { function: FunctionId, domain: DomainId },
    /// A function leaves the list it is on.
    ListDel { function: FunctionId },
    /// A domain's aperture changes.
    SetAperture { domain: DomainId, aperture: IovaRange },
    /// A table is allocated and filled with invalid entries.
    TableAlloc { level: Level, at: Phys, owner: TableUse },
    /// A table is given back.
    TableFree { level: Level, at: Phys },
    /// A region or segment entry is read.
    EntryRead { level: Level, at: Phys, word: u64 },
    /// A region or segment entry is exchanged, if it is still invalid: `won` tells.
    EntryExchange { level: Level, at: Phys, old: u64, new: u64, won: bool },
    /// A region or segment entry is written.
    EntryWrite { level: Level, at: Phys, old: u64, new: u64 },
    /// Consecutive entries of one page table are written: `first` is the new value of the first one.
    PageRun { at: Phys, iova: Iova, pages: u64, first: u64, valid: bool },
    /// An allocation or a call is made to fail.
    Injected { site: &'static str },
    /// MPCIFC is executed; `None` for the range when it deregisters. `table` is whose the tables are.
    Mpcifc {
        function: FunctionId,
        register: Option<(IovaRange, u64)>,
        table: Option<TableUse>,
        cc: u8,
        status: u8,
    },
    /// RPCIT is executed.
    Rpcit { function: FunctionId, iova: Iova, bytes: u64, cc: u8, status: u8 },
    /// MPCIFC is executed for anything but translation.
    Control { function: FunctionId, what: &'static str, cc: u8, status: u8 },
    /// CLP is executed: about one function, or about all.
    Clp { what: &'static str, function: Option<FunctionId>, response: u16 },
    /// A lock of a function is taken or given back.
    FunctionLock { function: FunctionId, lock: &'static str, taken: bool },
    /// The DMA API notes in the error log that it could not map or unmap; the address is that of memory or of the device.
    DmaError { map: bool, rc: i32, at: u64 },
    /// Something becomes of a range of a domain's addresses.
    Addresses { domain: DomainId, what: AddressUse, iova: Iova, bytes: u64 },
    /// Time has passed: milliseconds from boot.
    Time { now: u64 },
    /// The machine tells of an error: the function is in error, unless the code is about measurements.
    ErrorEvent { function: FunctionId, code: u16, at: Iova },
    /// A driver's error handler is called, and answers.
    ErrorHandler { function: FunctionId, handler: &'static str, answer: &'static str },
    /// A device reads or writes; where it leads, if anywhere, and whether the machine had that cached.
    DeviceAccess {
        function: FunctionId,
        iova: Iova,
        bytes: u64,
        write: bool,
        phys: Option<Phys>,
        cached: bool,
    },
    /// What the machine has cached of a page changes by itself.
    Cache { function: FunctionId, iova: Iova, filled: bool },
    /// An instruction by hand about a function answers.
    ByHand { function: FunctionId, what: &'static str, answer: u16 },
    /// The machine was busy: so many microseconds until it is asked again.
    Wait { micros: u32 },
    /// A record goes to the kernel's error log.
    ErrorRecord { level: u8 },
    /// `zpci_register_ioat` returns.
    Register {
        function: FunctionId,
        range: IovaRange,
        table: Option<TableUse>,
        /// The low 14 bits of the anchor that the caller passes; 0 where the wrapper adds them itself.
        flags: u16,
        cc: u8,
        status: u8,
    },
    /// `zpci_unregister_ioat` returns.
    Unregister { function: FunctionId, cc: u8 },
    /// `zpci_refresh_trans` returns.
    Refresh { function: FunctionId, iova: Iova, bytes: u64, rc: i32 },
    /// `zpci_dma_init_device` returns.
    DmaInit { function: FunctionId, rc: i32 },
    /// `zpci_dma_exit_device` returns.
    DmaExit { function: FunctionId, rc: i32 },
    /// The kernel warns, `times` times in a row.
    Warn { warning: Warning, times: u64 },
    /// The kernel crashes or hangs: the run ends here.
    Crash { what: &'static str },
    /// The step ends with this result.
    Result { rc: i32, value: Option<u64> },
    /// A group's mutex is taken or given back.
    GroupMutex { group: GroupId, taken: bool },
    /// The core calls the driver, or the DMA API, about a function or a domain.
    Enter { entry: Entry, function: Option<FunctionId>, domain: Option<DomainId> },
    /// Such a call returns something: a code and, from an allocation, a domain.
    Return { entry: Entry, domain: Option<DomainId>, rc: i32 },
}

impl Event {
    /// Its class.
    #[inline]
    pub fn class(&self) -> Class {
        match self {
            Self::Register { .. }
            | Self::Unregister { .. }
            | Self::Refresh { .. }
            | Self::DmaInit { .. }
            | Self::DmaExit { .. }
            | Self::Control { .. }
            | Self::Clp { .. }
            | Self::DmaError { .. }
            | Self::ErrorEvent { .. }
            | Self::ErrorHandler { .. }
            | Self::DeviceAccess { .. }
            | Self::Cache { .. }
            | Self::ByHand { .. }
            | Self::Warn { .. }
            | Self::Crash { .. }
            | Self::DriverCall { .. }
            | Self::Enter { .. }
            | Self::Return { .. }
            | Self::Result { .. } => Class::Outcome,
            Self::Mpcifc { .. } | Self::Rpcit { .. } => Class::Instruction,
            _ => Class::Detail,
        }
    }
}
