//! Patch 6/6, "Implement map_pages()/unmap_pages() instead of map()/unmap()".
//!
//! *Before*: the core makes one driver call for each page size it picks.
//!
//! *After*: one call for any number of 4 KiB pages, one refresh for each device. Unmapping outside the
//! aperture warns.
//!
//! *What can go wrong*: a failure in the middle now undoes the entire request, not one chunk; a half-done
//! unmap reports 0 though its first pages are gone; and without patch 5 the core still asks for large pages,
//! which the new calls refuse.

use super::{Patch, PatchId};
use crate::revision::MappingCalls;

pub(super) const PATCH: Patch = Patch {
    id: PatchId::P6,
    title: "Implement map_pages()/unmap_pages() instead of map()/unmap()",
    commit: "f3cc4f874efa",
    before: "One driver call, lock section and refresh for each page of a mapping.",
    after: "One call and one refresh for any number of pages.",
    requires: &[PatchId::P5],
    apply: |behavior| behavior.mapping_calls = MappingCalls::MapPagesUnmapPages,
};
