//! Devices: opened through their groups, reset, closed (`vfio_main.c`, `vfio_pci_core.c`).

use super::group::{self, group_of, look};
use super::handles::{handle, insert, insertable};
use super::type1;
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::{iommufd, pci};
use crate::state::users::Handle;
use crate::state::vfio::Home;

/// `VFIO_GROUP_GET_DEVICE_FD`.
///
/// # Errors
/// -EINVAL if the group is no member of something that maps; -ENODEV if the function is gone; what binding and attaching
/// to a context return.
pub fn get_device(cx: &mut Cx, name: &str, group: &str, function: FunctionId) -> Outcome {
    insertable(cx, name)?;
    let id = group_of(cx, group)?;
    let group = look(cx, id);
    if group.gone || group.function != function {
        return Err(Errno::ENODEV);
    }
    let first = cx.users(|users| users.vfio.devices[function.index()].opens == 0);
    match group.home {
        Some(Home::Container(container)) if type1::has(cx, container) => open(cx, function)?,
        Some(Home::Context(context)) => {
            if first {
                iommufd::bind_for_group(cx, context, function)?;
            } else {
                open(cx, function)?;
            }
        }
        _ => return Err(Errno::EINVAL),
    }
    Ok(insert(cx, name, Handle::Device(function))?)
}

/// One more user; the first one enables the function and resets it, if it can be.
///
/// # Errors
/// -EAGAIN while the function is being taken away; what handing it to a guest returns.
pub(in crate::linux) fn open(cx: &mut Cx, function: FunctionId) -> Outcome {
    if cx.users(|users| users.vfio.devices[function.index()].opens) == 0 {
        pci::enable(cx, function)?;
        if is_locked(cx, function) {
            pci::disable(cx, function)?;
            return Err(Errno::EAGAIN);
        }
        let resets = pci::reset(cx, function) == Ok(0);
        cx.change_users(|users| users.vfio.devices[function.index()].resets = resets)?;
        if cx.users(|users| users.vfio.devices[function.index()].guest)
            && let Err(errno) = pci::enter_guest(cx, function)
        {
            pci::disable(cx, function)?;
            return Err(errno);
        }
    }
    Ok(cx.change_users(|users| users.vfio.devices[function.index()].opens += 1)?)
}

/// One user less; with the last one the function is reset and disabled.
pub(in crate::linux) fn release(cx: &mut Cx, function: FunctionId) -> Progress<bool> {
    let left = cx.change_users(|users| {
        let device = &mut users.vfio.devices[function.index()];
        device.opens -= 1;
        device.opens
    })?;
    if left > 0 {
        return Ok(false);
    }
    pci::leave_guest(cx, function)?;
    cx.change_users(|users| users.vfio.devices[function.index()].guest = false)?;
    // Nobody looks whether that works.
    let _ = pci::reset(cx, function);
    pci::disable(cx, function)?;
    Ok(true)
}

/// Closes a handle of a device that was opened through its group.
pub(in crate::linux) fn close(cx: &mut Cx, function: FunctionId) -> Progress {
    if !release(cx, function)? {
        return Ok(());
    }
    let Some(id) = cx.users(|users| users.vfio.devices[function.index()].group) else { return Ok(()) };
    let group = look(cx, id);
    if let Some(Home::Context(context)) = group.home {
        iommufd::unbind_for_group(cx, context, function)?;
    }
    if group.handle { Ok(()) } else { group::end(cx, id) }
}

/// The function behind the handle of an open device.
pub(in crate::linux) fn function_of(cx: &mut Cx, name: &str) -> Outcome<FunctionId> {
    match handle(cx, name)? {
        Handle::Device(function) => Ok(function),
        Handle::CharDevice(id) => iommufd::function_of(cx, id),
        _ => Err(Errno::ENOTTY),
    }
}

/// `KVM_DEV_VFIO_FILE_ADD`: a guest is to get the function behind a group's or a device's own handle, once it is opened.
///
/// # Errors
/// -EBADF; -EINVAL for another handle.
pub fn give_to_guest(cx: &mut Cx, name: &str) -> Outcome {
    let function = match handle(cx, name)? {
        Handle::Group(id) => look(cx, id).function,
        Handle::CharDevice(id) => iommufd::opened(cx, id),
        _ => return Err(Errno::EINVAL),
    };
    Ok(cx.change_users(|users| users.vfio.devices[function.index()].guest = true)?)
}

/// Whether somebody waits to take the function away, and holds its lock.
fn is_locked(cx: &mut Cx, function: FunctionId) -> bool {
    cx.users(|users| users.pci.function(function).waiting.is_some())
}

/// `VFIO_DEVICE_RESET`.
///
/// # Errors
/// -EINVAL if a reset did not work when it was opened; -EAGAIN while it is being taken away; as [`pci::reset`].
pub fn reset(cx: &mut Cx, name: &str) -> Outcome<u64> {
    let function = function_of(cx, name)?;
    if !cx.users(|users| users.vfio.devices[function.index()].resets) {
        return Err(Errno::EINVAL);
    }
    if is_locked(cx, function) {
        return Err(Errno::EAGAIN);
    }
    pci::reset(cx, function)
}

/// `VFIO_DEVICE_PCI_HOT_RESET`: by the slot.
///
/// # Errors
/// -ENODEV without such a reset; as [`pci::slot_reset`].
pub fn hot_reset(cx: &mut Cx, name: &str) -> Outcome<u64> {
    let function = function_of(cx, name)?;
    if !cx.users(|users| users.pci.function(function).slot_reset) {
        return Err(Errno::ENODEV);
    }
    pci::slot_reset(cx, function)
}
