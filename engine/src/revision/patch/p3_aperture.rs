//! Patch 3/6, "Fix potential s390_domain aperture shrinking".
//!
//! *Before*: a domain's aperture is the range of whichever device is attached while its list is empty. When
//! all devices leave and one with a smaller range comes, mappings outside it can no longer be looked up or
//! removed.
//!
//! *After*: the aperture is what a region-third table translates, 0 to 2^42-1, for good. The limits of each
//! device are reported as reserved regions; probe refuses ranges that make no sense and cuts a larger end.
//!
//! *What can go wrong*: the driver itself no longer refuses an address that the device cannot use; whoever
//! ignores the reserved regions maps it, and the function's access fails.

use super::{Patch, PatchId};
use crate::revision::{Aperture, ProbeLimits};

pub(super) const PATCH: Patch = Patch {
    id: PatchId::P3,
    title: "Fix potential s390_domain aperture shrinking",
    commit: "cbf7827bc5dc",
    before: "The aperture follows the first device and can shrink under live mappings.",
    after: "The aperture is fixed at 2^42; device limits become reserved regions.",
    requires: &[PatchId::P1, PatchId::P2],
    apply: |behavior| {
        behavior.aperture = Aperture::FixedWithReservedRegions;
        behavior.probe_limits = ProbeLimits::ClampAndReject;
    },
};
