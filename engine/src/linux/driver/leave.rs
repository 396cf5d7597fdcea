//! Leaving a domain: `s390_iommu_detach_device`, `s390_iommu_release_device`.

use super::device_list;
use crate::exec::Cx;
use crate::ids::{DomainId, FunctionId};
use crate::linux::dma::legacy;
use crate::linux::zpci;
use crate::revision::{DeviceList, Leave};
use crate::state::kernel::Lock;
use crate::trace::Warning;

/// Detaches a function from a domain and brings the DMA API back; reports nothing.
pub async fn detach(cx: Cx<'_>, domain: DomainId, function: FunctionId) {
    match cx.ask::<Leave>() {
        Leave::OnlyIfCurrent => {
            if remove_if_current(cx, domain, function).await {
                cx.set_domain_of(function, None).await;
                zpci::unregister_ioat(cx, function).await;
                let _ = legacy::init_device(cx, function).await;
            }
        }
        Leave::WhateverIsCurrent => {
            if cx.domain_of(function).await != Some(domain) {
                cx.warn(Warning::DetachWrongDomain);
            }
            current(cx, function).await;
            let _ = legacy::init_device(cx, function).await;
        }
    }
}

/// Before patch 1: one list entry goes in any case; only for the current domain there is more to do.
async fn remove_if_current(cx: Cx<'_>, domain: DomainId, function: FunctionId) -> bool {
    cx.lock(Lock::list(domain)).await;
    // A threaded link is on a list at most once, but maybe on another one: look before taking it off.
    let listed = match cx.ask::<DeviceList>() {
        DeviceList::AllocatedNodes => true,
        DeviceList::ThreadedThroughDevices => device_list::find(cx, domain, function).await.is_some(),
    };
    let found = listed && device_list::remove(cx, domain, function).await;
    cx.unlock(Lock::list(domain)).await;
    found && cx.domain_of(function).await == Some(domain)
}

/// `__s390_iommu_detach_device`: leaves the domain the function is in, if any, for nothing.
pub(super) async fn current(cx: Cx<'_>, function: FunctionId) {
    let Some(domain) = cx.domain_of(function).await else { return };
    cx.lock(Lock::list(domain)).await;
    device_list::remove(cx, domain, function).await;
    cx.unlock(Lock::list(domain)).await;
    zpci::unregister_ioat(cx, function).await;
    cx.set_domain_of(function, None).await;
    cx.set_dma_table(function, None).await;
}

/// The function goes away (`release_device`).
///
/// Before patch 1 this is a detach from whatever domain the *core* knows, which starts the DMA API again for a
/// function that is about to vanish.
pub async fn release(cx: Cx<'_>, function: FunctionId) {
    match cx.ask::<Leave>() {
        Leave::OnlyIfCurrent => {
            if cx.domain_of(function).await.is_some()
                && let Some(domain) = cx.core_domain(function)
            {
                detach(cx, domain, function).await;
            }
        }
        Leave::WhateverIsCurrent => current(cx, function).await,
    }
}
