//! The translation tables as the driver handles them: walk, grow, look up, take down.

use crate::addr::{Iova, Phys};
use crate::exec::{Cx, Progress};
use crate::ids::DomainId;
use crate::linux::errno::{Errno, Outcome};
use crate::state::kernel::Lock;
use crate::table::{Level, PageEntry, RegionEntry, SegmentEntry};
use crate::trace::TableUse;

/// The page table for an address, growing the tables on the way to it where they are missing
/// (`dma_walk_cpu_trans`).
///
/// Indices are only masked: an address beyond what the root translates lands on another one's entry.
///
/// # Errors
/// -ENOMEM when a table cannot be allocated; what was allocated on the way stays.
pub(super) fn page_table(cx: Cx<'_>, domain: DomainId, iova: Iova) -> Outcome<Phys> {
    let segment_table = match below(cx, Level::RegionThird, cx.root(domain), iova)? {
        Some(table) => table,
        None => grow(cx, domain, Level::RegionThird, cx.root(domain), iova)?,
    };
    match below(cx, Level::Segment, segment_table, iova)? {
        Some(table) => Ok(table),
        None => grow(cx, domain, Level::Segment, segment_table, iova),
    }
}

/// Where the entry for an address leads; `None` if it is invalid.
#[inline]
fn below(cx: Cx<'_>, level: Level, table: Phys, iova: Iova) -> Progress<Option<Phys>> {
    Ok(origin(level, cx.read_entry(level, table, level.index(iova))?))
}

fn origin(level: Level, word: u64) -> Option<Phys> {
    if level == Level::Segment {
        let entry = SegmentEntry::from_bits(word);
        return entry.is_valid().then(|| entry.origin());
    }
    let entry = RegionEntry::from_bits(word);
    entry.is_valid().then(|| entry.origin())
}

/// Allocates the table that is missing below an entry and makes the entry lead to it.
#[cold]
fn grow(cx: Cx<'_>, domain: DomainId, level: Level, table: Phys, iova: Iova) -> Outcome<Phys> {
    let new = cx.alloc_table(child(level), TableUse::Domain(domain))?.ok_or(Errno::ENOMEM)?;
    cx.write_entry(level, table, level.index(iova), leading_to(level, new))?;
    Ok(new)
}

fn child(level: Level) -> Level {
    level.child().unwrap_or_else(|| unreachable!("no table lies below a page table"))
}

/// A valid entry that leads to a table.
fn leading_to(level: Level, table: Phys) -> u64 {
    if level == Level::Segment {
        SegmentEntry::from_bits(level.invalid_entry()).with_origin(table).validated().bits()
    } else {
        RegionEntry::from_bits(level.invalid_entry()).with_origin(level, table).validated().bits()
    }
}

/// `s390_iommu_iova_to_phys`: the frame an address is mapped to, without the offset inside the page.
///
/// 0 stands for "not mapped" and for a page mapped to physical address 0 alike.
pub fn iova_to_phys(cx: Cx<'_>, domain: DomainId, iova: Iova) -> Progress<Phys> {
    if !cx.geometry(domain).aperture.contains(iova) {
        return Ok(Phys::new(0));
    }
    cx.lock(Lock::dma_table(domain))?;
    let frame = look_up(cx, cx.root(domain), iova)?;
    cx.unlock(Lock::dma_table(domain))?;
    Ok(frame.unwrap_or(Phys::new(0)))
}

fn look_up(cx: Cx<'_>, root: Phys, iova: Iova) -> Progress<Option<Phys>> {
    let Some(segment_table) = below(cx, Level::RegionThird, root, iova)? else { return Ok(None) };
    let Some(page_table) = below(cx, Level::Segment, segment_table, iova)? else { return Ok(None) };
    let page = PageEntry::from_bits(cx.read_entry(Level::Page, page_table, Level::Page.index(iova))?);
    Ok(page.is_valid().then(|| page.frame()))
}

/// Gives a table and everything below it back, children first (`dma_cleanup_tables`).
pub(in crate::linux) fn free_tables(cx: Cx<'_>, level: Level, table: Phys) -> Progress {
    if level != Level::Page {
        for word in cx.table_words(level, table) {
            if let Some(below) = origin(level, word) {
                free_tables(cx, child(level), below)?;
            }
        }
    }
    cx.free_table(level, table)
}
