//! Contexts, and what can be destroyed in them.

use super::{hwpt, object, space};
use crate::exec::{Cx, Progress};
use crate::linux::core::group;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::vfio;
use crate::revision::Core;
use crate::state::iommufd::{Context, Object};
use crate::state::users::Handle;

/// Opens one.
///
/// # Errors
/// -ENOENT where the kernel has none; -EEXIST for a name that is open.
pub fn open(cx: &mut Cx, name: &str) -> Outcome {
    offered(cx)?;
    vfio::insertable(cx, name)?;
    let context = Context { name: name.to_owned(), refs: 1, ..Context::default() };
    let id = cx.change_users(move |users| {
        users.iommufd.contexts.push(context);
        users.iommufd.contexts.len() - 1
    })?;
    Ok(vfio::insert(cx, name, Handle::Context(id))?)
}

/// Whether the kernel has any of this.
pub(super) fn offered(cx: &mut Cx) -> Outcome {
    if cx.ask::<Core>() == Core::DomainsComeAndGo { Err(Errno::ENOENT) } else { Ok(()) }
}

/// The context behind a handle.
pub(super) fn of(cx: &mut Cx, name: &str) -> Outcome<usize> {
    match vfio::handle(cx, name)? {
        Handle::Context(id) => Ok(id),
        _ => Err(Errno::ENOTTY),
    }
}

/// Closes its handle; devices that are bound keep it.
pub(in crate::linux) fn close(cx: &mut Cx, id: usize) -> Progress {
    put(cx, id)
}

/// Drops a reference; with the last one every object goes.
pub(super) fn put(cx: &mut Cx, id: usize) -> Progress {
    let left = super::change(cx, id, |context| {
        context.refs -= 1;
        context.refs
    })?;
    if left > 0 {
        return Ok(());
    }
    for (number, object) in cx.users(move |users| users.iommufd.contexts[id].objects.clone()) {
        match object {
            Object::Hwpt(table) => {
                hwpt::forget(cx, id, number, &table)?;
                group::free(cx, table.domain)?;
            }
            Object::Ioas(_) | Object::Device(_) => {}
        }
    }
    super::change(cx, id, |context| context.objects.clear())
}

/// `IOMMU_DESTROY`.
///
/// # Errors
/// -ENOENT without such an object; -EBUSY for one that is in use.
pub fn destroy(cx: &mut Cx, context: &str, id: u32) -> Outcome {
    let context = of(cx, context)?;
    match object(cx, context, id)? {
        Object::Device(_) => return Err(Errno::EBUSY),
        Object::Hwpt(table) if table.users > 0 => return Err(Errno::EBUSY),
        Object::Hwpt(table) => {
            hwpt::forget(cx, context, id, &table)?;
            group::free(cx, table.domain)?;
        }
        Object::Ioas(_) => {
            if !space(cx, context, id)?.domains.is_empty() {
                return Err(Errno::EBUSY);
            }
            super::change(cx, context, |context| {
                if context.compat == Some(id) {
                    context.compat = None;
                }
            })?;
        }
    }
    Ok(super::change(cx, context, |context| {
        context.objects.remove(&id);
    })?)
}
