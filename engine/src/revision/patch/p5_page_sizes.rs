//! Patch 5/6, "Fix incorrect pgsize_bitmap".
//!
//! *Before*: the driver claims every power of two from 4 KiB, so the core believes in large pages that the
//! tables do not have.
//!
//! *After*: 4 KiB, the truth.
//!
//! *What can go wrong*: on its own it makes each 4 KiB page a driver call with its own lock and its own
//! refresh instruction for each device: 256 instead of one for a mebibyte. Patch 6 is the answer.

use super::{Patch, PatchId};
use crate::revision::PageSizes;

pub(super) const PATCH: Patch = Patch {
    id: PatchId::P5,
    title: "Fix incorrect pgsize_bitmap",
    commit: "b4d8ae0e907b",
    before: "Every power of two is offered as a page size; only 4 KiB entries exist.",
    after: "Only 4 KiB is offered.",
    requires: &[],
    apply: |behavior| behavior.page_sizes = PageSizes::FourKibibytes,
};
