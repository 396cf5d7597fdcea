//! What a process has open: handles by name, closed in any order, or all at once when it ends.

use super::{device, group};
use crate::exec::{Cx, Progress};
use crate::linux::errno::{Errno, Outcome};
use crate::linux::iommufd;
use crate::state::users::Handle;

/// What an open handle is.
///
/// # Errors
/// -EBADF for a name that is not open.
pub(in crate::linux) fn handle(cx: &mut Cx, name: &str) -> Outcome<Handle> {
    let name = name.to_owned();
    cx.users(move |users| users.handles.get(&name).copied()).ok_or(Errno::EBADF)
}

/// Whether a handle of this name can be opened.
///
/// # Errors
/// -EEXIST if one is open: names are the caller's, so this is a mistake of his.
pub(in crate::linux) fn insertable(cx: &mut Cx, name: &str) -> Outcome {
    match handle(cx, name) {
        Ok(_) => Err(Errno::EEXIST),
        Err(_) => Ok(()),
    }
}

/// Notes an open handle.
pub(in crate::linux) fn insert(cx: &mut Cx, name: &str, handle: Handle) -> Progress {
    let name = name.to_owned();
    cx.change_users(move |users| {
        let number = (0..=u32::MAX).find(|number| !users.files.contains_key(number)).unwrap_or(u32::MAX);
        users.files.insert(number, name.clone());
        users.handles.insert(name, handle);
    })
}

/// Closes a handle.
///
/// # Errors
/// -EBADF for a name that is not open.
pub fn close(cx: &mut Cx, name: &str) -> Outcome {
    let handle = handle(cx, name)?;
    let name = name.to_owned();
    cx.change_users(move |users| {
        users.files.retain(|_, other| *other != name);
        users.handles.remove(&name);
    })?;
    match handle {
        // Groups that are members keep a container.
        Handle::Container(_) => {}
        Handle::Group(id) => group::close(cx, id)?,
        Handle::Device(function) => device::close(cx, function)?,
        Handle::Context(id) => iommufd::close_context(cx, id)?,
        Handle::CharDevice(id) => iommufd::close_device(cx, id)?,
    }
    Ok(())
}

/// The process ends: what it has open is closed, the file with the highest number first, as the kernel works off what it
/// put aside.
pub fn kill(cx: &mut Cx) -> Progress {
    // Not one after the other until none is left: in a crashed kernel nothing is ever closed.
    let names = cx.users(|users| users.files.values().rev().cloned().collect::<Vec<_>>());
    for name in names {
        // It is open.
        let _ = close(cx, &name);
    }
    Ok(())
}
