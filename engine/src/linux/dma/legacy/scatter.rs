//! Lists of memory in pieces: `s390_dma_map_sg` joins pieces into stretches of addresses as long as they fit.

use super::address;
use super::map::{change_entries, pages_of, tell, to_device, unmap, update};
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::dma::Direction;
use crate::linux::driver::Change;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::rc;

/// A piece of memory in a list (`struct scatterlist`), and what it became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The page it begins in.
    pub page: Phys,
    /// Where in it.
    pub offset: u32,
    /// Its bytes.
    pub length: u32,
    /// Address of a stretch for the device; entries at the front hold the stretches, one each.
    pub dma_address: u64,
    /// Its bytes.
    pub dma_length: u32,
}

/// Maps a list; gives the number of stretches it became.
///
/// # Errors
/// -ENOMEM or -EIO: stretches that were mapped are unmapped again, and their entries stay as they are.
pub fn map_list(
    cx: &mut Cx,
    function: FunctionId,
    list: &mut [Segment],
    direction: Direction,
) -> Outcome<usize> {
    let Some(first) = list.first() else { return Err(Errno::EINVAL) };
    let most = cx.legacy_dma(function, |dma| dma.max_segment)?;
    let (mut size, mut offset) = (first.offset.wrapping_add(first.length), first.offset);
    let (mut start, mut count) = (0, 0);
    for at in 1..=list.len() {
        if let Some(next) = list.get_mut(at) {
            next.dma_length = 0;
            let joins = next.offset == 0
                && u64::from(size).is_multiple_of(PAGE_SIZE)
                && size.wrapping_add(next.length) <= most;
            if joins {
                size = size.wrapping_add(next.length);
                continue;
            }
        }
        match stretch(cx, function, &list[start..], size, direction) {
            Ok(iova) => {
                list[count].dma_address = iova.get().wrapping_add(offset.into());
                list[count].dma_length = size.wrapping_sub(offset);
            }
            Err(errno) => {
                for done in &list[..count] {
                    unmap(cx, function, Iova::new(done.dma_address), done.dma_length.into())?;
                }
                return Err(errno);
            }
        }
        count += 1;
        if let Some(next) = list.get(at) {
            (size, offset, start) = (next.offset.wrapping_add(next.length), next.offset, at);
        }
    }
    Ok(count)
}

/// Maps pieces to one stretch of `size` bytes (`__s390_dma_map_sg`).
fn stretch(
    cx: &mut Cx,
    function: FunctionId,
    pieces: &[Segment],
    size: u32,
    direction: Direction,
) -> Outcome<Iova> {
    let (bytes, pages) = (u64::from(size), pages_of(0, size.into()));
    let base = address::take(cx, function, pages).map_err(|_| Errno::ENOMEM)?;
    let mut done = 0;
    let mut last = Phys::new(0);
    let mut outcome = Ok(());
    for piece in pieces {
        if done >= bytes || outcome.is_err() {
            break;
        }
        last = piece.page;
        let len = u64::from(piece.offset.wrapping_add(piece.length));
        outcome = change_entries(cx, function, base.wrapping_add(done), len, to_device(last, direction));
        if outcome.is_ok() {
            done += len;
        }
    }
    if outcome.is_ok() {
        outcome = tell(cx, function, base, bytes, to_device(last, direction));
    }
    if outcome.is_err() {
        // Nobody looks whether that works.
        let _ = update(cx, function, base, done, Change::Unmap);
        address::give(cx, function, base, pages)?;
        cx.log_dma_error(true, rc(&outcome), last.get());
        return outcome.map(|()| base);
    }
    cx.legacy_dma(function, |dma| dma.mapped_pages += pages)?;
    Ok(base)
}

/// Unmaps the first entries of a list as mapping left it, stretch by stretch.
pub fn unmap_list(cx: &mut Cx, function: FunctionId, list: &mut [Segment], entries: usize) -> Progress {
    for entry in list.iter_mut().take(entries) {
        if entry.dma_length != 0 {
            unmap(cx, function, Iova::new(entry.dma_address), entry.dma_length.into())?;
        }
        (entry.dma_address, entry.dma_length) = (0, 0);
    }
    Ok(())
}
