//! `s390_iommu_update_trans`: writes page-table entries, tells every function on the list, undoes what failed.

use super::table;
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::exec::{Cx, PageRun, Progress};
use crate::ids::DomainId;
use crate::linux::errno::Outcome;
use crate::linux::zpci;
use crate::state::Element;
use crate::state::kernel::Lock;
use crate::table::Level;

/// What entries become.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    /// Valid, for consecutive frames from `frame` on.
    Map { frame: Phys, writable: bool },
    /// Invalid.
    Unmap,
}

/// A change of consecutive entries. Passed by reference: every call would copy its fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Update {
    pub(super) domain: DomainId,
    /// The first address.
    pub(super) iova: Iova,
    /// How many entries.
    pub(super) pages: u64,
    /// What they become.
    pub(super) change: Change,
}

/// Changes entries, all under the domain's table lock.
///
/// # Errors
/// -ENOMEM when a table cannot be allocated, or whatever a refresh returns. A map is then undone: its entries
/// are invalidated, not restored, and nobody is told again. An unmap is not: its entries stay invalid.
pub(super) fn update(cx: Cx<'_>, update: &Update) -> Outcome {
    if update.pages == 0 {
        return Ok(());
    }
    cx.lock(Lock::dma_table(update.domain))?;
    let (done, written) = write(cx, update)?;
    let outcome = written.and_then(|()| refresh(cx, update));
    if outcome.is_err() && matches!(update.change, Change::Map { .. }) {
        // Only entries written above: their tables are there, so this cannot fail.
        let _ = write(cx, &Update { pages: done, change: Change::Unmap, ..*update })?;
    }
    cx.unlock(Lock::dma_table(update.domain))?;
    outcome
}

/// Writes entry after entry, a page table at a time; says how many were written.
fn write(cx: Cx<'_>, update: &Update) -> Progress<(u64, Outcome)> {
    let mut done = 0;
    while done < update.pages {
        let at = update.iova.wrapping_add(done * PAGE_SIZE);
        let table = match table::page_table(cx, update.domain, at) {
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

/// One refresh for each element of the list, newest first; the first failure ends it.
fn refresh(cx: Cx<'_>, update: &Update) -> Outcome {
    let domain = update.domain;
    cx.lock(Lock::list(domain))?;
    let mut at = Element::head(domain);
    let mut outcome = Ok(());
    while let Some(element) = cx.next_element(domain, at)? {
        outcome = zpci::refresh_trans(cx, cx.function_of(element), update.iova, update.pages * PAGE_SIZE);
        if outcome.is_err() {
            break;
        }
        at = element;
    }
    cx.unlock(Lock::list(domain))?;
    outcome
}
