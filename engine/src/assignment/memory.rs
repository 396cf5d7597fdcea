//! The process's memory: what physical pages its names stand for.

use std::collections::BTreeMap;

use super::model::Record;
use crate::addr::{PAGE_SIZE, Phys};

/// Pages that one name stands for: a limit against logs that are none.
const MOST_PAGES: usize = 1 << 20;

/// All of it.
#[derive(Debug, Default)]
pub(super) struct UserMemory {
    areas: BTreeMap<String, Area>,
}

#[derive(Debug, Default)]
struct Area {
    vaddr: u64,
    read_only: bool,
    /// Physical page of each page, by its number.
    pages: BTreeMap<u64, u64>,
}

impl UserMemory {
    /// Memory is there.
    pub(super) fn allocate(&mut self, record: &Record) {
        let Some(name) = record.text("mem") else { return };
        if record.expected() != Some(0) {
            self.areas.remove(name);
            return;
        }
        let vaddr = record.number("vaddr").unwrap_or(0);
        let read_only = record.text("pattern") == Some("ro");
        let mut area = Area { vaddr, read_only, pages: BTreeMap::new() };
        area.learn(0, record.pa.as_deref().unwrap_or_default());
        self.areas.insert(name.to_owned(), area);
    }

    /// Memory is gone.
    pub(super) fn free(&mut self, record: &Record) {
        if let Some(name) = record.text("mem") {
            self.areas.remove(name);
        }
    }

    /// The memory that a request to map is about. Where the recording has its pages, those are taken.
    pub(super) fn of(&mut self, record: &Record, write: bool) -> Vec<(Phys, u64)> {
        let (Some(name), Some(vaddr), Some(size)) =
            (record.text("mem"), record.number("vaddr"), record.number("size"))
        else {
            return Vec::new();
        };
        let Some(area) = self.areas.get_mut(name) else { return Vec::new() };
        let offset = vaddr.wrapping_sub(area.vaddr);
        if let Some(pages) = &record.pa {
            area.learn(offset, pages);
        }
        if area.read_only && write {
            return Vec::new();
        }
        let mut memory: Vec<(Phys, u64)> = Vec::new();
        let first = offset / PAGE_SIZE;
        for page in first..first.saturating_add(size.div_ceil(PAGE_SIZE)) {
            let Some(phys) = area.pages.get(&page) else { break };
            match memory.last_mut() {
                Some((start, bytes)) if start.wrapping_add(*bytes).get() == *phys => *bytes += PAGE_SIZE,
                _ => memory.push((Phys::new(*phys), PAGE_SIZE)),
            }
        }
        memory
    }
}

impl Area {
    fn learn(&mut self, offset: u64, runs: &[(u64, u64, u64)]) {
        for (at, phys, len) in runs {
            for page in 0..len / PAGE_SIZE {
                if self.pages.len() >= MOST_PAGES {
                    return;
                }
                let number = (offset.wrapping_add(*at) / PAGE_SIZE).wrapping_add(page);
                self.pages.insert(number, phys.wrapping_add(page * PAGE_SIZE));
            }
        }
    }
}
