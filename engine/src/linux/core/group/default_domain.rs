//! Default domains: where the functions of a group are while nobody owns it.

use super::set_domain::{Must, set_domain};
use super::{calls, change, first, is_late};
use crate::exec::Cx;
use crate::ids::{DomainId, FunctionId, GroupId};
use crate::linux::errno::{Errno, Outcome};
use crate::state::group::DefaultType;
use crate::state::kernel::DomainType;
use crate::trace::Warning;

/// Early cores ask the driver for a default domain and do without when there is none. The s390 driver of their time
/// has none: its DMA API is beside all domains.
pub(super) fn ask_in_vain(cx: &mut Cx, function: FunctionId) {
    // The driver refuses.
    let _ = alloc(cx, function);
}

/// Allocates a group's default domain and puts its functions into it (`iommu_setup_default_domain`).
///
/// # Errors
/// What the allocation or the attach returns. After a failed attach the group says that it is in the domain.
pub(super) fn set_up(cx: &mut Cx, group: GroupId) -> Outcome {
    let function = first(cx, group)?;
    let (domain, is_dma) = alloc(cx, function)?;
    let late = is_late(cx);
    if late && is_dma {
        calls::get_cookie(cx, domain)?;
    }
    // s390 has no regions that would have to be mapped one to one; that is all these are looked at for.
    let reserved = calls::has_reserved_regions(cx, function)?;
    if !late && is_dma && reserved {
        calls::flush_unused(cx, domain);
    }
    change(cx, group, |group| group.default_domain = Some(domain))?;
    let outcome = set_domain(cx, group, Some(domain), Must::Succeed);
    if outcome.is_err() {
        cx.warn(Warning::FirstAttachFailed);
    }
    outcome
}

/// A domain of the system's default type, strict where it is to be (`iommu_set_dma_strict`), or else a strict one for the DMA API; and whether it is one for the DMA API.
fn alloc(cx: &mut Cx, function: FunctionId) -> Outcome<(DomainId, bool)> {
    let kind = match cx.groups(|groups| groups.default_type) {
        DefaultType::DmaFq if cx.strict_dma() => DomainType::Dma,
        DefaultType::DmaFq => DomainType::DmaFq,
        DefaultType::Dma => DomainType::Dma,
        DefaultType::Identity => DomainType::Identity,
    };
    match calls::alloc(cx, None, kind, function) {
        Ok(domain) => Ok((domain, kind != DomainType::Identity)),
        Err(_) if kind == DomainType::Dma => Err(Errno::EINVAL),
        Err(_) => Ok((calls::alloc(cx, None, DomainType::Dma, function)?, true)),
    }
}
