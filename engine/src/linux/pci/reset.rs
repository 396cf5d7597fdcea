//! Resets: by the function itself, or by its slot, which disables and enables it.

use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::driver;
use crate::linux::errno::{Errno, Outcome};

/// CLP's response to what it did.
const CLP_OK: u16 = 0x10;

/// The ways to reset a function, the first choice first, as its attribute in sysfs shows them.
pub fn reset_methods(cx: &mut Cx, function: FunctionId) -> Vec<&'static str> {
    let (flr, slot) = cx.users(|users| {
        let function = users.pci.function(function);
        (function.flr, function.slot_reset)
    });
    let methods = [(flr, "flr"), (slot, "bus")];
    methods.into_iter().filter(|(has, _)| *has).map(|(_, name)| name).collect()
}

/// Whether there is any.
pub fn has_reset(cx: &mut Cx, function: FunctionId) -> bool {
    !reset_methods(cx, function).is_empty()
}

/// Resets a function (`pci_reset_function`). One whose registers do not answer cannot reset itself: the slot does it.
///
/// # Errors
/// -ENOTTY without a way; -EIO if CLP or the registration refuses.
pub fn reset(cx: &mut Cx, function: FunctionId) -> Outcome {
    for method in reset_methods(cx, function) {
        if method == "bus" {
            return hot_reset(cx, function);
        }
        if cx.responds(function)? {
            return Ok(());
        }
    }
    Err(Errno::ENOTTY)
}

/// Resets a function by its slot (`zpci_hot_reset_device`), and registers again what is current.
///
/// # Errors
/// -EIO if CLP or the registration refuses.
pub fn hot_reset(cx: &mut Cx, function: FunctionId) -> Outcome {
    for enable in [false, true] {
        if cx.clp_set_function(function, enable)? != CLP_OK {
            return Err(Errno::EIO);
        }
    }
    re_register(cx, function)
}

fn re_register(cx: &mut Cx, function: FunctionId) -> Outcome {
    let answer = driver::re_register(cx, function)?;
    if answer.cc == 0 { Ok(()) } else { Err(Errno::EIO) }
}

/// Enables a function that was just configured.
///
/// # Errors
/// -EIO if CLP refuses.
pub(super) fn enable(cx: &mut Cx, function: FunctionId) -> Outcome {
    if cx.clp_set_function(function, true)? == CLP_OK { Ok(()) } else { Err(Errno::EIO) }
}

/// Disables it.
pub(super) fn disable(cx: &mut Cx, function: FunctionId) -> Progress {
    cx.clp_set_function(function, false)?;
    Ok(())
}
