//! Changes of page-table entries (`s390_iommu_update_trans`; from v6.2 on `…_validate_trans` and
//! `…_invalidate_trans`): written a page table at a time, and undone where a map fails.

use super::{table, tlb};
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::exec::{Cx, PageRun, Progress};
use crate::ids::DomainId;
use crate::linux::errno::Outcome;
use crate::revision::{Refresh, TableUpdate};
use crate::state::kernel::{Lock, Tables};
use crate::table::Level;

/// What entries become.
#[derive(Clone, Copy, Debug)]
pub(in crate::linux) enum Change {
    /// Valid, for consecutive frames from `frame` on.
    Map { frame: Phys, writable: bool },
    /// Invalid.
    Unmap,
}

/// A change of consecutive entries.
#[derive(Clone, Copy, Debug)]
pub(in crate::linux) struct Update {
    pub(in crate::linux) tables: Tables,
    /// The first address.
    pub(in crate::linux) iova: Iova,
    /// How many entries.
    pub(in crate::linux) pages: u64,
    /// What they become.
    pub(in crate::linux) change: Change,
}

/// Changes entries of a domain's tables.
///
/// # Errors
/// -ENOMEM when a table cannot be allocated, or whatever a refresh inside the update returns. A map is then undone: its
/// entries are invalidated, not restored, and nobody is told again. An unmap is not: its entries stay invalid.
#[inline(always)]
pub(super) fn update(cx: &mut Cx, domain: DomainId, iova: Iova, pages: u64, change: Change) -> Outcome {
    if pages == 0 {
        return Ok(());
    }
    let update = &Update { tables: cx.tables(domain), iova, pages, change };
    match cx.ask::<TableUpdate>() {
        TableUpdate::LockFree | TableUpdate::PlainStore => write_or_undo(cx, domain, update),
        TableUpdate::UnderLock => {
            cx.lock(Lock::dma_table(domain))?;
            let outcome = write_or_undo(cx, domain, update);
            cx.unlock(Lock::dma_table(domain))?;
            outcome
        }
    }
}

#[inline(always)]
fn write_or_undo(cx: &mut Cx, domain: DomainId, update: &Update) -> Outcome {
    let (done, mut outcome) = write(cx, update)?;
    if outcome.is_ok() && cx.ask::<Refresh>() == Refresh::InsideEveryUpdate {
        outcome = tlb::refresh_listed(cx, domain, update.iova, update.pages * PAGE_SIZE);
    }
    if outcome.is_err() && matches!(update.change, Change::Map { .. }) {
        undo(cx, &Update { pages: done, change: Change::Unmap, ..*update })?;
    }
    outcome
}

/// Invalidates only entries written before: their tables are there, so this cannot fail.
#[cold]
fn undo(cx: &mut Cx, update: &Update) -> Progress {
    write(cx, update).map(|_| ())
}

/// Writes entry after entry, a page table at a time; says how many were written.
#[inline(always)]
pub(in crate::linux) fn write(cx: &mut Cx, update: &Update) -> Progress<(u64, Outcome)> {
    let mut done = 0;
    while done < update.pages {
        let at = update.iova.wrapping_add(done * PAGE_SIZE);
        let table = match table::page_table(cx, &update.tables, at) {
            Ok(table) => table,
            Err(errno) => return Ok((done, Err(errno))),
        };
        let index = Level::Page.index(at);
        let count = (Level::Page.entries() - index).min((update.pages - done) as usize);
        let run = PageRun { table, index, count, iova: at };
        match update.change {
            Change::Map { frame, writable } => {
                cx.validate_pages(run, frame.wrapping_add(done * PAGE_SIZE), writable)?;
            }
            Change::Unmap => cx.invalidate_pages(run)?,
        }
        done += count as u64;
    }
    Ok((done, Ok(())))
}
