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

macro_rules! decisions {
    ($($(#[$doc:meta])* $name:ident, $field:ident, $text:literal {
        $($(#[$value_doc:meta])* $value:ident = $label:literal,)+
    })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
            pub enum $name { $($(#[$value_doc])* #[serde(rename = $label)] $value,)+ }

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
        pub struct Behavior { $($(#[$doc])* pub $field: $name,)+ }

        impl Behavior {
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
    }

    /// What a domain's list of devices is made of.
    DeviceList, device_list, "device-list" {
        /// A node allocated by each attach, so that attach can fail with -ENOMEM.
        AllocatedNodes = "allocated-nodes",
        /// A link inside the function itself: it can be on one list only.
        ThreadedThroughDevices = "threaded-through-devices",
    }

    /// Where a domain's aperture comes from.
    Aperture, aperture, "aperture" {
        /// From the device attached while the list is empty; later ones must have exactly that range.
        FollowsFirstDevice = "follows-first-device",
        /// What the table can translate, for good; a device's own limits become reserved regions.
        FixedWithReservedRegions = "fixed-with-reserved-regions",
    }

    /// How the end of a mapping is compared with the (inclusive) end of the aperture.
    RangeCheck, range_check, "range-check" {
        /// `iova + size > aperture_end`: refuses the last page, and wraps at 2^64.
        ExclusiveEnd = "exclusive-end",
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

    /// What detach, release and domain free insist on.
    Leave, leave, "leave" {
        /// Detach acts only on the current domain and says nothing otherwise; release is a full detach;
        /// a domain is freed without a look at its list.
        OnlyIfCurrent = "only-if-current",
        /// Detach warns on a wrong domain but leaves the current one in any case; release only
        /// unregisters; freeing a domain that still has devices warns.
        WhateverIsCurrent = "whatever-is-current",
    }

    /// What probe makes of a function's range of addresses.
    ProbeLimits, probe_limits, "probe-limits" {
        /// Nothing is checked.
        Unchecked = "unchecked",
        /// Ranges that are empty or start beyond the table are refused; a larger end is cut.
        ClampAndReject = "clamp-and-reject",
    }
}
