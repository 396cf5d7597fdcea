//! Drivers come and go.

use super::{When, slot};
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::core::group;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::vfio;
use crate::state::pci::{Driver, Waiting};

/// Binds a driver; another one is unbound first.
///
/// # Errors
/// -ENODEV for a function that is not on the bus; -EBUSY where somebody else owns its group, or has it open.
pub fn bind(cx: &mut Cx, function: FunctionId, driver: Driver) -> Outcome {
    if !cx.groups(|groups| groups.member(function).on_bus) {
        return Err(Errno::ENODEV);
    }
    if unbind(cx, function)? == When::Later {
        return Err(Errno::EBUSY);
    }
    match driver {
        Driver::Vfio => vfio::register(cx, function)?,
        _ => group::use_default(cx, function)?,
    }
    Ok(cx.change_users(|users| users.pci.function_mut(function).driver = Some(driver))?)
}

/// Unbinds the driver, if there is one. A function that is open has to be closed first.
///
/// # Errors
/// None of its own.
pub fn unbind(cx: &mut Cx, function: FunctionId) -> Outcome<When> {
    if is_open(cx, function) {
        slot::wait(cx, function, Waiting::Unbind)?;
        return Ok(When::Later);
    }
    now(cx, function)?;
    Ok(When::Now)
}

/// Whether user space has the function open.
pub(super) fn is_open(cx: &mut Cx, function: FunctionId) -> bool {
    cx.users(|users| users.vfio.devices[function.index()].opens > 0)
}

/// Unbinds at once.
pub(super) fn now(cx: &mut Cx, function: FunctionId) -> Progress {
    match cx.change_users(|users| users.pci.function_mut(function).driver.take())? {
        Some(Driver::Vfio) => vfio::unregister(cx, function),
        Some(_) => {
            let _ = group::unuse_default(cx, function);
            Ok(())
        }
        None => Ok(()),
    }
}
