//! Address spaces.

use super::{add, addresses, context, space};
use crate::addr::IovaRange;
use crate::exec::Cx;
use crate::linux::errno::Outcome;
use crate::state::iommufd::{Ioas, Object};

/// `IOMMU_IOAS_ALLOC`: gives the object's number.
///
/// # Errors
/// -EBADF.
pub fn alloc(cx: &mut Cx, context: &str) -> Outcome<u32> {
    let context = context::of(cx, context)?;
    Ok(add(cx, context, Object::Ioas(Ioas::default()))?)
}

/// What `IOMMU_IOAS_IOVA_RANGES` says.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Ranges {
    /// Multiples that addresses have to be of.
    pub alignment: u64,
    /// Addresses that may be mapped.
    pub ranges: Vec<IovaRange>,
}

/// `IOMMU_IOAS_IOVA_RANGES`.
///
/// # Errors
/// -ENOENT without such an address space.
pub fn ranges(cx: &mut Cx, context: &str, id: u32) -> Outcome<Ranges> {
    let context = context::of(cx, context)?;
    let ioas = space(cx, context, id)?;
    Ok(Ranges { alignment: addresses::alignment(&ioas), ranges: addresses::allowed(&ioas) })
}
