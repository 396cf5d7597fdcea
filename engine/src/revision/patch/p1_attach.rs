//! Patch 1/6, "Fix duplicate domain attachments".
//!
//! *Before*: attaching a function that is already in a domain adds it to the new domain's list and leaves it
//! on the old one's. Every later change of the old domain's mappings is also announced to a function that no
//! longer uses them; VFIO's ordinary open and close leaks one entry a cycle.
//!
//! *After*: attach first leaves whatever the function is in. A failed attach no longer goes back to the old
//! domain: the function is then in none, and its DMA is blocked. Detach insists, with a warning, that the
//! domain is the current one; release only unregisters.
//!
//! *What can go wrong*: after a failed attach the IOMMU core still believes in the old domain, so its later
//! detach of it warns. That warning is expected.

use super::{Patch, PatchId};
use crate::revision::{Attach, Leave};

pub(super) const PATCH: Patch = Patch {
    id: PatchId::P1,
    title: "Fix duplicate domain attachments",
    commit: "bf8d2dd2ed08",
    before: "A function attached twice stays on the old domain's list.",
    after: "Attach replaces: the function first leaves what it is in.",
    requires: &[],
    apply: |behavior| {
        behavior.attach = Attach::ReplaceCurrent;
        behavior.leave = Leave::WhateverIsCurrent;
    },
};
