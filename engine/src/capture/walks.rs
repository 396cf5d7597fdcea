//! Walks of random tables: the same words, walked here.

use serde::Deserialize;

use super::judge::Judge;
use super::model::{Problem, WalkRecord, parse};
use super::refresh::{compare, permission};
use super::report::{Report, Run};
use super::tables;
use crate::addr::{Iova, Phys};
use crate::hw::fault::FaultKind;
use crate::hw::lookup::{Found, Lookup, lookup};
use crate::hw::profile::{Profile, Walker};
use crate::hw::walk::{Access, translate};
use crate::mem::Memory;
use crate::table::{Iota, Level, PageEntry, SegmentEntry};

/// Walks of random tables in progress.
///
/// Those of the class `plain` are walked by the rules of every profile, the others by QEMU's, which they show.
#[derive(Debug)]
pub struct Walks {
    memory: Memory,
    judge: Judge,
    run: Run,
    number: u64,
}

#[derive(Deserialize)]
struct Record {
    iota: u64,
    iova: u64,
    err: u16,
    perm: u8,
    pa: u64,
    len: u64,
    class: String,
    path: Vec<(u64, u64)>,
}

impl Walks {
    /// Walks through this table memory.
    ///
    /// # Errors
    /// It is not table memory.
    pub fn new(name: &str, tables: &[u8]) -> Result<Self, Problem> {
        let file = format!("{name}.jsonl");
        Ok(Self {
            memory: tables::load(tables)?,
            judge: Judge { run: name.to_owned(), file, ..Judge::default() },
            run: Run { name: name.to_owned(), ..Run::default() },
            number: 0,
        })
    }

    /// Walks as one line says.
    ///
    /// # Errors
    /// It is not the line of a walk.
    pub fn line(&mut self, text: &str) -> Result<(), Problem> {
        self.number += 1;
        if text.trim().is_empty() {
            return Ok(());
        }
        let record: Record = parse(text, self.number, "a recorded walk")?;
        self.judge.line = self.number;
        self.run.events += 1;
        let (iota, iova) = (Iota::from_bits(record.iota), Iova::new(record.iova));
        let profiles = if record.class == "plain" { &Profile::NAMED[..] } else { &Profile::NAMED[2..] };
        let class = record.class;
        let page = iova.page().get();
        let walk = WalkRecord(page, record.pa, record.perm, record.len, record.err, record.path);
        for (_, profile) in profiles {
            let rules = profile.rules();
            let memory = &self.memory;
            let looked = lookup(rules, iota, iova, |at| memory.read(at));
            match rules.walker {
                Walker::Architecture if leads_to_zero(&looked) => self.zero(&walk, &looked),
                _ => compare(&mut self.judge, &walk, &looked),
            }
        }
        if class == "plain" {
            self.accesses(iota, iova, &walk);
        }
        Ok(())
    }

    /// The architecture takes a frame at address 0 for a frame like any other; QEMU refuses it. All else is the same.
    fn zero(&mut self, recorded: &WalkRecord, looked: &Lookup) {
        let path: Vec<_> = looked.path().iter().map(|(at, word)| (at.get(), *word)).collect();
        self.judge.check("walk path", &recorded.5, &path);
        let writable = path.iter().all(|(_, word)| word & 0x200 == 0);
        let offset = recorded.0 & (looked.frame_len - 1);
        let found = Found::Frame { phys: Phys::new(offset), writable };
        self.judge.check("frame at 0", &(found, recorded.3), &(looked.found, looked.frame_len));
    }

    /// The walk of an access says the same as the one of a refresh.
    fn accesses(&mut self, iota: Iota, iova: Iova, recorded: &WalkRecord) {
        let memory = &self.memory;
        let read = |at: Phys| memory.read(at);
        let looked = lookup(Profile::Lpar.rules(), iota, iova, read);
        if leads_to_zero(&looked) {
            return;
        }
        let reading = translate(iota, iova, Access::Read, read);
        let here = reading.map_or((0, 0), |found| (found.phys.page().get(), permission(found.writable)));
        self.judge.check("access", &(recorded.1, recorded.2), &here);
        // An invalid entry stops an access with event 7; a refresh takes it for an answer.
        let error = if recorded.2 == 0 && recorded.4 == 0 { 7 } else { recorded.4 };
        self.judge.check("access error", &error, &reading.map_or_else(FaultKind::code, |_| 0));
        let writing = translate(iota, iova, Access::Write, read);
        let error = if recorded.2 == 1 { 4 } else { error };
        self.judge.check("write error", &error, &writing.map_or_else(FaultKind::code, |_| 0));
    }

    /// No walk follows: the report goes into `into`.
    pub fn finish(self, into: &mut Report) {
        into.add(self.run, self.judge);
    }
}

/// Whether a walk ends at an entry that leads to a frame at address 0, or would if it were taken for one.
fn leads_to_zero(looked: &Lookup) -> bool {
    let Some((_, word)) = looked.path().last() else { return false };
    matches!(looked.found, Found::Frame { .. })
        && match looked.level {
            Level::Page => PageEntry::from_bits(*word).frame().get() == 0,
            _ => SegmentEntry::from_bits(*word).origin().get() == 0,
        }
}
