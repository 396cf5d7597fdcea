//! What each kernel decides, as changes of the one before: the driver's history after and around the series.
//!
//! Every value is held to recordings of that kernel; commits are upstream Linux's.

use super::behavior::{
    Aperture, Attach, Behavior, Capabilities, Core, DeviceList, DmaApi, DomainTypes, Leave, MappingCalls,
    Nesting, NewDomains, PageSizes, ProbeLimits, Protection, RangeCheck, Recovery, Refresh,
    RegistrationErrors, SlotReset, TableDepth, TableUpdate, UnmapStart, Wrapping,
};

/// v6.1-rc2: the driver the series found.
pub(super) const V6_1_RC2: Behavior = Behavior {
    attach: Attach::AccumulateAndRestore,
    device_list: DeviceList::AllocatedNodes,
    aperture: Aperture::FollowsFirstDevice,
    range_check: RangeCheck::ExclusiveEnd,
    page_sizes: PageSizes::EveryPowerOfTwo,
    mapping_calls: MappingCalls::MapUnmap,
    unmap_start: UnmapStart::LooksUpFirstPage,
    refresh: Refresh::InsideEveryUpdate,
    table_update: TableUpdate::UnderLock,
    registration_errors: RegistrationErrors::AllFail,
    protection: Protection::ReadRequired,
    dma_api: DmaApi::OwnAllocator,
    table_depth: TableDepth::RegionThird,
    domain_types: DomainTypes::Unmanaged,
    leave: Leave::OnlyIfCurrent,
    probe_limits: ProbeLimits::Unchecked,
    capabilities: Capabilities::InterruptRemapping,
    new_domains: NewDomains::TriesLargePages,
    wrapping: Wrapping::Invalid,
    nesting: Nesting::Offered,
    recovery: Recovery::SkipsDomains,
    slot_reset: SlotReset::Survives,
    core: Core::DomainsComeAndGo,
};

/// v6.2: the whole series, and five changes more: attach succeeds in error state (59bbf596), I/O TLB operations
/// (c228f5a0), a list read under RCU (2ba8336d), a straight walk (08955af0), lock-free tables (21c1f902).
pub(super) const V6_2: Behavior = Behavior {
    attach: Attach::ReplaceCurrent,
    device_list: DeviceList::ReadWithoutLock,
    aperture: Aperture::FixedWithReservedRegions,
    range_check: RangeCheck::InclusiveEnd,
    page_sizes: PageSizes::FourKibibytes,
    mapping_calls: MappingCalls::MapPagesUnmapPages,
    unmap_start: UnmapStart::WalksStraight,
    refresh: Refresh::Gathered,
    table_update: TableUpdate::LockFree,
    registration_errors: RegistrationErrors::InErrorTolerated,
    leave: Leave::WhateverIsCurrent,
    probe_limits: ProbeLimits::ClampAndReject,
    ..V6_1_RC2
};

/// v6.6: the detach operation gave way to `set_platform_dma_ops` (v6.3).
pub(super) const V6_6: Behavior =
    Behavior { leave: Leave::BackToPlatform, capabilities: Capabilities::CoherencyOnly, ..V6_2 };

/// v6.8: the DMA API through dma-iommu (c76c067e), so that every function is always in some domain; failing syncs after a
/// map (fa4c4507).
pub(super) const V6_8: Behavior = Behavior {
    refresh: Refresh::GatheredWithRetry,
    protection: Protection::AnythingMaps,
    dma_api: DmaApi::DmaIommu,
    domain_types: DomainTypes::Paging,
    capabilities: Capabilities::DeferredFlush,
    leave: Leave::ReleaseTrusts,
    recovery: Recovery::TrustsEvents,
    slot_reset: SlotReset::Lost,
    core: Core::AlwaysInADomain,
    ..V6_6
};

/// v6.12: a static blocking domain (ecda4833); as later releases of it, it looks handles up (45537926dd2a).
pub(super) const V6_12: Behavior = Behavior {
    attach: Attach::ThroughBlocking,
    domain_types: DomainTypes::PagingAndBlocking,
    leave: Leave::IntoBlocking,
    recovery: Recovery::NeedsFullDriver,
    ..V6_8
};

/// v6.16: identity for functions with relaxed translation (v6.15), tables as deep as the device's range needs, recovery with
/// drivers that have few handlers (62355f1f87b8).
pub(super) const V6_16: Behavior = Behavior {
    aperture: Aperture::ReservedWhileAttached,
    table_depth: TableDepth::ByRangeTrusted,
    domain_types: DomainTypes::PagingBlockingIdentity,
    probe_limits: ProbeLimits::RejectEmpty,
    new_domains: NewDomains::TakesThemAsTheyAre,
    nesting: Nesting::NotOffered,
    recovery: Recovery::ResetsError,
    ..V6_12
};

/// v6.18: a function that is gone can be attached (9ffaf522).
pub(super) const V6_18: Behavior = Behavior {
    registration_errors: RegistrationErrors::InErrorAndGoneTolerated,
    wrapping: Wrapping::Overflow,
    ..V6_16
};

/// v7.3: a look-up checks the top level of five; the core checks what it is handed; magazines on demand.
pub(super) const V7_3: Behavior = Behavior {
    table_depth: TableDepth::ByRange,
    dma_api: DmaApi::DmaIommuOnDemand,
    core: Core::ChecksDomains,
    ..V6_18
};
