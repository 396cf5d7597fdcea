//! The door to translation tables in memory.

use super::cx::Cx;
use super::run::Stop;
use super::shared::owner_of;
use crate::addr::{Iova, Phys};
use crate::state::kernel::FaultSite;
use crate::table::{Level, PageEntry};
use crate::trace::{Class, Event, TableUse, Warning};

impl Cx<'_> {
    /// Allocates a table and fills it with invalid entries; `None` when an injected failure strikes.
    pub async fn alloc_table(self, level: Level, owner: TableUse) -> Option<Phys> {
        self.point().await;
        if self.strike(FaultSite::AllocTable).is_some() {
            return None;
        }
        let table = self.run.world.borrow_mut().mem.alloc(level.bytes(), owner_of(owner));
        let Some(table) = table else {
            self.stop(Stop::TooMuchMemory).await;
            return None;
        };
        self.run.world.borrow_mut().mem.fill(table, level.bytes(), level.invalid_entry());
        self.emit(Event::TableAlloc { level, at: table, owner });
        Some(table)
    }

    /// A root that only stands for tables: never fails, holds nothing. For what stands in for the DMA API.
    pub fn stand_in_table(self, owner: TableUse) -> Phys {
        let mut world = self.run.world.borrow_mut();
        world.mem.alloc(Level::Page.bytes(), owner_of(owner)).unwrap_or(Phys::new(0))
    }

    /// Gives a table back.
    pub async fn free_table(self, level: Level, table: Phys) {
        self.point().await;
        self.run.world.borrow_mut().mem.free(table);
        self.emit(Event::TableFree { level, at: table });
    }

    /// Reads an entry of a table.
    #[inline]
    pub async fn read_entry(self, level: Level, table: Phys, index: usize) -> u64 {
        self.point().await;
        let at = table.wrapping_add(index as u64 * 8);
        let word = self.run.world.borrow().mem.read(at);
        if self.run.keeps(Class::Detail) {
            self.emit(Event::EntryRead { level, at, word });
        }
        word
    }

    /// Every entry of a table at once, for whoever takes it down.
    pub fn table_words(self, level: Level, table: Phys) -> Vec<u64> {
        let world = self.run.world.borrow();
        (0..level.entries() as u64).map(|index| world.mem.read(table.wrapping_add(index * 8))).collect()
    }

    /// Writes a region or segment entry.
    pub async fn write_entry(self, level: Level, table: Phys, index: usize, new: u64) {
        self.point().await;
        let at = table.wrapping_add(index as u64 * 8);
        let old = {
            let mut world = self.run.world.borrow_mut();
            let old = world.mem.read(at);
            world.mem.write(at, new);
            old
        };
        self.emit(Event::EntryWrite { level, at, old, new });
    }

    /// Makes `count` entries of one page table from `index` on valid, for consecutive frames; warns for each that was.
    pub async fn validate_pages(self, run: PageRun, frame: Phys, writable: bool) {
        self.point().await;
        self.spend(run.count as u64).await;
        let mut valid = 0;
        let mut frame = frame;
        self.run.world.borrow_mut().mem.update(run.at(), run.count, |_, old| {
            let old = PageEntry::from_bits(old);
            valid += u64::from(old.is_valid());
            let new = old.with_frame(frame).validated().with_protection(!writable);
            frame = frame.wrapping_add(crate::addr::PAGE_SIZE);
            new.bits()
        });
        self.page_run(run, true, valid, Warning::ValidateAlreadyValidPte);
    }

    /// Makes `count` entries of one page table from `index` on invalid; warns for each that was.
    pub async fn invalidate_pages(self, run: PageRun) {
        self.point().await;
        self.spend(run.count as u64).await;
        let mut invalid = 0;
        self.run.world.borrow_mut().mem.update(run.at(), run.count, |_, old| {
            let old = PageEntry::from_bits(old);
            invalid += u64::from(!old.is_valid());
            old.invalidated().with_protection(false).bits()
        });
        self.page_run(run, false, invalid, Warning::InvalidateAlreadyInvalidPte);
    }

    fn page_run(self, run: PageRun, valid: bool, odd: u64, warning: Warning) {
        self.warn_times(warning, odd);
        if self.run.keeps(Class::Detail) {
            let first = self.run.world.borrow().mem.read(run.at());
            self.emit(Event::PageRun { at: run.at(), iova: run.iova, pages: run.count as u64, first, valid });
        }
    }
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
