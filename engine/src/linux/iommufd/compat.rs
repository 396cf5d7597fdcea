//! A context in the place of a type 1 container (`vfio_compat.c`).

use super::{add, addresses, change, context, space};
use crate::addr::{Iova, PAGE_SIZE};
use crate::exec::{Cx, Progress};
use crate::linux::driver;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::vfio::{Info, MapRequest, UnmapRequest};
use crate::state::iommufd::{Ioas, Object};

/// `IOMMU_VFIO_IOAS`: which address space stands for the container.
///
/// # Errors
/// -ENOENT without such an address space.
pub fn use_as_container(cx: &mut Cx, context: &str, id: u32) -> Outcome {
    let context = context::of(cx, context)?;
    space(cx, context, id)?;
    Ok(change(cx, context, |context| context.compat = Some(id))?)
}

/// A group joins: there is an address space from now on.
pub(in crate::linux) fn prepare(cx: &mut Cx, context: usize) -> Progress {
    if cx.users(move |users| users.iommufd.contexts[context].compat).is_none() {
        let id = add(cx, context, Object::Ioas(Ioas::default()))?;
        change(cx, context, |context| context.compat = Some(id))?;
    }
    Ok(())
}

/// The address space.
fn compat(cx: &mut Cx, context: usize) -> Outcome<u32> {
    cx.users(move |users| users.iommufd.contexts[context].compat).ok_or(Errno::ENODEV)
}

/// `VFIO_SET_IOMMU`: there is nothing to choose.
///
/// # Errors
/// -EINVAL for other types than 1 and 3, -ENODEV without an address space.
pub(in crate::linux) fn set_iommu(cx: &mut Cx, context: usize, kind: u32) -> Outcome {
    if !matches!(kind, 1 | 3) {
        return Err(Errno::EINVAL);
    }
    compat(cx, context).map(|_| ())
}

/// `VFIO_IOMMU_GET_INFO`.
///
/// # Errors
/// -ENODEV without an address space.
pub(in crate::linux) fn info(cx: &mut Cx, context: usize) -> Outcome<Info> {
    let id = compat(cx, context)?;
    let ioas = space(cx, context, id)?;
    // Without a page table every size from a page on is as good as any.
    let page_sizes = if ioas.domains.is_empty() { !(PAGE_SIZE - 1) } else { driver::page_sizes(cx) };
    Ok(Info { page_sizes, available: u32::MAX, ranges: addresses::allowed(&ioas) })
}

/// `VFIO_IOMMU_MAP_DMA`.
///
/// # Errors
/// As [`super::map::map`].
pub(in crate::linux) fn map(cx: &mut Cx, context: usize, request: &MapRequest) -> Outcome {
    let id = compat(cx, context)?;
    let MapRequest { iova, vaddr, size, prot, ref memory } = *request;
    let request = super::map::MapRequest { iova: Some(iova), vaddr, size, prot, memory: memory.clone() };
    super::map::map_in(cx, context, id, &request).map(|_| ())
}

/// `VFIO_IOMMU_UNMAP_DMA`.
///
/// # Errors
/// As [`super::map::unmap`]; -EINVAL where everything is meant and something said.
pub(in crate::linux) fn unmap(cx: &mut Cx, context: usize, request: UnmapRequest) -> Outcome<u64> {
    let id = compat(cx, context)?;
    let UnmapRequest { iova, size, all } = request;
    if !all {
        return super::map::unmap_in(cx, context, id, iova, size);
    }
    if iova.get() != 0 || size != 0 {
        return Err(Errno::EINVAL);
    }
    super::map::unmap_in(cx, context, id, Iova::new(0), u64::MAX)
}
