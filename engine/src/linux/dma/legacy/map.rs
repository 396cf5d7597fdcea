//! Pages and coherent buffers: `s390_dma_map_pages`, `s390_dma_alloc`, and back.

use super::address;
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::exec::{Cx, Progress};
use crate::ids::{FunctionId, TableUse};
use crate::linux::dma::{Buffer, Direction};
use crate::linux::driver::{Change, Update, write};
use crate::linux::errno::{Errno, Outcome};
use crate::linux::{rc, zpci};
use crate::revision::TableUpdate;
use crate::state::kernel::{FaultSite, Lock, Tables};
use crate::state::legacy_dma::LegacyDma;
use crate::table::Level;

/// Maps memory for a device.
///
/// # Errors
/// -ENOMEM, as callers see it, for whatever was noted in the error log.
pub fn map(cx: &mut Cx, function: FunctionId, buffer: Buffer) -> Outcome<Iova> {
    let Buffer { phys, size, direction } = buffer;
    let offset = phys.get() % PAGE_SIZE;
    let pages = pages_of(offset, size);
    let outcome = map_pages(cx, function, phys, pages, direction);
    if let Err(errno) = outcome {
        cx.log_dma_error(true, errno.rc(), phys.get());
        return Err(Errno::ENOMEM);
    }
    cx.legacy_dma(function, |dma| dma.mapped_pages += pages)?;
    outcome.map(|iova| iova.wrapping_add(offset))
}

fn map_pages(
    cx: &mut Cx,
    function: FunctionId,
    phys: Phys,
    pages: u64,
    direction: Direction,
) -> Outcome<Iova> {
    let iova = address::take(cx, function, pages)?;
    let bytes = pages * PAGE_SIZE;
    let outcome = update(cx, function, iova, bytes, to_device(phys, direction));
    if outcome.is_err() {
        address::give(cx, function, iova, pages)?;
    }
    outcome.map(|()| iova)
}

/// Unmaps what a device had; a failure is noted in the error log, and the addresses stay in use.
pub fn unmap(cx: &mut Cx, function: FunctionId, iova: Iova, size: u64) -> Progress {
    let pages = address::low(pages_of(iova.get() % PAGE_SIZE, size));
    let iova = iova.page();
    let outcome = update(cx, function, iova, pages * PAGE_SIZE, Change::Unmap);
    if outcome.is_err() {
        cx.log_dma_error(false, rc(&outcome), iova.get());
        return Ok(());
    }
    cx.legacy_dma(function, |dma| dma.unmapped_pages += pages)?;
    address::give(cx, function, iova, pages)
}

/// Memory for a device and CPUs alike; `phys` is what the page allocator has for it.
///
/// # Errors
/// -ENOMEM.
pub fn alloc_coherent(cx: &mut Cx, function: FunctionId, phys: Phys, size: u64) -> Outcome<Iova> {
    let size = size.wrapping_add(PAGE_SIZE - 1) & !(PAGE_SIZE - 1);
    if cx.strike(FaultSite::AllocPages)?.is_some() {
        return Err(Errno::ENOMEM);
    }
    let iova = map(cx, function, Buffer { phys, size, direction: Direction::Bidirectional })?;
    cx.legacy_dma(function, |dma| dma.allocated_pages = dma.allocated_pages.wrapping_add(size / PAGE_SIZE))?;
    Ok(iova)
}

/// Gives it back, whether or not it can be unmapped.
pub fn free_coherent(cx: &mut Cx, function: FunctionId, size: u64, iova: Iova) -> Progress {
    let size = size.wrapping_add(PAGE_SIZE - 1) & !(PAGE_SIZE - 1);
    cx.legacy_dma(function, |dma| dma.allocated_pages = dma.allocated_pages.wrapping_sub(size / PAGE_SIZE))?;
    unmap(cx, function, iova, size)
}

/// Pages that so many bytes from this place in a page on touch (`iommu_num_pages`).
pub(super) const fn pages_of(offset: u64, size: u64) -> u64 {
    offset.wrapping_add(size).wrapping_add(PAGE_SIZE - 1) / PAGE_SIZE
}

/// What entries become: a device that only reads gets protected pages.
pub(super) fn to_device(phys: Phys, direction: Direction) -> Change {
    let writable = matches!(direction, Direction::Bidirectional | Direction::FromDevice);
    Change::Map { frame: phys.page(), writable }
}

/// Changes entries and tells the machine where that is needed (`dma_update_trans`). A map of which the machine cannot be
/// told is undone.
///
/// # Errors
/// As [`change_entries`] and [`tell`].
pub(super) fn update(cx: &mut Cx, function: FunctionId, iova: Iova, bytes: u64, change: Change) -> Outcome {
    change_entries(cx, function, iova, bytes, change)?;
    let outcome = tell(cx, function, iova, bytes, change);
    if outcome.is_err() && matches!(change, Change::Map { .. }) {
        // Nobody looks whether that works.
        let _ = change_entries(cx, function, iova, bytes, Change::Unmap);
    }
    outcome
}

/// Changes entries (`__dma_update_trans`); of a map that fails half-way nothing remains.
///
/// # Errors
/// -EINVAL for no bytes, or while the API is not set up; -ENOMEM when a table cannot be allocated.
pub(super) fn change_entries(
    cx: &mut Cx,
    function: FunctionId,
    iova: Iova,
    bytes: u64,
    change: Change,
) -> Outcome {
    let pages = address::low(pages_of(0, bytes));
    if pages == 0 {
        return Err(Errno::EINVAL);
    }
    let locked = cx.ask::<TableUpdate>() == TableUpdate::UnderLock;
    if locked {
        cx.lock(Lock::function_tables(function))?;
    }
    let outcome = match cx.dma_table(function)? {
        None => Err(Errno::EINVAL),
        Some(root) => {
            let tables = Tables { root, level: Level::RegionThird, owner: TableUse::DmaApi(function) };
            let update = Update { tables, iova, pages, change };
            let (done, outcome) = write(cx, &update)?;
            if outcome.is_err() && matches!(change, Change::Map { .. }) {
                // Only entries written above: their tables are there.
                let _ = write(cx, &Update { pages: done, change: Change::Unmap, ..update })?;
            }
            outcome
        }
    };
    if locked {
        cx.unlock(Lock::function_tables(function))?;
    }
    outcome
}

/// Tells the machine of changed entries (`__dma_purge_tlb`): of new ones where the group wants it, of invalid ones only in
/// strict mode. Lack of resources is answered by a refresh of everything, which frees what was given back.
///
/// # Errors
/// -EIO, or -ENOMEM where that is no help.
pub(super) fn tell(cx: &mut Cx, function: FunctionId, iova: Iova, bytes: u64, change: Change) -> Outcome {
    let strict = cx.strict_dma();
    let wanted = match change {
        Change::Map { .. } => cx.wants_refresh(function),
        Change::Unmap => strict,
    };
    if !wanted {
        return Ok(());
    }
    let outcome = zpci::refresh_trans(cx, function, iova, pages_of(0, bytes) * PAGE_SIZE);
    if outcome != Err(Errno::ENOMEM) || strict || address::refresh_all(cx, function).is_err() {
        return outcome;
    }
    cx.lock(Lock::bitmap(function))?;
    cx.legacy_dma(function, LegacyDma::reclaim)?;
    cx.unlock(Lock::bitmap(function))?;
    Ok(())
}
