//! The translation tables as the driver handles them: walk, grow, look up, take down.

use crate::addr::{Iova, Phys};
use crate::exec::{Crash, Cx, Progress};
use crate::ids::DomainId;
use crate::linux::errno::{Errno, Outcome};
use crate::revision::{TableDepth, TableUpdate};
use crate::state::kernel::{Lock, Tables};
use crate::table::{Level, PageEntry, RegionEntry, SegmentEntry};

/// The page table for an address, growing the tables on the way to it where they are missing
/// (`dma_walk_cpu_trans`).
///
/// Indices are only masked: an address beyond what the root translates lands on another one's entry.
///
/// # Errors
/// -ENOMEM when a table cannot be allocated; what was allocated on the way stays.
#[inline(always)]
pub(in crate::linux) fn page_table(cx: &mut Cx, tables: &Tables, iova: Iova) -> Outcome<Phys> {
    // One step for each level, so that each knows its level: this is walked for every page that is mapped.
    let mut table = tables.root;
    if tables.level <= Level::RegionFirst {
        table = step(cx, tables, Level::RegionFirst, table, iova)?;
    }
    if tables.level <= Level::RegionSecond {
        table = step(cx, tables, Level::RegionSecond, table, iova)?;
    }
    table = step(cx, tables, Level::RegionThird, table, iova)?;
    step(cx, tables, Level::Segment, table, iova)
}

/// To the table below, which is there afterwards.
#[inline(always)]
fn step(cx: &mut Cx, tables: &Tables, level: Level, table: Phys, iova: Iova) -> Outcome<Phys> {
    match below(cx, level, table, iova)? {
        Some(table) => Ok(table),
        None => grow(cx, tables, level, table, iova),
    }
}

/// Where the entry for an address leads; `None` if it is invalid.
#[inline(always)]
fn below(cx: &mut Cx, level: Level, table: Phys, iova: Iova) -> Progress<Option<Phys>> {
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

/// Allocates the table that is missing below an entry and makes the entry lead to it. Without a lock another CPU may
/// have been faster: its table is used then, and the new one given back.
#[cold]
fn grow(cx: &mut Cx, tables: &Tables, level: Level, table: Phys, iova: Iova) -> Outcome<Phys> {
    let index = level.index(iova);
    let child = child(level);
    let new = cx.alloc_table(child, tables.owner)?.ok_or(Errno::ENOMEM)?;
    match cx.ask::<TableUpdate>() {
        TableUpdate::UnderLock | TableUpdate::PlainStore => {
            cx.write_entry(level, table, index, leading_to(level, new))?;
        }
        TableUpdate::LockFree => {
            let old = cx.exchange_entry(level, table, index, leading_to(level, new))?;
            if let Some(theirs) = origin(level, old) {
                cx.free_table(child, new)?;
                return Ok(theirs);
            }
        }
    }
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
pub fn iova_to_phys(cx: &mut Cx, domain: DomainId, iova: Iova) -> Progress<Phys> {
    if !cx.aperture(domain).contains(iova) {
        return Ok(Phys::new(0));
    }
    let tables = cx.tables(domain);
    let frame = match cx.ask::<TableUpdate>() {
        TableUpdate::UnderLock => {
            cx.lock(Lock::dma_table(domain))?;
            let frame = look_up(cx, &tables, iova)?;
            cx.unlock(Lock::dma_table(domain))?;
            frame
        }
        TableUpdate::LockFree | TableUpdate::PlainStore => look_up(cx, &tables, iova)?,
    };
    Ok(frame.unwrap_or(Phys::new(0)))
}

#[inline(always)]
fn look_up(cx: &mut Cx, tables: &Tables, iova: Iova) -> Progress<Option<Phys>> {
    let mut table = tables.root;
    if tables.level <= Level::RegionFirst {
        table = match below(cx, Level::RegionFirst, table, iova)? {
            Some(table) => table,
            // What the top level of five gives is used as a table without a look.
            None if cx.ask::<TableDepth>() == TableDepth::ByRangeTrusted => {
                return cx.crash(Crash::NoTableAtTop);
            }
            None => return Ok(None),
        };
    }
    if tables.level <= Level::RegionSecond {
        let Some(third) = below(cx, Level::RegionSecond, table, iova)? else { return Ok(None) };
        table = third;
    }
    let Some(segment) = below(cx, Level::RegionThird, table, iova)? else { return Ok(None) };
    let Some(pages) = below(cx, Level::Segment, segment, iova)? else { return Ok(None) };
    let page = PageEntry::from_bits(cx.read_entry(Level::Page, pages, Level::Page.index(iova))?);
    Ok(page.is_valid().then(|| page.frame()))
}

/// Gives a table and everything below it back, children first (`dma_cleanup_tables`).
pub(in crate::linux) fn free_tables(cx: &mut Cx, level: Level, table: Phys) -> Progress {
    if level != Level::Page {
        for word in cx.table_words(level, table) {
            if let Some(below) = origin(level, word) {
                free_tables(cx, child(level), below)?;
            }
        }
    }
    cx.free_table(level, table)
}
