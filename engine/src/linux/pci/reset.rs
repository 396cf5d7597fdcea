//! Resets: by the function itself, or by its slot, which disables and enables it.

use crate::exec::Cx;
use crate::ids::FunctionId;
use crate::linux::driver;
use crate::linux::errno::{Errno, Outcome};
use crate::state::pci::{Channel, Slot};

/// CLP's response to what it did.
const CLP_OK: u16 = 0x10;
/// CLP's response where there was nothing to do.
const CLP_ALREADY: u16 = 0x105;
/// The bit of a handle that says that the function is enabled.
const HANDLE_ENABLED: u32 = 0x8000_0000;

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

/// Resets a function (`pci_reset_function`). One whose registers do not answer cannot reset itself, and one that has failed
/// for good is not asked: the slot does it. Gives 0, or what the slot's reset gives.
///
/// # Errors
/// -ENOTTY without a way; as [`slot_reset`].
pub fn reset(cx: &mut Cx, function: FunctionId) -> Outcome<u64> {
    for method in reset_methods(cx, function) {
        if method == "bus" {
            return slot_reset(cx, function);
        }
        let asked = cx.users(|users| users.pci.function(function).channel) != Channel::PermanentFailure;
        if asked && cx.responds(function)? {
            return Ok(0);
        }
    }
    Err(Errno::ENOTTY)
}

/// Resets a function by its slot, as others ask for it (`reset_slot`).
///
/// # Errors
/// -EIO for a slot that is not configured, or if CLP refuses.
pub fn slot_reset(cx: &mut Cx, function: FunctionId) -> Outcome<u64> {
    if cx.users(|users| users.pci.function(function).slot) != Slot::Configured {
        return Err(Errno::EIO);
    }
    hot_reset(cx, function)
}

/// Disables and enables a function, and registers again what is current (`zpci_hot_reset_device`). It may be disabled
/// already, whatever its handle says. If the registration is refused the function is disabled again and the condition code
/// is what callers get, who look for negative numbers.
///
/// # Errors
/// -EIO if CLP refuses.
pub(super) fn hot_reset(cx: &mut Cx, function: FunctionId) -> Outcome<u64> {
    if is_enabled(cx, function) {
        disable_tolerantly(cx, function)?;
    }
    enable(cx, function)?;
    let answer = driver::re_register(cx, function)?;
    if answer.cc != 0 {
        // Nobody looks whether that works.
        let _ = disable(cx, function);
    }
    Ok(answer.cc.into())
}

/// Whether the kernel believes that a function is enabled.
pub(super) fn is_enabled(cx: &mut Cx, function: FunctionId) -> bool {
    cx.handle(function) & HANDLE_ENABLED != 0
}

/// Enables a function (`zpci_enable_device`).
///
/// # Errors
/// -EIO if CLP refuses.
pub(super) fn enable(cx: &mut Cx, function: FunctionId) -> Outcome {
    if cx.clp_set_function(function, true)? == CLP_OK { Ok(()) } else { Err(Errno::EIO) }
}

/// Disables it (`zpci_disable_device`).
///
/// # Errors
/// -EINVAL if it was disabled already: its handle is looked up then; -EIO if CLP refuses.
pub(super) fn disable(cx: &mut Cx, function: FunctionId) -> Outcome {
    match cx.clp_set_function(function, false)? {
        CLP_OK => Ok(()),
        CLP_ALREADY => {
            let handle = cx.clp_handle(function)?.ok_or(Errno::ENODEV)?;
            cx.set_handle(function, handle)?;
            Err(Errno::EINVAL)
        }
        _ => Err(Errno::EIO),
    }
}

/// Disables it, or finds it disabled: machines differ in what a handle says after an error.
///
/// # Errors
/// -EIO if CLP refuses.
pub(super) fn disable_tolerantly(cx: &mut Cx, function: FunctionId) -> Outcome {
    match disable(cx, function) {
        Err(Errno::EINVAL) => Ok(()),
        outcome => outcome,
    }
}
