//! What the core calls in the driver and in dma-iommu, each call with its events.

use super::{domains_come_and_go, has_identity, is_late};
use crate::exec::{Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::linux::errno::{Errno, Outcome};
use crate::linux::rc;
use crate::linux::{core, driver};
use crate::revision::Leave;
use crate::state::kernel::{DomainType, FaultSite};
use crate::trace::Entry;

/// `probe_device`.
pub(super) fn probe_device(cx: &mut Cx, function: FunctionId) -> Outcome {
    cx.enter(Entry::ProbeDevice, Some(function), None);
    let outcome = driver::probe(cx, function);
    cx.returned(Entry::ProbeDevice, None, rc(&outcome));
    outcome
}

/// The driver lets go of a function that goes away: `release_device`, or an attach of the driver's release domain.
pub(super) fn let_go(cx: &mut Cx, function: FunctionId) -> Progress {
    if cx.ask::<Leave>() == Leave::IntoBlocking {
        // Nobody looks whether that works.
        let _ = attach_dev(cx, DomainId::BLOCKING, function);
        return Ok(());
    }
    cx.enter(Entry::ReleaseDevice, Some(function), None);
    driver::release(cx, function)
}

/// A probe fails after the driver's part in it succeeded: `release_device`, where there is one.
pub(super) fn abandon(cx: &mut Cx, function: FunctionId) -> Progress {
    if cx.ask::<Leave>() == Leave::IntoBlocking { Ok(()) } else { let_go(cx, function) }
}

/// `attach_dev`.
pub(super) fn attach_dev(cx: &mut Cx, domain: DomainId, function: FunctionId) -> Outcome {
    cx.enter(Entry::AttachDev, Some(function), Some(domain));
    let outcome = driver::attach(cx, domain, function);
    cx.returned(Entry::AttachDev, None, rc(&outcome));
    outcome
}

/// `detach_dev`, later `set_platform_dma_ops`: back to the DMA API that is beside all domains.
pub(super) fn detach_dev(cx: &mut Cx, domain: DomainId, function: FunctionId) -> Progress {
    match cx.ask::<Leave>() {
        Leave::BackToPlatform => cx.enter(Entry::SetPlatformDmaOps, Some(function), None),
        _ => cx.enter(Entry::DetachDev, Some(function), Some(domain)),
    }
    driver::detach(cx, domain, function)
}

/// `get_resv_regions`: whether there are any.
pub(super) fn has_reserved_regions(cx: &mut Cx, function: FunctionId) -> Progress<bool> {
    cx.enter(Entry::GetResvRegions, Some(function), None);
    let regions = driver::reserved_regions(cx, function)?;
    Ok(regions.is_some_and(|regions| !regions.is_empty()))
}

/// `flush_iotlb_all` of a domain that no function is in yet.
pub(super) fn flush_unused(cx: &mut Cx, domain: DomainId) {
    cx.enter(Entry::FlushIotlbAll, None, Some(domain));
}

/// A domain for a user to manage. Early cores allocate it for the bus, later ones for a function.
///
/// # Errors
/// -ENOMEM for want of memory, or before the bus has an IOMMU; later -ENODEV for a function that was not probed.
pub fn alloc_unmanaged(cx: &mut Cx, name: &str, function: FunctionId) -> Outcome<DomainId> {
    alloc(cx, Some(name), DomainType::Unmanaged, function)
}

/// A domain of a type; the core's own are named for how many there were before.
///
/// # Errors
/// As above, or -EOPNOTSUPP for a type of which this function has none.
pub(super) fn alloc(
    cx: &mut Cx,
    name: Option<&str>,
    kind: DomainType,
    function: FunctionId,
) -> Outcome<DomainId> {
    let early = domains_come_and_go(cx);
    if early && !cx.groups(|groups| groups.bus_has_iommu) {
        return Err(Errno::ENOMEM);
    }
    if !early && !cx.groups(|groups| groups.member(function).has_iommu) {
        return Err(Errno::ENODEV);
    }
    match kind {
        DomainType::Identity if early => {}
        DomainType::Identity if has_identity(cx, function) => return Ok(DomainId::IDENTITY),
        DomainType::Identity => return Err(Errno::EOPNOTSUPP),
        _ => {}
    }
    let entry = Entry::DomainAlloc(if early { kind.name() } else { "paging" });
    cx.enter(entry, (!early).then_some(function), None);
    let own = format!("core{}", cx.next_domain().0);
    let outcome = core::alloc(cx, name.unwrap_or(&own), kind, function);
    cx.returned(entry, outcome.ok(), rc(&outcome));
    let domain = outcome?;
    let is_dma = matches!(kind, DomainType::Dma | DomainType::DmaFq);
    if is_dma && !is_late(cx) {
        get_cookie(cx, domain)?;
    }
    Ok(domain)
}

/// dma-iommu prepares a domain; one that it cannot is freed.
///
/// # Errors
/// -ENOMEM.
pub(super) fn get_cookie(cx: &mut Cx, domain: DomainId) -> Outcome {
    let failure = cx.strike(FaultSite::DmaCookie)?;
    let outcome = if failure.is_some() { Err(Errno::ENOMEM) } else { Ok(()) };
    cx.enter(Entry::GetDmaCookie, None, Some(domain));
    cx.returned(Entry::GetDmaCookie, None, rc(&outcome));
    match outcome {
        Ok(()) => cx.change_groups(|groups| groups.cookies.push(domain))?,
        Err(_) => free(cx, domain)?,
    }
    outcome
}

/// Whether dma-iommu has prepared this domain.
pub(super) fn has_cookie(cx: &mut Cx, domain: DomainId) -> bool {
    cx.groups(|groups| groups.cookies.contains(&domain))
}

/// `iommu_domain_free`; static domains stay.
pub fn free(cx: &mut Cx, domain: DomainId) -> Progress {
    if domain.is_static() {
        return Ok(());
    }
    if has_cookie(cx, domain) {
        cx.enter(Entry::PutDmaCookie, None, Some(domain));
        cx.change_groups(|groups| groups.cookies.retain(|other| *other != domain))?;
    }
    cx.enter(Entry::Free, None, Some(domain));
    driver::free(cx, domain)
}

/// dma-iommu becomes the function's DMA API, if its default domain is one of dma-iommu's.
pub(super) fn setup_dma_ops(cx: &mut Cx, function: FunctionId, domain: DomainId) -> Progress {
    cx.enter(Entry::SetupDmaOps, Some(function), Some(domain));
    let dma_iommu = has_cookie(cx, domain);
    cx.change_groups(|groups| groups.member_mut(function).dma_iommu = dma_iommu)
}
