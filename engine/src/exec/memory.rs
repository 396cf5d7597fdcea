//! The door to translation tables in memory.

use std::future::Future;
use std::task::Poll;

use super::cx::Cx;
use super::run::Stop;
use super::shared::owner_of;
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::mem::Rewrite;
use crate::state::kernel::FaultSite;
use crate::table::{Level, PageEntry};
use crate::trace::{Event, TableUse, Warning};

impl Cx<'_> {
    /// Allocates a table and fills it with invalid entries; `None` when an injected failure strikes.
    pub fn alloc_table(self, level: Level, owner: TableUse) -> impl Future<Output = Option<Phys>> {
        self.access(move |cx| {
            if cx.strike(FaultSite::AllocTable).is_some() {
                return Poll::Ready(None);
            }
            let table = cx.run.world.borrow_mut().mem.alloc(level.bytes(), owner_of(owner));
            let Some(table) = table else { return cx.stop(Stop::TooMuchMemory) };
            cx.run.world.borrow_mut().mem.fill(table, level.bytes(), level.invalid_entry());
            cx.emit(Event::TableAlloc { level, at: table, owner });
            Poll::Ready(Some(table))
        })
    }

    /// A root that only stands for tables: never fails, holds nothing. For what stands in for the DMA API.
    pub fn stand_in_table(self, owner: TableUse) -> Phys {
        let mut world = self.run.world.borrow_mut();
        world.mem.alloc(Level::Page.bytes(), owner_of(owner)).unwrap_or(Phys::new(0))
    }

    /// Gives a table back.
    pub fn free_table(self, level: Level, table: Phys) -> impl Future<Output = ()> {
        self.at_once(move |cx| {
            cx.run.world.borrow_mut().mem.free(table);
            cx.emit(Event::TableFree { level, at: table });
        })
    }

    /// Reads an entry of a table.
    #[inline]
    pub fn read_entry(self, level: Level, table: Phys, index: usize) -> impl Future<Output = u64> {
        self.at_once(move |cx| {
            let at = table.wrapping_add(index as u64 * 8);
            let word = cx.run.world.borrow().mem.read(at);
            cx.emit(Event::EntryRead { level, at, word });
            word
        })
    }

    /// Every entry of a table at once, for whoever takes it down.
    pub fn table_words(self, level: Level, table: Phys) -> Vec<u64> {
        let world = self.run.world.borrow();
        (0..level.entries() as u64).map(|index| world.mem.read(table.wrapping_add(index * 8))).collect()
    }

    /// Writes a region or segment entry.
    pub fn write_entry(self, level: Level, table: Phys, index: usize, new: u64) -> impl Future<Output = ()> {
        self.at_once(move |cx| {
            let at = table.wrapping_add(index as u64 * 8);
            let mut world = cx.run.world.borrow_mut();
            let old = world.mem.read(at);
            world.mem.write(at, new);
            drop(world);
            cx.emit(Event::EntryWrite { level, at, old, new });
        })
    }

    /// Makes the entries of a run valid, for consecutive frames from `frame` on; warns for each that was valid.
    #[inline]
    pub fn validate_pages(self, run: PageRun, frame: Phys, writable: bool) -> impl Future<Output = ()> {
        let new = |entry: PageEntry| entry.with_frame(frame).validated().with_protection(!writable);
        let rewrite = rewrite(new, PAGE_SIZE);
        self.access(move |cx| {
            if !cx.run.spend(run.count as u64) {
                return cx.stop(Stop::TooMuchWork);
            }
            let invalid = cx.run.world.borrow_mut().mem.rewrite(run.at(), run.count, rewrite);
            cx.warn_times(Warning::ValidateAlreadyValidPte, run.count as u64 - invalid);
            cx.emit_run(run, true);
            Poll::Ready(())
        })
    }

    /// Makes the entries of a run invalid; warns for each that was invalid.
    #[inline]
    pub fn invalidate_pages(self, run: PageRun) -> impl Future<Output = ()> {
        let rewrite = rewrite(|entry| entry.invalidated().with_protection(false), 0);
        self.access(move |cx| {
            if !cx.run.spend(run.count as u64) {
                return cx.stop(Stop::TooMuchWork);
            }
            let invalid = cx.run.world.borrow_mut().mem.rewrite(run.at(), run.count, rewrite);
            cx.warn_times(Warning::InvalidateAlreadyInvalidPte, invalid);
            cx.emit_run(run, false);
            Poll::Ready(())
        })
    }

    fn emit_run(self, run: PageRun, valid: bool) {
        if self.run.keeps(crate::trace::Class::Detail) {
            let first = self.run.world.borrow().mem.read(run.at());
            self.emit(Event::PageRun { at: run.at(), iova: run.iova, pages: run.count as u64, first, valid });
        }
    }
}

/// A change of page entries as bits: what it makes of no bits is set, and what it makes differ between no bits and
/// all bits is kept.
#[inline]
fn rewrite(change: impl Fn(PageEntry) -> PageEntry, step: u64) -> Rewrite {
    let (none, all) = (change(PageEntry::from_bits(0)).bits(), change(PageEntry::from_bits(u64::MAX)).bits());
    Rewrite { keep: none ^ all, set: none, step, flag: PageEntry::UNUSED.bits() }
}

/// Consecutive entries of one page table.
#[derive(Clone, Copy, Debug)]
pub struct PageRun {
    /// The page table.
    pub table: Phys,
    /// Its first entry concerned.
    pub index: usize,
    /// How many; within the table.
    pub count: usize,
    /// The address the first one translates, for the trace.
    pub iova: Iova,
}

impl PageRun {
    const fn at(self) -> Phys {
        Phys::new(self.table.get() + self.index as u64 * 8)
    }
}
