//! Containers: one address space for any number of groups (`container.c`).

use super::handles::{handle, insert, insertable};
use super::{group, type1};
use crate::exec::{Cx, Progress};
use crate::linux::errno::{Errno, Outcome};
use crate::revision::Nesting;
use crate::state::users::Handle;
use crate::state::vfio::{Container, Home};

/// Opens one.
///
/// # Errors
/// -EEXIST for a name that is open.
pub fn open(cx: &mut Cx, name: &str) -> Outcome {
    insertable(cx, name)?;
    let container = Container { name: name.to_owned(), ..Container::default() };
    let id = cx.change_users(move |users| {
        users.vfio.containers.push(container);
        users.vfio.containers.len() - 1
    })?;
    Ok(insert(cx, name, Handle::Container(id))?)
}

/// The container, or the context that stands for one, behind a handle.
///
/// # Errors
/// -EBADF, or -EINVAL for a handle that is neither.
pub(in crate::linux) fn home_of(cx: &mut Cx, name: &str) -> Outcome<Home> {
    match handle(cx, name)? {
        Handle::Container(id) => Ok(Home::Container(id)),
        Handle::Context(id) => Ok(Home::Context(id)),
        _ => Err(Errno::EINVAL),
    }
}

/// `VFIO_CHECK_EXTENSION`: 1 for what there is.
///
/// # Errors
/// -EBADF.
pub fn check_extension(cx: &mut Cx, name: &str, extension: u32) -> Outcome<u64> {
    const TYPE1: u32 = 1;
    const TYPE1_V2: u32 = 3;
    const COHERENT: u32 = 4;
    const NESTING: u32 = 6;
    const UNMAP_ALL: u32 = 9;
    let home = home_of(cx, name)?;
    let has = match extension {
        TYPE1 | TYPE1_V2 | UNMAP_ALL => true,
        NESTING => cx.ask::<Nesting>() == Nesting::Offered,
        // Of s390 all domains are coherent, but there has to be one.
        COHERENT => matches!(home, Home::Container(id) if type1::has(cx, id)),
        _ => false,
    };
    Ok(has.into())
}

/// `VFIO_SET_IOMMU`: chooses what maps, type 1 or 3 (type 1 in version 2), and attaches every group.
///
/// # Errors
/// -EINVAL without groups, or if it is chosen; -ENODEV for other types; what the first group that cannot be attached
/// gets: all are detached again then.
pub fn set_iommu(cx: &mut Cx, name: &str, kind: u32) -> Outcome {
    let id = match home_of(cx, name)? {
        Home::Container(id) => id,
        Home::Context(context) => return crate::linux::iommufd::set_iommu(cx, context, kind),
    };
    let groups = groups(cx, id);
    if groups.is_empty() || type1::has(cx, id) {
        return Err(Errno::EINVAL);
    }
    let v2 = match kind {
        1 => false,
        3 => true,
        _ => return Err(Errno::ENODEV),
    };
    type1::open(cx, id, v2)?;
    for (index, group) in groups.iter().enumerate() {
        if let Err(errno) = type1::attach_group(cx, id, *group) {
            for group in groups[..index].iter().rev() {
                type1::detach_group(cx, id, *group)?;
            }
            type1::release(cx, id)?;
            return Err(errno);
        }
    }
    Ok(())
}

/// `VFIO_IOMMU_DIRTY_PAGES`: begins or ends the tracking of pages that devices write. Neither s390's tables nor its
/// machines can tell which pages those are, so that type 1 takes every pinned page for written; it is only a note here.
///
/// # Errors
/// -EINVAL before something maps; -EACCES in version 1; -ENOTTY for a context in the place of a container.
pub fn track_dirty(cx: &mut Cx, name: &str, on: bool) -> Outcome {
    let id = match home_of(cx, name)? {
        Home::Container(id) if type1::has(cx, id) => id,
        Home::Container(_) => return Err(Errno::EINVAL),
        Home::Context(_) => return Err(Errno::ENOTTY),
    };
    type1::track_dirty(cx, id, on)
}

/// The groups of a container, the newest first.
fn groups(cx: &mut Cx, id: usize) -> Vec<usize> {
    cx.users(|users| users.vfio.containers[id].groups.clone())
}

/// A group that has been claimed joins.
///
/// # Errors
/// As the attach, where something maps already.
pub(super) fn join(cx: &mut Cx, id: usize, group: usize) -> Outcome {
    if type1::has(cx, id) {
        type1::attach_group(cx, id, group)?;
    }
    Ok(cx.change_users(|users| {
        users.vfio.containers[id].groups.insert(0, group);
        users.vfio.groups[group].home = Some(Home::Container(id));
    })?)
}

/// A group leaves, and goes back to the DMA API. What maps goes with the last one.
pub(super) fn leave(cx: &mut Cx, id: usize, group: usize) -> Progress {
    let maps = type1::has(cx, id);
    if maps {
        type1::detach_group(cx, id, group)?;
    }
    group::give_back(cx, group);
    let empty = cx.change_users(|users| {
        users.vfio.groups[group].home = None;
        let groups = &mut users.vfio.containers[id].groups;
        groups.retain(|other| *other != group);
        groups.is_empty()
    })?;
    if maps && empty { type1::release(cx, id) } else { Ok(()) }
}
