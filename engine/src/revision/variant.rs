//! What-ifs: behaviours that review took out of the series, and two that show why the code is as it is.
//!
//! A variant edits a behaviour as a patch does, but no release ever had it (or one had it by mistake). It is written
//! after a kernel's name: `p1~reattach-on-failure`.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::behavior::{Aperture, Attach, Behavior, Core, Leave, RangeCheck, Recovery, TableUpdate};
use super::kernel::UnknownRevision;

/// A behaviour that no kernel of the line has.
#[derive(Debug)]
pub struct Variant {
    /// Stable name, as written after `~`.
    pub name: &'static str,
    /// Where it comes from.
    pub origin: &'static str,
    /// What the code does, in one sentence.
    pub what: &'static str,
    /// Why it is not so, in one sentence.
    pub why_not: &'static str,
    /// The kernel it is best seen on.
    pub seen_on: &'static str,
    apply: fn(&mut Behavior),
}

/// Names a [`Variant`]: its place in [`VariantId::all`], assigned once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VariantId(u8);

impl VariantId {
    /// Every variant, in order of the history.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..VARIANTS.len() as u8).map(Self)
    }

    /// What it is and does.
    pub const fn variant(self) -> &'static Variant {
        &VARIANTS[self.0 as usize]
    }

    pub(super) fn apply(self, behavior: &mut Behavior) {
        (self.variant().apply)(behavior);
    }
}

impl fmt::Display for VariantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.variant().name)
    }
}

impl FromStr for VariantId {
    type Err = UnknownRevision;

    fn from_str(text: &str) -> Result<Self, UnknownRevision> {
        Self::all().find(|id| id.variant().name == text).ok_or_else(|| UnknownRevision::variant(text))
    }
}

impl Serialize for VariantId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.variant().name)
    }
}

const VARIANTS: [Variant; 11] = [
    Variant {
        name: "reattach-on-failure",
        origin: "v1 and v2 of the series, patch 1 (September 2022)",
        what: "When a registration fails, attach goes back to the previous domain by attaching it again.",
        why_not: "The second registration fails for the same reason, and if it does not, the caller gets an error \
                  although the function works, in a domain that recovery does not expect.",
        seen_on: "p1",
        apply: |behavior| behavior.attach = Attach::ReplaceAndGoBack,
    },
    Variant {
        name: "free-detaches",
        origin: "v1 of the series, patch 1 (15 September 2022)",
        what: "Freeing a domain takes whoever is still in it off its list, without a word.",
        why_not: "It hides the caller's bug: the function still points to the domain, and the machine to its tables.",
        seen_on: "p1",
        apply: |behavior| behavior.leave = Leave::FreeEmptiesList,
    },
    Variant {
        name: "ignore-wrong-detach",
        origin: "v3 of the series, patch 1 (29 September 2022)",
        what: "Detach from a domain that is not the current one does nothing.",
        why_not: "The core believes that the function has left; it stays in a domain that may be freed next.",
        seen_on: "p1",
        apply: |behavior| behavior.leave = Leave::OnlyFromCurrent,
    },
    Variant {
        name: "range-check-wraps",
        origin: "v3 of the series, patch 4 (29 September 2022); the exact form is assumed",
        what: "The last page maps, but the sum of address and size is still compared after it has wrapped at 2^64.",
        why_not: "A page at the top of the address space passes the check and lands on another address's entry.",
        seen_on: "p4",
        apply: |behavior| behavior.range_check = RangeCheck::ExclusiveEndOfNext,
    },
    Variant {
        name: "registration-stays",
        origin: "v1 to v4 of the series, patch 1 (until 6 October 2022)",
        what: "An attach that fails because the ranges differ leaves the new domain's tables registered.",
        why_not: "The driver believes that the function is in no domain while the machine walks tables that may be freed.",
        seen_on: "p1",
        apply: |behavior| behavior.attach = Attach::ReplaceKeepingRegistration,
    },
    Variant {
        name: "table-before-registration",
        origin: "v5 of the series, patch 1 (6 October 2022)",
        what: "`dma_table` is set before the registration, and stays set when that fails.",
        why_not: "The next attach takes the domain's tables for the DMA API's own and frees them; freeing the domain frees \
                  them again.",
        seen_on: "p1",
        apply: |behavior| behavior.attach = Attach::ReplaceTableFirst,
    },
    Variant {
        name: "mismatch-only-warns",
        origin: "v5 of the series, patch 3 (6 October 2022)",
        what: "An attach whose ranges have nothing in common warns, and goes on.",
        why_not: "The return was forgotten: the function is attached to tables that translate no address it may use.",
        seen_on: "p3",
        apply: |behavior| behavior.aperture = Aperture::FixedOnlyWarning,
    },
    Variant {
        name: "plain-store",
        origin: "why 21c1f902 exchanges entries; no posting had it",
        what: "Without a lock, a new table is stored into its entry instead of being exchanged for an invalid one.",
        why_not: "Of two CPUs that find the entry invalid the second overwrites the first one's table, with all that was \
                  mapped in it.",
        seen_on: "v6.2",
        apply: |behavior| behavior.table_update = TableUpdate::PlainStore,
    },
    Variant {
        name: "free-at-once",
        origin: "why 2ba8336d frees domains through RCU; no posting had it",
        what: "Lists are read without a lock, but a freed domain's tables are given back while somebody reads.",
        why_not: "Whoever is in the middle of a flush uses a domain that is gone.",
        seen_on: "v6.2",
        apply: |behavior| behavior.leave = Leave::FreeAtOnce,
    },
    Variant {
        name: "map-errors-lost",
        origin: "the IOMMU core of v7.0 (d6c65b0fd621, repaired in May 2026)",
        what: "A map that failed in the driver is reported as success.",
        why_not: "The caller uses addresses that lead nowhere; the generic tables of other drivers were not concerned.",
        seen_on: "v7.3",
        apply: |behavior| behavior.core = Core::LosesMapErrors,
    },
    Variant {
        name: "user-recovers",
        origin: "merged after v7.2, which is what v7.3 is held to here (9f240376d034)",
        what: "An error of a function that user space has open is only reported to it.",
        why_not: "Guests of 7.2 show that the kernel resets the error by itself; no recording has the later code.",
        seen_on: "v7.3",
        apply: |behavior| behavior.recovery = Recovery::LeavesItToUser,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revision::Revision;

    #[test]
    fn each_variant_changes_the_kernel_it_is_seen_on_and_can_be_named() {
        for id in VariantId::all() {
            let kernel: Revision = id.variant().seen_on.parse().unwrap();
            let changed: Revision = format!("{kernel}~{id}").parse().unwrap();
            assert_ne!(changed.behavior(), kernel.behavior(), "{id}");
            assert_eq!(changed.to_string().parse::<Revision>().unwrap(), changed);
            assert_eq!(changed.place(), None, "{id} is no step of the history");
        }
    }
}
