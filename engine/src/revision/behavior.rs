//! The points where kernels differ: one small enum each, named for what the code *does*.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};

/// One point of difference: which it is, and how to read it from a [`Behavior`].
pub trait Decision: Copy + Debug + Eq + 'static {
    /// Stable name of the decision, as in traces: `"attach"`.
    const NAME: &'static str;
    /// What this behavior decides.
    fn of(behavior: &Behavior) -> Self;
    /// Stable name of the value, as in traces: `"replace-current"`.
    fn label(self) -> &'static str;
}

/// A decision in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionText {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// Its values: name, and what the code does.
    pub values: &'static [(&'static str, &'static str)],
}

macro_rules! decisions {
    ($($(#[doc = $doc:literal])+ $name:ident, $field:ident, $text:literal {
        $($(#[doc = $value_doc:literal])+ $value:ident = $label:literal,)+
    })+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
            pub enum $name { $($(#[doc = $value_doc])+ #[serde(rename = $label)] $value,)+ }

            impl Decision for $name {
                const NAME: &'static str = $text;
                #[inline]
                fn of(behavior: &Behavior) -> Self { behavior.$field }
                fn label(self) -> &'static str { match self { $(Self::$value => $label,)+ } }
            }
        )+

        /// Everything a kernel decides differently from another one: plain data, one field per decision.
        ///
        /// There is no default: a behavior comes from a [`Revision`](super::Revision), so that every value has a kernel.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub struct Behavior { $($(#[doc = $doc])+ pub $field: $name,)+ }

        impl Behavior {
            /// Every decision in words, in order of declaration.
            pub const TEXTS: &[DecisionText] = &[$(DecisionText {
                name: $text,
                about: concat!($($doc,)+),
                values: &[$(($label, concat!($($value_doc,)+)),)+],
            },)+];

            /// Every decision as (name, value), in order of declaration.
            ///
            /// ```
            /// use s390_iommu::revision::Revision;
            /// let base: Revision = "base".parse()?;
            /// assert!(base.behavior().decisions().contains(&("range-check", "exclusive-end")));
            /// # Ok::<(), s390_iommu::revision::UnknownRevision>(())
            /// ```
            pub fn decisions(&self) -> Vec<(&'static str, &'static str)> {
                vec![$(($text, self.$field.label()),)+]
            }
        }
    };
}

decisions! {
    /// What attaching does to the domain a function is already in, and what a failure leaves behind.
    Attach, attach, "attach" {
        /// The old domain keeps its list entry; a failed attach tries to go back to what was there.
        AccumulateAndRestore = "accumulate-and-restore",
        /// The function first leaves what it is in; a failed attach leaves it in no domain.
        ReplaceCurrent = "replace-current",
        /// The function first leaves what it is in; after a failed attach the previous domain is attached again.
        ReplaceAndGoBack = "replace-and-go-back",
        /// The function first leaves what it is in; if the ranges differ, the new tables stay registered.
        ReplaceKeepingRegistration = "replace-keeping-registration",
        /// The function first leaves what it is in; the new tables are noted before they are registered.
        ReplaceTableFirst = "replace-table-first",
        /// The function first goes into the static blocking domain; a failed attach leaves it there.
        ThroughBlocking = "through-blocking",
    }

    /// What a domain's list of devices is made of.
    DeviceList, device_list, "device-list" {
        /// A node allocated by each attach, so that attach can fail with -ENOMEM.
        AllocatedNodes = "allocated-nodes",
        /// A link inside the function itself: it can be on one list only.
        ThreadedThroughDevices = "threaded-through-devices",
        /// A link inside the function, walked without a lock: whoever walks may meet a function that has just left.
        ReadWithoutLock = "read-without-lock",
    }

    /// Where a domain's aperture comes from.
    Aperture, aperture, "aperture" {
        /// From the device attached while the list is empty; later ones must have exactly that range.
        FollowsFirstDevice = "follows-first-device",
        /// What the table can translate, for good; a device's own limits become reserved regions.
        FixedWithReservedRegions = "fixed-with-reserved-regions",
        /// What the table can translate; an attach of ranges without a common address only warns.
        FixedOnlyWarning = "fixed-only-warning",
        /// What the table can translate; the region above a device is reported only while it is in a paging domain.
        ReservedWhileAttached = "reserved-while-attached",
    }

    /// How the end of a mapping is compared with the (inclusive) end of the aperture.
    RangeCheck, range_check, "range-check" {
        /// `iova + size > aperture_end`: refuses the last page, and wraps at 2^64.
        ExclusiveEnd = "exclusive-end",
        /// `iova + size > aperture_end + 1`: takes the last page, and wraps at 2^64.
        ExclusiveEndOfNext = "exclusive-end-of-next",
        /// `iova + size - 1 > aperture_end`.
        InclusiveEnd = "inclusive-end",
    }

    /// The page sizes the driver offers to the IOMMU core.
    PageSizes, page_sizes, "page-sizes" {
        /// Every power of two from 4 KiB (`~0xfff`), although only 4 KiB entries are ever written.
        EveryPowerOfTwo = "every-power-of-two",
        /// 4 KiB only.
        FourKibibytes = "4-kib-only",
    }

    /// Which calls the core uses to change mappings.
    MappingCalls, mapping_calls, "mapping-calls" {
        /// `map` and `unmap`: one page size a call.
        MapUnmap = "map-unmap",
        /// `map_pages` and `unmap_pages`: a count of equal pages a call.
        MapPagesUnmapPages = "map-pages-unmap-pages",
    }

    /// What unmapping looks at before it begins.
    UnmapStart, unmap_start, "unmap-start" {
        /// Whether the first page is mapped: if it is not, nothing is done.
        LooksUpFirstPage = "looks-up-first-page",
        /// Looks at nothing: pages that were never mapped are invalidated again, and tables are allocated for it.
        WalksStraight = "walks-straight",
    }

    /// When the machine is told of changed entries.
    Refresh, refresh, "refresh" {
        /// Inside every update, every function of the list; a failure fails the update.
        InsideEveryUpdate = "inside-every-update",
        /// After a map only functions whose group wants it; unmaps are gathered. Failures are ignored.
        Gathered = "gathered",
        /// After a map only functions whose group wants it, and all of a function where the machine lacks resources; if
        /// that fails too, the map fails. Unmaps are gathered, and their failures ignored.
        GatheredWithRetry = "gathered-with-retry",
    }

    /// What protects the translation tables.
    TableUpdate, table_update, "table-update" {
        /// A lock of the domain, held for the whole update.
        UnderLock = "under-lock",
        /// No lock, and new tables are simply stored.
        PlainStore = "plain-store",
        /// No lock: entries are exchanged, and whoever loses gives its table back.
        LockFree = "lock-free",
    }

    /// Which refusals of a registration still count as attached.
    RegistrationErrors, registration_errors, "registration-errors" {
        /// None.
        AllFail = "all-fail",
        /// Status 40, whatever the condition code: recovery will register again.
        InErrorTolerated = "in-error-tolerated",
        /// Condition code 1 with status 40, and condition code 3: the function is gone, its removal follows.
        InErrorAndGoneTolerated = "in-error-and-gone-tolerated",
    }

    /// What a mapping's permissions are held to.
    Protection, protection, "protection" {
        /// Without read permission there is no mapping.
        ReadRequired = "read-required",
        /// Anything maps, at least for reading.
        AnythingMaps = "anything-maps",
    }

    /// What stands behind the DMA API.
    DmaApi, dma_api, "dma-api" {
        /// The driver's own allocator and tables (`pci_dma.c`), beside every domain.
        OwnAllocator = "own-allocator",
        /// The common one (`dma-iommu`), on a default domain.
        DmaIommu = "dma-iommu",
        /// The common one, whose magazines of cached addresses are made when they are needed.
        DmaIommuOnDemand = "dma-iommu-on-demand",
    }

    /// How many levels a domain's tables have.
    TableDepth, table_depth, "table-depth" {
        /// A region-third table on top, always.
        RegionThird = "region-third",
        /// As many as the device's range needs and its attributes allow; a look-up trusts the top level.
        ByRangeTrusted = "by-range-trusted",
        /// As many as the device's range needs and its attributes allow; a look-up checks every level.
        ByRange = "by-range",
    }

    /// Which types of domain there are.
    DomainTypes, domain_types, "domain-types" {
        /// Unmanaged ones, allocated by their users.
        Unmanaged = "unmanaged",
        /// Any kind of paging domain.
        Paging = "paging",
        /// Any kind of paging domain, and the static blocking domain.
        PagingAndBlocking = "paging-and-blocking",
        /// Any kind of paging domain, the static blocking domain and, for functions with relaxed translation, the
        /// identity domain.
        PagingBlockingIdentity = "paging-blocking-identity",
    }

    /// What detach, release and domain free insist on.
    Leave, leave, "leave" {
        /// Detach acts only on the current domain and says nothing otherwise; release is a full detach;
        /// a domain is freed without a look at its list.
        OnlyIfCurrent = "only-if-current",
        /// Detach warns on a wrong domain but leaves the current one in any case; release only
        /// unregisters; freeing a domain that still has devices warns.
        WhateverIsCurrent = "whatever-is-current",
        /// Detach does nothing if the domain is a wrong one.
        OnlyFromCurrent = "only-from-current",
        /// Detach leaves the current domain in any case; freeing a domain takes everybody off its list.
        FreeEmptiesList = "free-empties-list",
        /// Detach leaves the current domain in any case; a domain is freed while lists are still read.
        FreeAtOnce = "free-at-once",
        /// Instead of a detach the core asks for the platform's DMA API back.
        BackToPlatform = "back-to-platform",
        /// There is no detach; release takes for granted that the function is in a domain.
        ReleaseTrusts = "release-trusts",
        /// Leaving is attaching the static blocking domain, as often as wanted.
        IntoBlocking = "into-blocking",
    }

    /// What probe makes of a function's range of addresses. From v6.8 to v6.12 the range has been cut to memory and table
    /// before, by arithmetic that makes a full range of an empty one.
    ProbeLimits, probe_limits, "probe-limits" {
        /// Nothing is checked.
        Unchecked = "unchecked",
        /// Ranges that are empty or start beyond the table are refused; a larger end is cut.
        ClampAndReject = "clamp-and-reject",
        /// Empty ranges are refused; whatever else there is stays as it is.
        RejectEmpty = "reject-empty",
    }

    /// What the driver says it can do, besides coherent caches.
    Capabilities, capabilities, "capabilities" {
        /// Interrupts are remapped.
        InterruptRemapping = "interrupt-remapping",
        /// Nothing more; functions whose group wants every refresh ask for one flush queue.
        CoherencyOnly = "coherency-only",
        /// Flushes may be deferred, but for ISM functions.
        DeferredFlush = "deferred-flush",
    }

    /// What VFIO's type 1 finds out about a new domain.
    NewDomains, new_domains, "new-domains" {
        /// Whether large pages come apart: two pages are mapped and unmapped one by one.
        TriesLargePages = "tries-large-pages",
        /// Nothing.
        TakesThemAsTheyAre = "takes-them-as-they-are",
    }

    /// What VFIO says of a request that wraps around the address space.
    Wrapping, wrapping, "wrapping" {
        /// -EINVAL, as for any bad argument.
        Invalid = "invalid",
        /// -EOVERFLOW.
        Overflow = "overflow",
    }

    /// Whether VFIO offers nested translation.
    Nesting, nesting, "nesting" {
        /// It says so, although s390 has none.
        Offered = "offered",
        /// It does not.
        NotOffered = "not-offered",
    }

    /// What becomes of a function that reports an error.
    Recovery, recovery, "recovery" {
        /// Functions in a domain of their own are taken for a guest's and left alone; the handle in the event is believed;
        /// the driver needs handlers for everything.
        SkipsDomains = "skips-domains",
        /// Only a guest's are left alone; the handle in the event is believed; the driver needs handlers for everything.
        TrustsEvents = "trusts-events",
        /// Only a guest's are left alone; the handle is looked up, and events with another one are ignored; the driver needs
        /// handlers for everything.
        NeedsFullDriver = "needs-full-driver",
        /// Only a guest's are left alone; the handle is looked up; a driver that can be told of the error is enough.
        ResetsError = "resets-error",
        /// Nothing is done for functions that user space has open; the handle is looked up; a driver that can be told of
        /// the error is enough.
        LeavesItToUser = "leaves-it-to-user",
    }

    /// Whether the reset of a slot is found again after the slot was powered off and on.
    SlotReset, slot_reset, "slot-reset" {
        /// It is.
        Survives = "survives",
        /// It is not: a function that cannot reset itself then has no reset at all.
        Lost = "lost",
    }

    /// Which generation of the IOMMU core runs around the driver.
    Core, core, "core" {
        /// A group may be in no domain; whoever owns one gets an empty domain of its own.
        DomainsComeAndGo = "domains-come-and-go",
        /// A group is always in a domain; a failed sync after a map takes the map back.
        AlwaysInADomain = "always-in-a-domain",
        /// A group is always in a domain; operations on domains of a wrong kind warn; nothing gathered means no sync.
        ChecksDomains = "checks-domains",
        /// A group is always in a domain; a failed map is reported as success to drivers with tables of their own.
        LosesMapErrors = "loses-map-errors",
    }
}
