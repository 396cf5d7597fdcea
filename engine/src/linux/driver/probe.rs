//! `s390_iommu_probe_device`: whether a function gets an IOMMU, and with what range.

use super::TABLE_COVERS;
use crate::addr::{Iova, IovaRange};
use crate::exec::Cx;
use crate::ids::FunctionId;
use crate::linux::errno::{Errno, Outcome};
use crate::revision::ProbeLimits;

/// Probes a function.
///
/// # Errors
/// -EINVAL for a range that is empty or starts beyond what the table translates, where that is checked.
pub fn probe(cx: Cx<'_>, function: FunctionId) -> Outcome {
    if cx.ask::<ProbeLimits>() == ProbeLimits::Unchecked {
        return Ok(());
    }
    let range = cx.range(function);
    let last = Iova::new(TABLE_COVERS - 1);
    if range.start > range.last || range.start > last {
        return Err(Errno::EINVAL);
    }
    if range.last > last {
        cx.set_range(function, IovaRange::new(range.start, last))?;
    }
    Ok(())
}
