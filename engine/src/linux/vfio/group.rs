//! Groups as VFIO shows them (`group.c`): opened by one process at a time, members of one container.

use super::container;
use super::handles::{handle, insert, insertable};
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::core;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::iommufd;
use crate::state::users::Handle;
use crate::state::vfio::{Group, Home};

/// vfio-pci gets a function: its group can be opened from now on.
///
/// # Errors
/// -ENODEV for a function without an IOMMU.
pub(in crate::linux) fn register(cx: &mut Cx, function: FunctionId) -> Outcome {
    core::group::get(cx, function)?;
    let group = Group { function, gone: false, open: false, handle: false, home: None };
    Ok(cx.change_users(move |users| {
        users.vfio.groups.push(group);
        users.vfio.devices[function.index()].group = Some(users.vfio.groups.len() - 1);
    })?)
}

/// vfio-pci loses it: a group that is still a member is taken out.
pub(in crate::linux) fn unregister(cx: &mut Cx, function: FunctionId) -> Progress {
    let group = cx.change_users(|users| users.vfio.devices[function.index()].group.take())?;
    if let Some(group) = group {
        take_out(cx, group)?;
        cx.change_users(|users| users.vfio.groups[group].gone = true)?;
    }
    core::group::put(cx, function)
}

/// Opens a function's group.
///
/// # Errors
/// -ENOENT if vfio-pci does not have the function, -EBUSY if the group is open.
pub fn open(cx: &mut Cx, name: &str, function: FunctionId) -> Outcome {
    insertable(cx, name)?;
    let group = cx.users(|users| users.vfio.devices[function.index()].group).ok_or(Errno::ENOENT)?;
    if look(cx, group).open {
        return Err(Errno::EBUSY);
    }
    cx.change_users(|users| {
        let group = &mut users.vfio.groups[group];
        (group.open, group.handle) = (true, true);
    })?;
    Ok(insert(cx, name, Handle::Group(group))?)
}

/// Closes its handle. Devices that are open keep it open.
pub(super) fn close(cx: &mut Cx, id: usize) -> Progress {
    cx.change_users(|users| users.vfio.groups[id].handle = false)?;
    let function = look(cx, id).function;
    let devices = cx.users(|users| {
        let device = &users.vfio.devices[function.index()];
        device.group == Some(id) && device.opens > 0
    });
    if devices { Ok(()) } else { end(cx, id) }
}

/// Nobody has the group open any more: it leaves where it is a member.
pub(super) fn end(cx: &mut Cx, id: usize) -> Progress {
    take_out(cx, id)?;
    cx.change_users(|users| users.vfio.groups[id].open = false)
}

fn take_out(cx: &mut Cx, id: usize) -> Progress {
    match look(cx, id).home {
        Some(Home::Container(container)) => container::leave(cx, container, id),
        Some(Home::Context(_)) => cx.change_users(|users| users.vfio.groups[id].home = None),
        None => Ok(()),
    }
}

/// What `VFIO_GROUP_GET_STATUS` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Everything in it is for user space.
    pub viable: bool,
    /// It is a member of something.
    pub member: bool,
}

/// `VFIO_GROUP_GET_STATUS`.
///
/// # Errors
/// -ENODEV if its function is gone.
pub fn status(cx: &mut Cx, name: &str) -> Outcome<Status> {
    let group = group_of(cx, name)?;
    let group = look(cx, group);
    if group.gone {
        return Err(Errno::ENODEV);
    }
    Ok(Status { viable: true, member: group.home.is_some() })
}

/// `VFIO_GROUP_SET_CONTAINER`: the group is claimed, and attached where something maps already.
///
/// # Errors
/// -EINVAL if it is a member, -ENODEV if its function is gone, what claim and attach return.
pub fn set_container(cx: &mut Cx, name: &str, container: &str) -> Outcome {
    let id = group_of(cx, name)?;
    let home = container::home_of(cx, container)?;
    let group = look(cx, id);
    if group.home.is_some() {
        return Err(Errno::EINVAL);
    }
    if group.gone {
        return Err(Errno::ENODEV);
    }
    match home {
        Home::Context(context) => {
            iommufd::prepare_compat(cx, context)?;
            Ok(cx.change_users(|users| users.vfio.groups[id].home = Some(home))?)
        }
        Home::Container(container) => {
            core::group::claim(cx, group.function, owner(id))?;
            let joined = container::join(cx, container, id);
            if joined.is_err() {
                give_back(cx, id);
            }
            joined
        }
    }
}

/// `VFIO_GROUP_UNSET_CONTAINER`.
///
/// # Errors
/// -EINVAL if it is no member, -EBUSY while a device is open.
pub fn unset_container(cx: &mut Cx, name: &str) -> Outcome {
    let id = group_of(cx, name)?;
    let group = look(cx, id);
    let Some(home) = group.home else { return Err(Errno::EINVAL) };
    let open = cx.users(move |users| users.vfio.devices[group.function.index()].opens > 0);
    if open && matches!(home, Home::Container(_)) {
        return Err(Errno::EBUSY);
    }
    Ok(take_out(cx, id)?)
}

/// The group behind a handle.
pub(super) fn group_of(cx: &mut Cx, name: &str) -> Outcome<usize> {
    match handle(cx, name)? {
        Handle::Group(id) => Ok(id),
        _ => Err(Errno::ENOTTY),
    }
}

/// A copy of what VFIO keeps about a group.
pub(super) fn look(cx: &mut Cx, id: usize) -> Group {
    cx.users(|users| users.vfio.groups[id].clone())
}

/// The group is the DMA API's again.
pub(super) fn give_back(cx: &mut Cx, id: usize) {
    let function = look(cx, id).function;
    // It is owned: there is nothing that could fail.
    let _ = core::group::release_owner(cx, function);
}

/// The group's own number as an owner of DMA.
const fn owner(id: usize) -> u64 {
    id as u64 + 1
}
