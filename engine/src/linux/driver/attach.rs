//! `s390_iommu_attach_device`: puts a function into a domain.

use super::device_list;
use crate::addr::Phys;
use crate::exec::Cx;
use crate::ids::{DomainId, FunctionId};
use crate::linux::dma::legacy;
use crate::linux::driver::leave;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::zpci;
use crate::revision::{Aperture, Attach};
use crate::state::Element;
use crate::state::kernel::{Geometry, Lock};
use crate::trace::Warning;

/// Attaches a function.
///
/// # Errors
/// -ENOMEM without memory for a list node; -EIO when the DMA API does not let go or the machine refuses the
/// registration; -EINVAL when the ranges do not fit.
pub async fn attach(cx: Cx<'_>, domain: DomainId, function: FunctionId) -> Outcome {
    if cx.ask::<Aperture>() == Aperture::FixedWithReservedRegions
        && !cx.geometry(domain).aperture.overlaps(cx.range(function))
    {
        cx.warn(Warning::AttachApertureMismatch);
        return Err(Errno::EINVAL);
    }
    let element = device_list::prepare(cx, function)?;
    let outcome = match cx.ask::<Attach>() {
        Attach::AccumulateAndRestore => accumulate(cx, domain, function, element).await,
        Attach::ReplaceCurrent => replace(cx, domain, function, element).await,
    };
    if outcome.is_err() {
        cx.free_node(element);
    }
    outcome
}

/// Before patch 1: the registration moves, the old list entry stays, and a failure tries to undo.
async fn accumulate(cx: Cx<'_>, domain: DomainId, function: FunctionId, element: Element) -> Outcome {
    if cx.dma_table(function).await.is_some() && cx.domain_of(function).await.is_none() {
        legacy::exit_device(cx, function).await.map_err(|_| Errno::EIO)?;
    }
    if cx.domain_of(function).await.is_some() {
        zpci::unregister_ioat(cx, function).await;
    }
    cx.set_dma_table(function, Some(cx.root(domain))).await;
    let outcome = if register_current(cx, function).await {
        join(cx, domain, function, element).await
    } else {
        Err(Errno::EIO)
    };
    if outcome.is_err() {
        restore(cx, function).await;
    }
    outcome
}

/// Registers whatever `dma_table` says at that moment: another CPU may have changed it.
async fn register_current(cx: Cx<'_>, function: FunctionId) -> bool {
    let table = cx.dma_table(function).await.unwrap_or(Phys::new(0));
    zpci::register_ioat(cx, function, cx.range(function), table).await.cc == 0
}

/// Back to the DMA API, or to the old domain; nobody looks whether that works.
async fn restore(cx: Cx<'_>, function: FunctionId) {
    match cx.domain_of(function).await {
        None => {
            let _ = legacy::init_device(cx, function).await;
        }
        Some(old) => {
            cx.set_dma_table(function, Some(cx.root(old))).await;
            register_current(cx, function).await;
        }
    }
}

/// From patch 1 on: leave first, then register; a failure leaves the function in no domain.
async fn replace(cx: Cx<'_>, domain: DomainId, function: FunctionId, element: Element) -> Outcome {
    if cx.domain_of(function).await.is_some() {
        leave::current(cx, function).await;
    } else if cx.dma_table(function).await.is_some() {
        let _ = legacy::exit_device(cx, function).await;
    }
    let root = cx.root(domain);
    if zpci::register_ioat(cx, function, cx.range(function), root).await.cc != 0 {
        return Err(Errno::EIO);
    }
    cx.set_dma_table(function, Some(root)).await;
    let outcome = join(cx, domain, function, element).await;
    if outcome.is_err() {
        zpci::unregister_ioat(cx, function).await;
        cx.set_dma_table(function, None).await;
    }
    outcome
}

/// Checks the aperture where it follows the devices, and puts the function on the domain's list.
async fn join(cx: Cx<'_>, domain: DomainId, function: FunctionId, element: Element) -> Outcome {
    cx.lock(Lock::list(domain)).await;
    let outcome = adopt_range(cx, domain, function).await;
    if outcome.is_ok() {
        cx.set_domain_of(function, Some(domain)).await;
        cx.list_add(element, domain).await;
    }
    cx.unlock(Lock::list(domain)).await;
    outcome
}

/// The first device on an empty list defines the aperture; others must have exactly its range.
async fn adopt_range(cx: Cx<'_>, domain: DomainId, function: FunctionId) -> Outcome {
    if cx.ask::<Aperture>() == Aperture::FixedWithReservedRegions {
        return Ok(());
    }
    let range = cx.range(function);
    if cx.next_element(domain, Element::head(domain)).await.is_none() {
        cx.set_geometry(domain, Geometry { aperture: range, force: true });
        Ok(())
    } else if cx.geometry(domain).aperture == range {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}
