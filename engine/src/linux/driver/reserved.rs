//! `s390_iommu_get_resv_regions`: the addresses a function cannot use, although its domain's aperture has them.

use super::TABLE_COVERS;
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::revision::Aperture;
use crate::state::kernel::FaultSite;

/// A reserved region: start and length in bytes.
pub type Reserved = (u64, u64);

/// The reserved regions of a function; `None` where the driver has no such operation.
///
/// A region for which there is no memory is missing, and so are those after it.
pub fn reserved_regions(cx: Cx<'_>, function: FunctionId) -> Progress<Option<Vec<Reserved>>> {
    if cx.ask::<Aperture>() == Aperture::FollowsFirstDevice {
        return Ok(None);
    }
    let range = cx.range(function);
    let (start, last, end) = (range.start.get(), range.last.get(), TABLE_COVERS - 1);
    let below = (start != 0).then_some((0, start));
    let above = (last < end).then(|| (last + 1, end - last));
    let mut regions = Vec::new();
    for region in below.into_iter().chain(above) {
        if cx.strike(FaultSite::AllocStruct)?.is_some() {
            break;
        }
        regions.push(region);
    }
    Ok(Some(regions))
}
