//! Leaving a domain: `s390_iommu_detach_device`, `s390_iommu_release_device`.

use super::{blocking, device_list};
use crate::exec::{Crash, Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::linux::dma::legacy;
use crate::linux::zpci;
use crate::revision::{DeviceList, Leave};
use crate::state::kernel::Lock;
use crate::trace::Warning;

/// Detaches a function from a domain: the core's detach operation, or what it has instead. Reports nothing.
pub fn detach(cx: &mut Cx, domain: DomainId, function: FunctionId) -> Progress {
    match cx.ask::<Leave>() {
        Leave::OnlyIfCurrent => {
            if remove_if_current(cx, domain, function)? {
                cx.set_domain_of(function, None)?;
                zpci::unregister_ioat(cx, function)?;
                let _ = legacy::init_device(cx, function);
            }
        }
        Leave::OnlyFromCurrent if cx.domain_of(function)? != Some(domain) => {}
        Leave::WhateverIsCurrent | Leave::OnlyFromCurrent | Leave::FreeEmptiesList | Leave::FreeAtOnce => {
            if cx.domain_of(function)? != Some(domain) {
                cx.warn(Warning::DetachWrongDomain);
            }
            current(cx, function)?;
            let _ = legacy::init_device(cx, function);
        }
        Leave::BackToPlatform => {
            current(cx, function)?;
            let _ = legacy::init_device(cx, function);
        }
        // There is no such operation.
        Leave::ReleaseTrusts => {}
        Leave::IntoBlocking => blocking::attach(cx, function)?,
    }
    Ok(())
}

/// Whether the driver has an operation by which a function leaves a domain.
pub fn can_detach(cx: &mut Cx) -> bool {
    cx.ask::<Leave>() != Leave::ReleaseTrusts
}

/// Before patch 1: one list entry goes in any case; only for the current domain there is more to do.
fn remove_if_current(cx: &mut Cx, domain: DomainId, function: FunctionId) -> Progress<bool> {
    cx.lock(Lock::list(domain))?;
    // A threaded link is on a list at most once, but maybe on another one: look before taking it off.
    let listed = match cx.ask::<DeviceList>() {
        DeviceList::AllocatedNodes => true,
        DeviceList::ThreadedThroughDevices | DeviceList::ReadWithoutLock => {
            device_list::find(cx, domain, function)?.is_some()
        }
    };
    let found = listed && device_list::remove(cx, domain, function)?;
    cx.unlock(Lock::list(domain))?;
    Ok(found && cx.domain_of(function)? == Some(domain))
}

/// `__s390_iommu_detach_device`: leaves the domain the function is in, if any, for nothing.
pub(super) fn current(cx: &mut Cx, function: FunctionId) -> Progress {
    let Some(domain) = cx.domain_of(function)? else { return Ok(()) };
    cx.lock(Lock::list(domain))?;
    device_list::remove(cx, domain, function)?;
    cx.unlock(Lock::list(domain))?;
    zpci::unregister_ioat(cx, function)?;
    cx.set_domain_of(function, None)?;
    cx.set_dma_table(function, None)
}

/// The function goes away (`release_device`).
///
/// Before patch 1 this is a detach from whatever domain the *core* knows, which starts the DMA API again for a
/// function that is about to vanish.
pub fn release(cx: &mut Cx, function: FunctionId) -> Progress {
    match cx.ask::<Leave>() {
        Leave::OnlyIfCurrent => {
            if cx.domain_of(function)?.is_some()
                && let Some(domain) = cx.core_domain(function)
            {
                detach(cx, domain, function)?;
            }
            Ok(())
        }
        Leave::ReleaseTrusts if cx.domain_of(function)?.is_none() => cx.crash(Crash::NoDomainToLeave),
        Leave::WhateverIsCurrent
        | Leave::OnlyFromCurrent
        | Leave::FreeEmptiesList
        | Leave::FreeAtOnce
        | Leave::BackToPlatform
        | Leave::ReleaseTrusts => current(cx, function),
        // The core attaches the driver's release domain.
        Leave::IntoBlocking => blocking::attach(cx, function),
    }
}
