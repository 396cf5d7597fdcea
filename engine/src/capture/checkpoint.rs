//! Checkpoints: table memory in full, all that it translates, and the shadows.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Checkpoint, FunctionCheckpoint, Problem, parse};
use super::refresh::permission;
use super::report::Run;
use super::run::Capture;
use super::tables::{self, Leaf, Tables};
use crate::addr::{Iova, Phys};
use crate::hw::function::{Function, Machine};
use crate::hw::lookup::{Found, lookup};
use crate::hw::walk::{Access, translate};
use crate::table::Iota;

/// Pages that were stale at the last checkpoint and that no refresh has covered since.
#[derive(Debug, Default)]
pub(super) struct Stale {
    pages: BTreeMap<usize, BTreeSet<u64>>,
    since: u64,
}

impl Stale {
    /// A refresh or a deregistration: pages that the shadow no longer has are not stale any more.
    pub(super) fn refreshed(&mut self, place: usize, function: &Function, now: u64, run: &mut Run) {
        let Some(pages) = self.pages.get_mut(&place).filter(|pages| !pages.is_empty()) else { return };
        let before = pages.len();
        pages.retain(|page| function.iotlb.lookup(Iova::new(*page)).is_some());
        if pages.len() < before {
            run.longest_exposure = run.longest_exposure.max(now.saturating_sub(self.since));
        }
    }

    pub(super) fn refreshed_all(&mut self, machine: &Machine, now: u64, run: &mut Run) {
        for (place, function) in machine.functions.iter().enumerate() {
            self.refreshed(place, function, now, run);
        }
    }

    /// A device used a page.
    pub(super) fn used(&mut self, place: usize, iova: Iova, run: &mut Run) {
        if self.pages.get(&place).is_some_and(|pages| pages.contains(&iova.page().get())) {
            run.stale_accesses += 1;
        }
    }
}

impl Capture {
    /// The files of a checkpoint that [`Self::line`] has named: its JSON, and its table memory if there is some.
    ///
    /// # Errors
    /// They are not such files.
    pub fn checkpoint(&mut self, name: &str, json: &str, tables: Option<&[u8]>) -> Result<(), Problem> {
        let checkpoint: Checkpoint = parse(json, 0, "a checkpoint")?;
        self.run.checkpoints += 1;
        let log = std::mem::replace(&mut self.judge.file, format!("{name}.json"));
        // What was known of tables gives way to all of them.
        self.memory = tables::load(tables.unwrap_or_default())?;
        self.known = tables.map(|records| tables::blocks(records).collect()).unwrap_or_default();
        self.planted = 0;
        self.stale = Stale { since: self.now, ..Stale::default() };
        let line = self.judge.line;
        for (fid, recorded) in &checkpoint.fns {
            self.judge.line = u64::from(*fid);
            self.function(*fid, recorded)?;
        }
        let registered = self.machine.functions.iter().filter(|function| function.ioat.is_some());
        let registered: Vec<u32> = registered.map(|function| function.attributes.fid()).collect();
        let mut recorded: Vec<u32> = checkpoint.fns.keys().copied().collect();
        let order = |fid: &u32| self.places.get(fid).copied();
        recorded.sort_by_key(order);
        self.judge.check("registered functions", &recorded, &registered);
        (self.judge.file, self.judge.line) = (log, line);
        Ok(())
    }

    fn function(&mut self, fid: u32, recorded: &FunctionCheckpoint) -> Result<(), Problem> {
        let place = self.place(fid)?;
        let ioat = self.machine.functions[place].ioat;
        let here = ioat.map(|ioat| (ioat.iota.bits(), ioat.range.start.get(), ioat.range.last.get()));
        self.judge.check("iota, pba, pal", &Some((recorded.iota, recorded.pba, recorded.pal)), &here);
        let Some(translations) = &recorded.translations else { return Ok(()) };
        let iota = Iota::from_bits(recorded.iota);
        let Some(Tables { leaves, stats }) = tables::enumerate(&self.memory, iota) else {
            self.judge.differ("translations", &"tables", &"more tables than there can be");
            return Ok(());
        };
        self.judge.checks += leaves.len() as u64;
        if *translations != leaves {
            let first = translations.iter().zip(&leaves).position(|(a, b)| a != b);
            let first = first.unwrap_or(translations.len().min(leaves.len()));
            self.judge.differ("translations", &translations.get(first), &leaves.get(first));
        }
        if let (Some(recorded), Some(stats)) = (&recorded.stats, stats) {
            self.judge.check("stats", recorded, &stats);
        }
        for leaf in &leaves {
            self.walked(iota, *leaf);
        }
        if let Some(shadow) = &recorded.iotlb {
            self.shadow(place, shadow, &leaves);
        }
        Ok(())
    }

    /// Both walkers find a translation, with its permission.
    fn walked(&mut self, iota: Iota, (iova, pa, protected, len): Leaf) {
        let memory = &self.memory;
        let read = |at: Phys| memory.read(at);
        let looked = lookup(self.machine.rules, iota, Iova::new(iova), read);
        let found = Found::Frame { phys: Phys::new(pa), writable: protected == 0 };
        self.judge.check("lookup", &(found, len), &(looked.found, looked.frame_len));
        let last = Iova::new(iova + len - 1);
        let reading = translate(iota, last, Access::Read, read).ok();
        let reading = reading.map(|found| (found.phys.get(), u8::from(!found.writable), found.frame_len));
        self.judge.check("walk", &Some((pa + len - 1, protected, len)), &reading);
        let writing = translate(iota, last, Access::Write, read).is_ok();
        self.judge.check("walk for writing", &(protected == 0), &writing);
    }

    /// The shadow page by page, and what in it is not what the tables say.
    fn shadow(&mut self, place: usize, recorded: &[(u64, u64, u8)], leaves: &[Leaf]) {
        let iotlb = &self.machine.functions[place].iotlb;
        self.judge.checks += iotlb.len();
        let here =
            || iotlb.iter().map(|(iova, page)| (iova.get(), page.frame.get(), permission(page.writable)));
        if !here().eq(recorded.iter().copied()) {
            let mut pages = here();
            let first = recorded.iter().copied().find(|page| pages.next() != Some(*page));
            self.judge.differ("iotlb", &(recorded.len(), first), &(iotlb.len(), "see the recorded page"));
        }
        let in_tables = |iova| tables::page_of(leaves, Iova::new(iova));
        let stale = here().filter(|(iova, pa, perm)| {
            in_tables(*iova).is_none_or(|(frame, writable)| frame != *pa || permission(writable) != *perm)
        });
        let stale: BTreeSet<u64> = stale.map(|(iova, ..)| iova).collect();
        let run = &mut self.run;
        run.stale_pages += stale.len() as u64;
        run.most_stale_pages = run.most_stale_pages.max(stale.len() as u64);
        let absent = leaves.iter().filter(|leaf| iotlb.lookup(Iova::new(leaf.0)).is_none()).count();
        run.invisible_pages += absent as u64;
        self.stale.pages.insert(place, stale);
    }

    /// What `run.json` says about the whole run.
    pub(super) fn totals(&mut self) {
        "run.json".clone_into(&mut self.judge.file);
        self.judge.line = 0;
        let run = &self.run;
        let kinds = [("map", run.map), ("unmap", run.unmap), ("global", run.global), ("error", run.refused)];
        for (kind, here) in kinds {
            let number = |key: String| self.about.rpcit_kinds.get(&key).copied().unwrap_or(0);
            let recorded =
                (number(kind.to_owned()), number(format!("{kind}_pages")), number(format!("max_{kind}")));
            // Of refreshes that were refused a log may keep the first ones only.
            let in_part = kind == "error" && here.count < recorded.0;
            if !in_part && !self.about.rpcit_kinds.is_empty() {
                self.judge.check(kind, &recorded, &(here.count, here.pages, here.longest));
            }
        }
        for (key, here) in [
            ("checkpoints", run.checkpoints),
            ("iotlb_not_in_table", run.stale_pages),
            ("table_vs_iotlb_absent", run.invisible_pages),
        ] {
            if let Some(recorded) = self.about.verify.get(key) {
                self.judge.check(key, recorded, &here);
            }
        }
    }
}
