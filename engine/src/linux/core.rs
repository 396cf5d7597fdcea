//! The IOMMU core (`drivers/iommu/iommu.c`) between its callers and the driver.

mod map;
mod page_size;
mod unmap;

pub use map::map;
pub use page_size::{PageChoice, choose};
pub use unmap::{unmap, unmap_fast};

use crate::addr::Iova;
use crate::exec::{Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::trace::Call;

use super::driver;
use super::errno::Outcome;

/// Attaches a function; the core remembers what it attached.
pub fn attach(cx: Cx<'_>, domain: DomainId, function: FunctionId) -> Outcome {
    let outcome = driver::attach(cx, domain, function);
    if outcome.is_ok() {
        cx.set_core_domain(function, Some(domain))?;
    }
    outcome
}

/// Detaches a function.
pub fn detach(cx: Cx<'_>, domain: DomainId, function: FunctionId) -> Progress {
    driver::detach(cx, domain, function)?;
    cx.set_core_domain(function, None)
}

/// The function goes away.
pub fn release(cx: Cx<'_>, function: FunctionId) -> Progress {
    driver::release(cx, function)?;
    cx.set_core_domain(function, None)
}

/// `iommu_iova_to_phys`.
pub fn iova_to_phys(cx: Cx<'_>, domain: DomainId, iova: Iova) -> Progress<crate::addr::Phys> {
    cx.driver_call(Call::IovaToPhys, domain, iova, 1)?;
    driver::iova_to_phys(cx, domain, iova)
}

/// The smallest page size offered: everything has to be a multiple of it.
fn smallest_page(cx: Cx<'_>) -> u64 {
    let sizes = driver::page_sizes(cx);
    sizes & sizes.wrapping_neg()
}
