//! Addresses from a bitmap: next fit upwards, and from the bottom again after a refresh of everything.

use crate::addr::{Iova, PAGE_SIZE};
use crate::exec::{Crash, Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::zpci;
use crate::state::kernel::Lock;
use crate::state::legacy_dma::{Endless, LegacyDma};

/// Addresses for so many pages (`dma_alloc_address`).
///
/// Without strict mode every search that reaches the end costs a refresh of everything, even if there is nothing to win.
///
/// # Errors
/// -ENOSPC where there are none, or the refresh fails.
pub(super) fn take(cx: &mut Cx, function: FunctionId, pages: u64) -> Outcome<Iova> {
    cx.lock(Lock::bitmap(function))?;
    let found = search(cx, function, pages);
    cx.unlock(Lock::bitmap(function))?;
    Ok(cx.range(function).start.wrapping_add(found?.wrapping_mul(PAGE_SIZE)))
}

fn search(cx: &mut Cx, function: FunctionId, pages: u64) -> Outcome<u64> {
    let next = cx.legacy_dma(function, |dma| dma.next_bit)?;
    let found = if let Some(index) = search_from(cx, function, next, pages)? {
        index
    } else {
        if !cx.strict_dma() {
            refresh_all(cx, function).map_err(|_| Errno::ENOSPC)?;
            cx.legacy_dma(function, LegacyDma::reclaim)?;
        }
        search_from(cx, function, 0, pages)?.ok_or(Errno::ENOSPC)?
    };
    cx.legacy_dma(function, |dma| dma.next_bit = found + pages)?;
    Ok(found)
}

fn search_from(cx: &mut Cx, function: FunctionId, start: u64, pages: u64) -> Progress<Option<u64>> {
    let base = cx.range(function).start.get() / PAGE_SIZE;
    match cx.legacy_dma(function, |dma| dma.take(start, pages, base))? {
        Ok(found) => Ok(found),
        Err(Endless) => cx.crash(Crash::SearchNeverEnds),
    }
}

/// Gives addresses back (`dma_free_address`): at once in strict mode, otherwise with the next refresh of everything.
pub(super) fn give(cx: &mut Cx, function: FunctionId, iova: Iova, pages: u64) -> Progress {
    let first = iova.get().wrapping_sub(cx.range(function).start.get()) / PAGE_SIZE;
    cx.lock(Lock::bitmap(function))?;
    cx.legacy_dma(function, |dma| dma.give(first, pages))?;
    cx.unlock(Lock::bitmap(function))
}

/// `zpci_refresh_global`.
pub(super) fn refresh_all(cx: &mut Cx, function: FunctionId) -> Outcome {
    let pages = cx.legacy_dma(function, |dma| dma.pages)?;
    let start = cx.range(function).start;
    zpci::refresh_trans(cx, function, start, pages.wrapping_mul(PAGE_SIZE))
}
