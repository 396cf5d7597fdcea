//! Whether a function gets an IOMMU, and with what range: `zpci_init_iommu` and `s390_iommu_probe_device`.

use crate::addr::{Iova, IovaRange, PAGE_SIZE};
use crate::exec::{Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::linux::errno::{Errno, Outcome};
use crate::revision::{Capabilities, DmaApi, DomainTypes, ProbeLimits, TableDepth};
use crate::table::Level;

/// Probes a function.
///
/// # Errors
/// -EINVAL for a range that is empty or starts beyond what the table translates, where that is checked.
pub fn probe(cx: &mut Cx, function: FunctionId) -> Outcome {
    check_range(cx, function)?;
    if cx.wants_refresh(function) && cx.ask::<Capabilities>() != Capabilities::InterruptRemapping {
        cx.set_shadow_on_flush(function)?;
    }
    if cx.ask::<DomainTypes>() >= DomainTypes::PagingAndBlocking {
        cx.set_domain_of(function, Some(DomainId::BLOCKING))?;
    }
    Ok(())
}

fn check_range(cx: &mut Cx, function: FunctionId) -> Outcome {
    let range = cx.range(function);
    let last = Level::RegionThird.last_iova();
    let limits = cx.ask::<ProbeLimits>();
    if limits == ProbeLimits::Unchecked {
        return Ok(());
    }
    let clamps = limits == ProbeLimits::ClampAndReject;
    if range.start > range.last || clamps && range.start > last {
        return Err(Errno::EINVAL);
    }
    if clamps && range.last > last {
        cx.set_range(function, IovaRange::new(range.start, last))?;
    }
    Ok(())
}

/// `zpci_init_iommu`: cuts a new function's range to what memory size and table allow, where the depth of the tables is
/// not chosen later.
pub fn init_iommu(cx: &mut Cx, function: FunctionId) -> Progress {
    match (cx.ask::<DmaApi>(), cx.ask::<TableDepth>()) {
        (DmaApi::DmaIommu | DmaApi::DmaIommuOnDemand, TableDepth::RegionThird) => {
            let range = usable(cx.range(function), cx.aperture_limit());
            cx.set_range(function, range)
        }
        _ => Ok(()),
    }
}

/// The part of a function's range that is used, and stored as the function's range for good: limited by memory size, by
/// what a region-third table translates, and by the range itself.
pub(in crate::linux) fn usable(range: IovaRange, limit: u64) -> IovaRange {
    let start = range.start.get().wrapping_add(PAGE_SIZE - 1) & !(PAGE_SIZE - 1);
    let size = limit
        .min((Level::RegionThird.last_iova().get() + 1).wrapping_sub(start))
        .min(range.last.get().wrapping_sub(start).wrapping_add(1));
    IovaRange::new(Iova::new(start), Iova::new(start.wrapping_add(size).wrapping_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_cut_to_what_the_table_translates_and_to_the_memory() {
        let range = |start, last| IovaRange::new(Iova::new(start), Iova::new(last));
        let all = range(0x1_0000_0000, 0x01ff_ffff_ffff_ffff);
        assert_eq!(usable(all, u64::MAX), range(0x1_0000_0000, 0x3ff_ffff_ffff));
        assert_eq!(usable(all, 0x4_0000_0000), range(0x1_0000_0000, 0x4_ffff_ffff));
        assert_eq!(usable(range(0x1001, 0x4fff), u64::MAX), range(0x2000, 0x4fff));
    }
}
