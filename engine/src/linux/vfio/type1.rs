//! Type 1: what maps user memory for the groups of a container (`vfio_iommu_type1.c`).

mod attach;
mod detach;
mod map;
mod ranges;
mod unmap;

pub(super) use attach::attach_group;
pub(super) use detach::detach_group;
pub(in crate::linux) use map::runs;
pub use map::{MapRequest, map};
pub use unmap::{UnmapRequest, unmap};

use super::container::home_of;
use crate::addr::IovaRange;
use crate::exec::{Cx, Progress};
use crate::linux::driver;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::iommufd;
use crate::state::vfio::{Home, Type1};

/// What `VFIO_IOMMU_GET_INFO` says.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Info {
    /// Page sizes, one bit each.
    pub page_sizes: u64,
    /// Mappings that can still be made.
    pub available: u32,
    /// Addresses that may be mapped.
    pub ranges: Vec<IovaRange>,
}

/// Whether a container has one.
pub(super) fn has(cx: &mut Cx, container: usize) -> bool {
    cx.users(|users| users.vfio.containers[container].iommu.is_some())
}

/// Gives a container one, without groups yet.
pub(super) fn open(cx: &mut Cx, container: usize, v2: bool) -> Progress {
    cx.change_users(|users| {
        let iommu = Type1 { v2, available: users.vfio.entry_limit, ..Type1::default() };
        users.vfio.containers[container].iommu = Some(iommu);
    })
}

/// Takes it away. Its groups have left, and its mappings with the last of them.
pub(super) fn release(cx: &mut Cx, container: usize) -> Progress {
    cx.change_users(|users| users.vfio.containers[container].iommu = None)
}

/// Begins or ends the tracking of written pages.
///
/// # Errors
/// -EACCES in version 1.
pub(super) fn track_dirty(cx: &mut Cx, container: usize, on: bool) -> Outcome {
    if !look(cx, container, |iommu| iommu.v2) {
        return Err(Errno::EACCES);
    }
    Ok(change(cx, container, |iommu| iommu.tracks_dirty = on)?)
}

/// Looks at a container's.
fn look<T: Clone + Send + 'static>(cx: &mut Cx, container: usize, read: impl Fn(&Type1) -> T) -> T {
    cx.users(|users| match &users.vfio.containers[container].iommu {
        Some(iommu) => read(iommu),
        None => read(&Type1::default()),
    })
}

/// Changes it.
fn change<T: Clone + Default + Send + 'static>(
    cx: &mut Cx,
    container: usize,
    act: impl FnOnce(&mut Type1) -> T,
) -> Progress<T> {
    cx.change_users(|users| users.vfio.containers[container].iommu.as_mut().map(act).unwrap_or_default())
}

/// The page sizes that every domain has; all ones without a domain.
fn page_sizes(cx: &mut Cx, container: usize) -> u64 {
    if look(cx, container, |iommu| iommu.domains.is_empty()) { u64::MAX } else { driver::page_sizes(cx) }
}

/// `VFIO_IOMMU_GET_INFO`.
///
/// # Errors
/// -EBADF; -EINVAL before something maps.
pub fn info(cx: &mut Cx, container: &str) -> Outcome<Info> {
    let id = match home_of(cx, container)? {
        Home::Container(id) if has(cx, id) => id,
        Home::Container(_) => return Err(Errno::EINVAL),
        Home::Context(context) => return iommufd::compat_info(cx, context),
    };
    let page_sizes = page_sizes(cx, id);
    let (available, ranges) = look(cx, id, |iommu| (iommu.available, iommu.ranges.clone()));
    Ok(Info { page_sizes, available, ranges })
}
