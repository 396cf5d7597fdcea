//! Devices: bound to a context, attached to address spaces or page tables.

use super::{add, addresses, change, change_space, context, hwpt, object, space, table};
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::core::group;
use crate::linux::driver;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::vfio;
use crate::state::iommufd::{Bound, CharDevice, Hwpt, Object, Reserver};
use crate::state::users::Handle;

/// Opens a device's own file.
///
/// # Errors
/// -ENOENT where the kernel has none, or if vfio-pci does not have the function.
pub fn open_device(cx: &mut Cx, name: &str, function: FunctionId) -> Outcome {
    context::offered(cx)?;
    vfio::insertable(cx, name)?;
    cx.users(|users| users.vfio.devices[function.index()].group).ok_or(Errno::ENOENT)?;
    let id = cx.change_users(|users| {
        users.iommufd.devices.push(CharDevice { function, bound: None });
        users.iommufd.devices.len() - 1
    })?;
    Ok(vfio::insert(cx, name, Handle::CharDevice(id))?)
}

/// The function of an open and bound device.
pub(in crate::linux) fn function_of(cx: &mut Cx, id: usize) -> Outcome<FunctionId> {
    let device = look(cx, id);
    device.bound.map(|_| device.function).ok_or(Errno::EINVAL)
}

/// The function of an open device, bound or not.
pub(in crate::linux) fn opened(cx: &mut Cx, id: usize) -> FunctionId {
    look(cx, id).function
}

fn look(cx: &mut Cx, id: usize) -> CharDevice {
    cx.users(|users| users.iommufd.devices[id].clone())
}

fn char_device(cx: &mut Cx, name: &str) -> Outcome<usize> {
    match vfio::handle(cx, name)? {
        Handle::CharDevice(id) => Ok(id),
        _ => Err(Errno::ENOTTY),
    }
}

/// `VFIO_DEVICE_BIND_IOMMUFD`: the context owns the device's DMA, and the device is enabled. Gives the object's number.
///
/// # Errors
/// -EINVAL if it is bound; what the claim and the open return.
pub fn bind(cx: &mut Cx, device: &str, context: &str) -> Outcome<u32> {
    let id = char_device(cx, device)?;
    let context = context::of(cx, context)?;
    let CharDevice { function, bound } = look(cx, id);
    if bound.is_some() {
        return Err(Errno::EINVAL);
    }
    let number = claim(cx, context, function)?;
    if let Err(errno) = vfio::open_device(cx, function) {
        unclaim(cx, context, number, function)?;
        return Err(errno);
    }
    cx.change_users(|users| users.iommufd.devices[id].bound = Some((context, number)))?;
    Ok(number)
}

/// The context becomes the owner of a function (`iommufd_device_bind`).
fn claim(cx: &mut Cx, context: usize, function: FunctionId) -> Outcome<u32> {
    group::claim_device(cx, function, OWNER + context as u64)?;
    change(cx, context, |context| context.refs += 1)?;
    Ok(add(cx, context, Object::Device(Bound { function, hwpt: None }))?)
}

/// Owners of contexts begin here: below are those of groups.
const OWNER: u64 = 1 << 32;

/// It is not any more.
fn unclaim(cx: &mut Cx, context: usize, number: u32, function: FunctionId) -> Progress {
    change(cx, context, |context| {
        context.objects.remove(&number);
    })?;
    // It is owned: there is nothing that could fail.
    let _ = group::release_device_owner(cx, function);
    context::put(cx, context)
}

/// Closes a device's file: it is detached and unbound.
pub(in crate::linux) fn close(cx: &mut Cx, id: usize) -> Progress {
    let CharDevice { function, bound } = look(cx, id);
    let Some((context, number)) = bound else { return Ok(()) };
    vfio::release_device(cx, function)?;
    leave(cx, context, number)?;
    cx.change_users(|users| users.iommufd.devices[id].bound = None)?;
    unclaim(cx, context, number, function)
}

/// `VFIO_DEVICE_ATTACH_IOMMUFD_PT`: attaches to a page table, or to one of an address space, from wherever the device is.
/// Gives the page table's number.
///
/// # Errors
/// -EINVAL before it is bound; -ENOENT without such an object; -EADDRINUSE where reserved addresses are mapped; what
/// domains and groups return.
pub fn attach(cx: &mut Cx, device: &str, target: u32) -> Outcome<u32> {
    let id = char_device(cx, device)?;
    let (context, number) = look(cx, id).bound.ok_or(Errno::EINVAL)?;
    attach_to(cx, context, number, target)
}

/// `VFIO_DEVICE_DETACH_IOMMUFD_PT`.
///
/// # Errors
/// -EINVAL before it is bound.
pub fn detach(cx: &mut Cx, device: &str) -> Outcome {
    let id = char_device(cx, device)?;
    let (context, number) = look(cx, id).bound.ok_or(Errno::EINVAL)?;
    Ok(leave(cx, context, number)?)
}

/// A copy of a device's object.
fn bound(cx: &mut Cx, context: usize, number: u32) -> Outcome<Bound> {
    match object(cx, context, number)? {
        Object::Device(bound) => Ok(bound),
        _ => Err(Errno::ENOENT),
    }
}

fn attach_to(cx: &mut Cx, context: usize, number: u32, target: u32) -> Outcome<u32> {
    match object(cx, context, target)? {
        Object::Hwpt(_) => {
            enter(cx, context, number, target)?;
            Ok(target)
        }
        Object::Ioas(ioas) => {
            for id in ioas.domains {
                let candidate = table(cx, context, id)?;
                if !candidate.auto {
                    continue;
                }
                match enter(cx, context, number, id) {
                    Err(Errno::EINVAL) => {}
                    outcome => return outcome.map(|()| id),
                }
            }
            enter_new(cx, context, number, target)
        }
        Object::Device(_) => Err(Errno::EINVAL),
    }
}

/// Attaches to a new page table of an address space. A device that comes from nowhere is attached first and the page
/// table filled then; one that changes, the other way round.
fn enter_new(cx: &mut Cx, context: usize, number: u32, ioas: u32) -> Outcome<u32> {
    let device = bound(cx, context, number)?;
    let domain = hwpt::new_domain(cx, context, device.function)?;
    let id = add(cx, context, Object::Hwpt(Hwpt { ioas, domain, auto: true, users: 0 }))?;
    let first = device.hwpt.is_none();
    let attached = if first {
        enter(cx, context, number, id).and_then(|()| {
            let filled = hwpt::fill(cx, context, id, ioas, domain);
            if filled.is_err() {
                leave(cx, context, number)?;
            }
            filled
        })
    } else {
        hwpt::fill(cx, context, id, ioas, domain).and_then(|()| enter(cx, context, number, id))
    };
    if let Err(errno) = attached {
        if let Ok(table) = table(cx, context, id) {
            hwpt::forget(cx, context, id, &table)?;
            hwpt::discard(cx, context, id, domain)?;
        }
        return Err(errno);
    }
    Ok(id)
}

/// Attaches to a page table, after the device's reserved addresses are taken out of the address space. They are asked
/// for *before* the attach.
fn enter(cx: &mut Cx, context: usize, number: u32, id: u32) -> Outcome {
    let device = bound(cx, context, number)?;
    if device.hwpt == Some(id) {
        return Ok(());
    }
    let new = table(cx, context, id)?;
    let old = match device.hwpt {
        Some(old) => Some(table(cx, context, old)?),
        None => None,
    };
    let moves = old.as_ref().is_none_or(|old| old.ioas != new.ioas);
    if moves {
        let mut ioas = space(cx, context, new.ioas)?;
        for (start, len) in driver::reserved_regions(cx, device.function)?.unwrap_or_default() {
            addresses::reserve(&mut ioas, start, start + (len - 1), Reserver::Device(number))?;
        }
        change_space(cx, context, new.ioas, |old| *old = ioas)?;
    }
    let attached = if old.is_some() {
        group::replace(cx, device.function, new.domain)
    } else {
        group::attach_group(cx, device.function, new.domain)
    };
    if let Err(errno) = attached {
        if moves {
            give_back(cx, context, new.ioas, number)?;
        }
        return Err(errno);
    }
    change(cx, context, |context| {
        if let Some(Object::Device(device)) = context.objects.get_mut(&number) {
            device.hwpt = Some(id);
        }
        if let Some(Object::Hwpt(table)) = context.objects.get_mut(&id) {
            table.users += 1;
        }
    })?;
    if let (Some(old), Some(number_of_old)) = (old, device.hwpt) {
        if moves {
            give_back(cx, context, old.ioas, number)?;
        }
        hwpt::put(cx, context, number_of_old)?;
    }
    Ok(())
}

/// A device's reserved addresses are free again.
fn give_back(cx: &mut Cx, context: usize, ioas: u32, number: u32) -> Progress {
    change_space(cx, context, ioas, |ioas| addresses::give_back(ioas, Reserver::Device(number)))
}

/// A device leaves its page table, if it is in one.
fn leave(cx: &mut Cx, context: usize, number: u32) -> Progress {
    let Ok(Bound { function, hwpt: Some(id) }) = bound(cx, context, number) else { return Ok(()) };
    // A driver's refusal is only a warning.
    let _ = group::detach_group(cx, function);
    change(cx, context, |context| {
        if let Some(Object::Device(device)) = context.objects.get_mut(&number) {
            device.hwpt = None;
        }
    })?;
    if let Ok(table) = table(cx, context, id) {
        give_back(cx, context, table.ioas, number)?;
    }
    hwpt::put(cx, context, id)
}

/// A device is opened through a group whose container is a context: bound, opened, attached.
pub(in crate::linux) fn bind_for_group(cx: &mut Cx, context: usize, function: FunctionId) -> Outcome {
    let ioas = cx.users(move |users| users.iommufd.contexts[context].compat).ok_or(Errno::ENODEV)?;
    let number = claim(cx, context, function)?;
    let opened = vfio::open_device(cx, function).and_then(|()| {
        let attached = attach_to(cx, context, number, ioas);
        if attached.is_err() {
            vfio::release_device(cx, function)?;
        }
        attached
    });
    if let Err(errno) = opened {
        unclaim(cx, context, number, function)?;
        return Err(errno);
    }
    Ok(())
}

/// And closed again: it has been disabled.
pub(in crate::linux) fn unbind_for_group(cx: &mut Cx, context: usize, function: FunctionId) -> Progress {
    let number = cx.users(move |users| {
        let objects = &users.iommufd.contexts[context].objects;
        objects
            .iter()
            .find(|(_, object)| matches!(object, Object::Device(b) if b.function == function))
            .map(|(id, _)| *id)
    });
    let Some(number) = number else { return Ok(()) };
    leave(cx, context, number)?;
    unclaim(cx, context, number, function)
}
