//! The IOMMU core (`drivers/iommu/iommu.c`) between its callers and the driver.

pub mod group;
mod map;
mod page_size;
mod unmap;

pub use map::map;
pub use page_size::{PageChoice, choose};
pub use unmap::{iotlb_sync, unmap, unmap_fast};

pub use crate::state::kernel::Gather;

use crate::addr::{Iova, Phys};
use crate::exec::{Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::revision;
use crate::state::kernel::DomainType;
use crate::trace::{Call, Warning};

use super::driver;
use super::errno::Outcome;

/// Allocates a domain, which belongs to the driver operations of the function it is for.
///
/// # Errors
/// As the driver's allocation.
pub fn alloc(cx: &mut Cx, name: &str, kind: DomainType, function: FunctionId) -> Outcome<DomainId> {
    let domain = driver::alloc(cx, name, kind, function)?;
    if group::has_identity(cx, function) {
        cx.change_groups(|groups| groups.relaxed.push(domain))?;
    }
    Ok(domain)
}

/// Attaches a function; the core remembers what it attached.
pub fn attach(cx: &mut Cx, domain: DomainId, function: FunctionId) -> Outcome {
    let outcome = driver::attach(cx, domain, function);
    if outcome.is_ok() {
        cx.set_core_domain(function, Some(domain))?;
    }
    outcome
}

/// Takes a function out of a domain, by whatever operation the driver has for that; `false` if it has none.
pub fn detach(cx: &mut Cx, domain: DomainId, function: FunctionId) -> Progress<bool> {
    if !driver::can_detach(cx) {
        return Ok(false);
    }
    driver::detach(cx, domain, function)?;
    cx.set_core_domain(function, None)?;
    Ok(true)
}

/// The function goes away.
pub fn release(cx: &mut Cx, function: FunctionId) -> Progress {
    driver::release(cx, function)?;
    cx.set_core_domain(function, None)
}

/// `iommu_iova_to_phys`: addresses mean themselves in the identity domain, and nothing in the blocking one.
pub fn iova_to_phys(cx: &mut Cx, domain: DomainId, iova: Iova) -> Progress<Phys> {
    match domain {
        DomainId::IDENTITY => return Ok(Phys::new(iova.get())),
        DomainId::BLOCKING => return Ok(Phys::new(0)),
        _ => {}
    }
    cx.driver_call(Call::IovaToPhys, domain, iova, 1)?;
    driver::iova_to_phys(cx, domain, iova)
}

/// `iommu_flush_iotlb_all`, for drivers that have it.
pub fn flush_iotlb_all(cx: &mut Cx, domain: DomainId) -> Progress {
    if domain.is_static() || !driver::has_tlb_operations(cx) {
        return Ok(());
    }
    cx.driver_call(Call::FlushAll, domain, Iova::new(0), 0)?;
    driver::flush_iotlb_all(cx, domain)
}

/// Whether addresses are a multiple of the smallest page size offered.
fn is_aligned(cx: &mut Cx, bits: u64) -> bool {
    let sizes = driver::page_sizes(cx);
    bits & ((sizes & sizes.wrapping_neg()) - 1) == 0
}

/// Whether a domain translates; later cores warn if not.
fn is_paging(cx: &mut Cx, domain: DomainId) -> bool {
    if !domain.is_static() {
        return true;
    }
    match cx.ask::<revision::Core>() {
        revision::Core::DomainsComeAndGo | revision::Core::AlwaysInADomain => {}
        revision::Core::ChecksDomains | revision::Core::LosesMapErrors => {
            cx.warn(Warning::CoreOpOnNonPagingDomain);
        }
    }
    false
}
