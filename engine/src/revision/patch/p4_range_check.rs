//! Patch 4/6, "Fix incorrect aperture check".
//!
//! *Before*: `iova + size` is compared with an end that is itself inside the aperture, so the last page can
//! never be mapped; and at the top of the address space the sum wraps to 0 and passes, and the walk, which
//! only masks its indices, writes the entry of another address.
//!
//! *After*: the last byte, `iova + size - 1`, is compared.
//!
//! *What can go wrong*: a range that starts below 2^64 and ends above it still wraps; the core's 4 KiB calls
//! hide that until patch 6 hands over many pages at once.

use super::{Patch, PatchId};
use crate::revision::RangeCheck;

pub(super) const PATCH: Patch = Patch {
    id: PatchId::P4,
    title: "Fix incorrect aperture check",
    commit: "a4d996c2c4b5",
    before: "The last page of the aperture cannot be mapped.",
    after: "The check compares the last byte of the range.",
    requires: &[],
    apply: |behavior| behavior.range_check = RangeCheck::InclusiveEnd,
};
