//! `s390_iommu_get_resv_regions`: the addresses a function cannot use, although its domain's aperture has them.

use crate::addr::Iova;
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::revision::Aperture;
use crate::state::kernel::FaultSite;
use crate::table::Level;

/// A reserved region: start and length in bytes.
pub type Reserved = (u64, u64);

/// The reserved regions of a function; `None` where the driver has no such operation.
///
/// A region for which there is no memory is missing, and so are those after it.
pub fn reserved_regions(cx: &mut Cx, function: FunctionId) -> Progress<Option<Vec<Reserved>>> {
    let end = match cx.ask::<Aperture>() {
        Aperture::FollowsFirstDevice => return Ok(None),
        Aperture::FixedWithReservedRegions | Aperture::FixedOnlyWarning => {
            Some(Level::RegionThird.last_iova())
        }
        // How far the tables reach is known of a paging domain only.
        Aperture::ReservedWhileAttached => cx
            .domain_of(function)?
            .filter(|domain| !domain.is_static())
            .map(|domain| cx.tables(domain).level.last_iova()),
    };
    let range = cx.range(function);
    let (start, last) = (range.start.get(), range.last.get());
    let below = (start != 0).then_some((0, start));
    let above = end.map(Iova::get).filter(|end| last < *end).map(|end| (last + 1, end - last));
    let mut regions = Vec::new();
    for region in below.into_iter().chain(above) {
        if cx.strike(FaultSite::AllocStruct)?.is_some() {
            break;
        }
        regions.push(region);
    }
    Ok(Some(regions))
}
