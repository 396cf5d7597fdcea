//! Copies of mappings: the same memory in another place.

use super::{addresses, context, map, space};
use crate::addr::Iova;
use crate::exec::Cx;
use crate::linux::driver::Prot;
use crate::linux::errno::{Errno, Outcome};
use crate::state::iommufd::Area;

/// What is to be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyRequest {
    /// Address space it is in.
    pub source: u32,
    /// Where there.
    pub from: Iova,
    /// Address space it goes to.
    pub target: u32,
    /// Where there; none asks for any.
    pub to: Option<Iova>,
    /// Bytes.
    pub size: u64,
    /// What the device may do.
    pub prot: Prot,
}

/// `IOMMU_IOAS_COPY`: gives the device's address.
///
/// # Errors
/// -ENOENT without such address spaces, or where the source is not mapped throughout; -EPERM for writing to memory that
/// was mapped for reading; as [`map::map`].
pub fn copy(cx: &mut Cx, context: &str, request: CopyRequest) -> Outcome<Iova> {
    let context = context::of(cx, context)?;
    let source = space(cx, context, request.source)?;
    let from = request.from.get();
    if request.size == 0 {
        return Err(Errno::EINVAL);
    }
    let end = from.checked_add(request.size).ok_or(Errno::EOVERFLOW)?;
    let mut memory = Vec::new();
    let mut writable = true;
    let mut at = from;
    let mut pages = 0;
    while at < end {
        let found = source.areas.range(..=at).next_back();
        let (start, area) = found.filter(|(start, area)| at - **start < area.size).ok_or(Errno::ENOENT)?;
        let len = (area.size - (at - start)).min(end - at);
        memory.extend(cut(area, at - start, len));
        writable &= area.writable;
        pages = area.pages;
        at += len;
    }
    let target = space(cx, context, request.target)?;
    let iova = match request.to {
        Some(iova) => iova.get(),
        None => addresses::find(&target, from, request.size)?,
    };
    if request.prot.write && !writable {
        return Err(Errno::EPERM);
    }
    addresses::check(&target, iova, request.size)?;
    let Prot { read, write } = request.prot;
    let area = Area { size: request.size, read, write, memory, writable, pinned: false, pages };
    map::insert(cx, context, request.target, iova, area)?;
    Ok(Iova::new(iova))
}

/// A part of an area's memory.
fn cut(area: &Area, offset: u64, len: u64) -> Vec<(u64, u64)> {
    let mut at = 0;
    let mut parts = Vec::new();
    for (phys, bytes) in &area.memory {
        let (from, to) = (at.max(offset), (at + bytes).min(offset + len));
        if from < to {
            parts.push((phys.wrapping_add(from - at), to - from));
        }
        at += bytes;
    }
    parts
}
