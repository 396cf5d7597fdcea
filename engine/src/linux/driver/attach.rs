//! `s390_iommu_attach_device`: puts a function into a domain.

use super::{blocking, device_list};
use crate::addr::Phys;
use crate::exec::{Answer, Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::linux::dma::legacy;
use crate::linux::driver::leave;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::zpci;
use crate::revision::{Aperture, Attach, DmaApi, RegistrationErrors, TableDepth};
use crate::state::Element;
use crate::state::kernel::{Geometry, Lock, Tables};
use crate::table::{Designation, Iota};
use crate::trace::Warning;

/// Attaches a function to a domain, which may be a static one.
///
/// # Errors
/// -ENOMEM without memory for a list node; -EIO when the DMA API does not let go or the machine refuses the
/// registration; -EINVAL when the ranges do not fit.
pub fn attach(cx: &mut Cx, domain: DomainId, function: FunctionId) -> Outcome {
    match domain {
        DomainId::BLOCKING => return Ok(blocking::attach(cx, function)?),
        DomainId::IDENTITY => return blocking::attach_identity(cx, function),
        _ => {}
    }
    let range = cx.range(function);
    if cx.ask::<Aperture>() != Aperture::FollowsFirstDevice && !cx.aperture(domain).overlaps(range) {
        cx.warn(Warning::AttachApertureMismatch);
        if cx.ask::<Aperture>() != Aperture::FixedOnlyWarning {
            return Err(Errno::EINVAL);
        }
    }
    let element = device_list::prepare(cx, function)?;
    let outcome = match cx.ask::<Attach>() {
        Attach::AccumulateAndRestore => accumulate(cx, domain, function, element),
        Attach::ReplaceCurrent | Attach::ReplaceKeepingRegistration | Attach::ReplaceTableFirst => {
            replace(cx, domain, function, element)
        }
        Attach::ReplaceAndGoBack => {
            let old = cx.domain_of(function)?;
            let outcome = replace(cx, domain, function, element);
            if let (Err(_), Some(old)) = (outcome, old) {
                // Whether going back works is not looked at.
                let _ = replace(cx, old, function, element);
            }
            outcome
        }
        Attach::ThroughBlocking => through_blocking(cx, domain, function, element),
    };
    if outcome.is_err() {
        cx.free_node(element)?;
    }
    outcome
}

/// Before patch 1: the registration moves, the old list entry stays, and a failure tries to undo.
fn accumulate(cx: &mut Cx, domain: DomainId, function: FunctionId, element: Element) -> Outcome {
    if cx.dma_table(function)?.is_some() && cx.domain_of(function)?.is_none() {
        legacy::exit_device(cx, function).map_err(|_| Errno::EIO)?;
    }
    if cx.domain_of(function)?.is_some() {
        zpci::unregister_ioat(cx, function)?;
    }
    let root = cx.tables(domain).root;
    cx.set_dma_table(function, Some(root))?;
    let outcome =
        if register_current(cx, function)? { join(cx, domain, function, element) } else { Err(Errno::EIO) };
    if outcome.is_err() {
        restore(cx, function)?;
    }
    outcome
}

/// Registers whatever `dma_table` says at that moment: another CPU may have changed it.
fn register_current(cx: &mut Cx, function: FunctionId) -> Progress<bool> {
    let table = cx.dma_table(function)?.unwrap_or(Phys::new(0));
    Ok(register(cx, function, Iota::from_bits(table.get()))? == Registered::Accepted)
}

/// Back to the DMA API, or to the old domain; nobody looks whether that works.
fn restore(cx: &mut Cx, function: FunctionId) -> Progress {
    match cx.domain_of(function)? {
        None => {
            let _ = legacy::init_device(cx, function);
        }
        Some(old) => {
            let root = cx.tables(old).root;
            cx.set_dma_table(function, Some(root))?;
            register_current(cx, function)?;
        }
    }
    Ok(())
}

/// From patch 1 on: leave first, then register; a failure leaves the function in no domain.
fn replace(cx: &mut Cx, domain: DomainId, function: FunctionId, element: Element) -> Outcome {
    if cx.domain_of(function)?.is_some() {
        leave::current(cx, function)?;
    } else if cx.ask::<DmaApi>() == DmaApi::OwnAllocator && cx.dma_table(function)?.is_some() {
        let _ = legacy::exit_device(cx, function);
    }
    let tables = cx.tables(domain);
    let variant = cx.ask::<Attach>();
    if variant == Attach::ReplaceTableFirst {
        cx.set_dma_table(function, Some(tables.root))?;
    }
    let iota = anchor(cx, tables);
    if register(cx, function, iota)? == Registered::Refused {
        return Err(Errno::EIO);
    }
    cx.set_dma_table(function, Some(tables.root))?;
    let outcome = join(cx, domain, function, element);
    if outcome.is_err() {
        if variant != Attach::ReplaceKeepingRegistration {
            zpci::unregister_ioat(cx, function)?;
        }
        cx.set_dma_table(function, None)?;
    }
    outcome
}

/// From the static blocking domain on: every attach passes through it, and a failed one ends there.
fn through_blocking(cx: &mut Cx, domain: DomainId, function: FunctionId, element: Element) -> Outcome {
    blocking::attach(cx, function)?;
    let tables = cx.tables(domain);
    let iota = anchor(cx, tables);
    if register(cx, function, iota)? == Registered::Refused {
        return Err(Errno::EIO);
    }
    cx.set_dma_table(function, Some(tables.root))?;
    cx.set_domain_of(function, Some(domain))?;
    // The machine translates already; whoever syncs before the next line does not tell this function.
    cx.lock(Lock::list(domain))?;
    cx.list_add(element, domain)?;
    cx.unlock(Lock::list(domain))?;
    Ok(())
}

/// What the machine says of a registration, as the driver takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registered {
    /// It is registered, or will be by recovery, or the function is about to vanish.
    Accepted,
    /// It is not.
    Refused,
}

/// Registers and judges the answer (`reg_ioat_propagate_error`).
pub(super) fn register(cx: &mut Cx, function: FunctionId, iota: Iota) -> Progress<Registered> {
    let answer = zpci::register_ioat(cx, function, iota)?;
    let accepted = match cx.ask::<RegistrationErrors>() {
        RegistrationErrors::AllFail => answer.cc == 0,
        RegistrationErrors::InErrorTolerated => answer.cc == 0 || answer.status == IN_ERROR,
        RegistrationErrors::InErrorAndGoneTolerated => {
            matches!(answer, Answer { cc: 0 | 3, .. } | Answer { cc: 1, status: IN_ERROR })
        }
    };
    Ok(if accepted { Registered::Accepted } else { Registered::Refused })
}

/// The function is in error: recovery will register again whatever is current then.
const IN_ERROR: u8 = 40;

/// The anchor of a domain's tables, as the registration wants it passed.
pub fn anchor(cx: &mut Cx, tables: Tables) -> Iota {
    match cx.ask::<TableDepth>() {
        TableDepth::RegionThird => Iota::from_bits(tables.root.get()),
        TableDepth::ByRangeTrusted | TableDepth::ByRange => {
            Iota::table(tables.root, Designation::of(tables.level))
        }
    }
}

/// Checks the aperture where it follows the devices, and puts the function on the domain's list.
fn join(cx: &mut Cx, domain: DomainId, function: FunctionId, element: Element) -> Outcome {
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
fn adopt_range(cx: &mut Cx, domain: DomainId, function: FunctionId) -> Outcome {
    if cx.ask::<Aperture>() != Aperture::FollowsFirstDevice {
        return Ok(());
    }
    let range = cx.range(function);
    if cx.next_element(domain, Element::head(domain))?.is_none() {
        cx.set_geometry(domain, Geometry { aperture: range, force: true })?;
        Ok(())
    } else if cx.aperture(domain) == range {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}
