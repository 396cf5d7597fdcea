//! Patch 2/6, "Get rid of s390_domain_device".
//!
//! *Before*: each attach allocates a node for the domain's list, so attach can fail for want of memory.
//!
//! *After*: the list runs through the functions themselves. Nothing is allocated, and a function can be on
//! one list only.
//!
//! *What can go wrong*: without patch 1 a function is added to a second list while it is still on the first.
//! With one link in it that does not duplicate the entry, it joins the two lists into a knot: whoever walks
//! the old one never meets its end.

use super::{Patch, PatchId};
use crate::revision::DeviceList;

pub(super) const PATCH: Patch = Patch {
    id: PatchId::P2,
    title: "Get rid of s390_domain_device",
    commit: "1a3a7d64bbce",
    before: "Every attach allocates a list node and can fail with -ENOMEM.",
    after: "The list runs through the functions: nothing to allocate, nothing to leak.",
    requires: &[PatchId::P1],
    apply: |behavior| behavior.device_list = DeviceList::ThreadedThroughDevices,
};
