//! iommufd: address spaces, page tables and devices as objects of a context (`drivers/iommu/iommufd`).
//!
//! It knows no patch, and touches the machine only through the IOMMU core.

mod addresses;
mod compat;
mod context;
mod copy;
mod device;
mod hwpt;
mod ioas;
mod map;

pub use compat::use_as_container;
pub(super) use compat::{
    info as compat_info, map as compat_map, prepare as prepare_compat, set_iommu, unmap as compat_unmap,
};
pub(super) use context::close as close_context;
pub use context::{destroy, open};
pub use copy::{CopyRequest, copy};
pub use device::{attach, bind, detach, open_device};
pub(super) use device::{bind_for_group, close as close_device, function_of, opened, unbind_for_group};
pub use hwpt::{alloc as alloc_hwpt, track_dirty};
pub use ioas::{Ranges, alloc as alloc_ioas, ranges};
pub use map::{MapRequest, map, unmap};

use crate::exec::Cx;
use crate::exec::Progress;
use crate::linux::errno::{Errno, Outcome};
use crate::state::iommufd::{Context, Hwpt, Ioas, Object};

/// A copy of a context's object.
fn object(cx: &mut Cx, context: usize, id: u32) -> Outcome<Object> {
    cx.users(move |users| users.iommufd.contexts[context].objects.get(&id).cloned()).ok_or(Errno::ENOENT)
}

/// A copy of an address space.
fn space(cx: &mut Cx, context: usize, id: u32) -> Outcome<Ioas> {
    match object(cx, context, id)? {
        Object::Ioas(ioas) => Ok(ioas),
        _ => Err(Errno::ENOENT),
    }
}

/// A copy of a page table.
fn table(cx: &mut Cx, context: usize, id: u32) -> Outcome<Hwpt> {
    match object(cx, context, id)? {
        Object::Hwpt(hwpt) => Ok(hwpt),
        _ => Err(Errno::ENOENT),
    }
}

/// Changes a context.
fn change<T: Clone + Send + 'static>(
    cx: &mut Cx,
    context: usize,
    act: impl FnOnce(&mut Context) -> T,
) -> Progress<T> {
    cx.change_users(|users| act(&mut users.iommufd.contexts[context]))
}

/// Changes an address space, if it is there.
fn change_space(cx: &mut Cx, context: usize, id: u32, act: impl FnOnce(&mut Ioas)) -> Progress {
    change(cx, context, |context| {
        if let Some(Object::Ioas(ioas)) = context.objects.get_mut(&id) {
            act(ioas);
        }
    })
}

/// Adds an object under the lowest free number.
fn add(cx: &mut Cx, context: usize, object: Object) -> Progress<u32> {
    change(cx, context, |context| {
        let id = (1..u32::MAX).find(|id| !context.objects.contains_key(id)).unwrap_or(u32::MAX);
        context.objects.insert(id, object);
        id
    })
}
