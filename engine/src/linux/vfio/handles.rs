//! What a process has open: handles by name, closed in any order, or all at once when it ends.

use super::{container, device, group};
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
        users.order.push(name.clone());
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
        users.order.retain(|other| *other != name);
        users.handles.remove(&name);
    })?;
    Ok(match handle {
        Handle::Container(_) => container::close(cx)?,
        Handle::Group(id) => group::close(cx, id)?,
        Handle::Device(function) => device::close(cx, function)?,
        Handle::Context(id) => iommufd::close_context(cx, id)?,
        Handle::CharDevice(id) => iommufd::close_device(cx, id)?,
    })
}

/// The process ends: what it has open is closed, the newest first, as the kernel works off what it put aside.
pub fn kill(cx: &mut Cx) -> Progress {
    while let Some(name) = cx.users(|users| users.order.last().cloned()) {
        // It is open.
        let _ = close(cx, &name);
    }
    Ok(())
}
