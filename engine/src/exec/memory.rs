//! The door to translation tables in memory.

use super::cx::Cx;
use super::run::{Crash, Stop};
use super::turn::Progress;
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::ids::TableUse;
use crate::mem::Rewrite;
use crate::state::kernel::FaultSite;
use crate::state::tables::owner_of;
use crate::table::{Level, PageEntry};
use crate::trace::{Class, Event, Warning};

impl Cx {
    /// Allocates a table and fills it with invalid entries; `None` when an injected failure strikes.
    pub fn alloc_table(&mut self, level: Level, owner: TableUse) -> Progress<Option<Phys>> {
        self.access(|cx| {
            if cx.struck(FaultSite::AllocTable).is_some() {
                return Ok(None);
            }
            let table = cx.world.mem.alloc(level.bytes(), owner_of(owner));
            let Some(table) = table else { return cx.halt(Stop::TooMuchMemory) };
            cx.world.mem.fill(table, level.bytes(), level.invalid_entry());
            cx.count_up(|tally| tally.allocates += 1);
            cx.emit(Class::Detail, || Event::TableAlloc { level, at: table, owner });
            Ok(Some(table))
        })
    }

    /// A root that only stands for tables: never fails, holds nothing. For what stands in for the DMA API.
    pub fn stand_in_table(&mut self, owner: TableUse) -> Progress<Phys> {
        self.change(|cx| {
            let world = &mut cx.world;
            world.mem.alloc(Level::Page.bytes(), owner_of(owner)).unwrap_or(Phys::new(0))
        })
    }

    /// Gives a table back.
    pub fn free_table(&mut self, level: Level, table: Phys) -> Progress {
        self.access(|cx| {
            if !cx.world.mem.free(table) {
                return cx.halt(Stop::Crash(Crash::DoubleFree));
            }
            cx.count_up(|tally| tally.frees += 1);
            cx.emit(Class::Detail, || Event::TableFree { level, at: table });
            Ok(())
        })
    }

    /// Reads an entry of a table.
    #[inline]
    pub fn read_entry(&mut self, level: Level, table: Phys, index: usize) -> Progress<u64> {
        let at = table.wrapping_add(index as u64 * 8);
        self.at_once(move |cx| {
            let word = cx.world.mem.read(at);
            if cx.keeps(Class::Detail) {
                cx.tell_read(level, at, word);
            }
            word
        })
    }

    /// Every entry of a table at once, for whoever takes it down. Tables begin at a multiple of their length: what lies in
    /// one frame is read together.
    pub fn table_words(&mut self, level: Level, table: Phys) -> Vec<u64> {
        self.look(|cx| {
            let mut words = vec![0; level.entries()];
            let mut at = table;
            for words in words.chunks_mut((PAGE_SIZE / 8) as usize) {
                cx.world.mem.read_run(at, words);
                at = at.wrapping_add(PAGE_SIZE);
            }
            words
        })
    }

    /// Writes a region or segment entry.
    pub fn write_entry(&mut self, level: Level, table: Phys, index: usize, new: u64) -> Progress {
        self.at_once(|cx| {
            let at = table.wrapping_add(index as u64 * 8);
            let world = &mut cx.world;
            let old = world.mem.read(at);
            world.mem.write(at, new);
            cx.emit(Class::Detail, || Event::EntryWrite { level, at, old, new });
        })
    }

    /// Exchanges a region or segment entry if it is still the invalid one of a fresh table; gives what was there
    /// (`cmpxchg`).
    pub fn exchange_entry(&mut self, level: Level, table: Phys, index: usize, new: u64) -> Progress<u64> {
        self.at_once(|cx| {
            let at = table.wrapping_add(index as u64 * 8);
            let world = &mut cx.world;
            let old = world.mem.read(at);
            let won = old == level.invalid_entry();
            if won {
                world.mem.write(at, new);
            }
            cx.emit(Class::Detail, || Event::EntryExchange { level, at, old, new, won });
            old
        })
    }

    /// Makes the entries of a run valid, for consecutive frames from `frame` on; warns for each that was valid.
    #[inline]
    pub fn validate_pages(&mut self, pages: PageRun, frame: Phys, writable: bool) -> Progress {
        let new = |entry: PageEntry| entry.with_frame(frame).validated().with_protection(!writable);
        let rewrite = rewrite(new, PAGE_SIZE);
        self.access(move |cx| {
            if !cx.spend(pages.count as u64) {
                return cx.halt(Stop::TooMuchWork);
            }
            let invalid = cx.world.mem.rewrite(pages.at(), pages.count, rewrite);
            cx.warn_times(Warning::ValidateAlreadyValidPte, pages.count as u64 - invalid);
            cx.emit_pages(pages, true);
            Ok(())
        })
    }

    /// Makes the entries of a run invalid; warns for each that was invalid.
    #[inline]
    pub fn invalidate_pages(&mut self, pages: PageRun) -> Progress {
        let rewrite = rewrite(|entry| entry.invalidated().with_protection(false), 0);
        self.access(move |cx| {
            if !cx.spend(pages.count as u64) {
                return cx.halt(Stop::TooMuchWork);
            }
            let invalid = cx.world.mem.rewrite(pages.at(), pages.count, rewrite);
            cx.warn_times(Warning::InvalidateAlreadyInvalidPte, invalid);
            cx.emit_pages(pages, false);
            Ok(())
        })
    }
}

impl Cx {
    #[cold]
    fn tell_read(&mut self, level: Level, at: Phys, word: u64) {
        self.push(Class::Detail, Event::EntryRead { level, at, word });
    }

    #[inline]
    fn emit_pages(&mut self, pages: PageRun, valid: bool) {
        if self.keeps(Class::Detail) {
            self.tell_pages(pages, valid);
        }
    }

    #[cold]
    fn tell_pages(&mut self, pages: PageRun, valid: bool) {
        let (at, first) = (pages.at(), self.world.mem.read(pages.at()));
        let PageRun { iova, count, .. } = pages;
        self.push(Class::Detail, Event::PageRun { at, iova, pages: count as u64, first, valid });
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
