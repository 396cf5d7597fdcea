//! `s390_iommu_attach_device`: puts a function into a domain.

use super::device_list;
use crate::addr::Phys;
use crate::exec::{Cx, Progress};
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
pub fn attach(cx: Cx<'_>, domain: DomainId, function: FunctionId) -> Outcome {
    if cx.ask::<Aperture>() == Aperture::FixedWithReservedRegions
        && !cx.geometry(domain).aperture.overlaps(cx.range(function))
    {
        cx.warn(Warning::AttachApertureMismatch);
        return Err(Errno::EINVAL);
    }
    let element = device_list::prepare(cx, function)?;
    let outcome = match cx.ask::<Attach>() {
        Attach::AccumulateAndRestore => accumulate(cx, domain, function, element),
        Attach::ReplaceCurrent => replace(cx, domain, function, element),
    };
    if outcome.is_err() {
        cx.free_node(element)?;
    }
    outcome
}

/// Before patch 1: the registration moves, the old list entry stays, and a failure tries to undo.
fn accumulate(cx: Cx<'_>, domain: DomainId, function: FunctionId, element: Element) -> Outcome {
    if cx.dma_table(function)?.is_some() && cx.domain_of(function)?.is_none() {
        legacy::exit_device(cx, function).map_err(|_| Errno::EIO)?;
    }
    if cx.domain_of(function)?.is_some() {
        zpci::unregister_ioat(cx, function)?;
    }
    cx.set_dma_table(function, Some(cx.root(domain)))?;
    let outcome =
        if register_current(cx, function)? { join(cx, domain, function, element) } else { Err(Errno::EIO) };
    if outcome.is_err() {
        restore(cx, function)?;
    }
    outcome
}

/// Registers whatever `dma_table` says at that moment: another CPU may have changed it.
fn register_current(cx: Cx<'_>, function: FunctionId) -> Progress<bool> {
    let table = cx.dma_table(function)?.unwrap_or(Phys::new(0));
    Ok(zpci::register_ioat(cx, function, cx.range(function), table)?.cc == 0)
}

/// Back to the DMA API, or to the old domain; nobody looks whether that works.
fn restore(cx: Cx<'_>, function: FunctionId) -> Progress {
    match cx.domain_of(function)? {
        None => {
            let _ = legacy::init_device(cx, function);
        }
        Some(old) => {
            cx.set_dma_table(function, Some(cx.root(old)))?;
            register_current(cx, function)?;
        }
    }
    Ok(())
}

/// From patch 1 on: leave first, then register; a failure leaves the function in no domain.
fn replace(cx: Cx<'_>, domain: DomainId, function: FunctionId, element: Element) -> Outcome {
    if cx.domain_of(function)?.is_some() {
        leave::current(cx, function)?;
    } else if cx.dma_table(function)?.is_some() {
        let _ = legacy::exit_device(cx, function);
    }
    let root = cx.root(domain);
    if zpci::register_ioat(cx, function, cx.range(function), root)?.cc != 0 {
        return Err(Errno::EIO);
    }
    cx.set_dma_table(function, Some(root))?;
    let outcome = join(cx, domain, function, element);
    if outcome.is_err() {
        zpci::unregister_ioat(cx, function)?;
        cx.set_dma_table(function, None)?;
    }
    outcome
}

/// Checks the aperture where it follows the devices, and puts the function on the domain's list.
fn join(cx: Cx<'_>, domain: DomainId, function: FunctionId, element: Element) -> Outcome {
    cx.lock(Lock::list(domain))?;
    let outcome = adopt_range(cx, domain, function);
    if outcome.is_ok() {
        cx.set_domain_of(function, Some(domain))?;
        cx.list_add(element, domain)?;
    }
    cx.unlock(Lock::list(domain))?;
    outcome
}

/// The first device on an empty list defines the aperture; others must have exactly its range.
fn adopt_range(cx: Cx<'_>, domain: DomainId, function: FunctionId) -> Outcome {
    if cx.ask::<Aperture>() == Aperture::FixedWithReservedRegions {
        return Ok(());
    }
    let range = cx.range(function);
    if cx.next_element(domain, Element::head(domain))?.is_none() {
        cx.set_geometry(domain, Geometry { aperture: range, force: true })?;
        Ok(())
    } else if cx.geometry(domain).aperture == range {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}
