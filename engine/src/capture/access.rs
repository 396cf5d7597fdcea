//! A device's translation in a replay.

use super::model::{Line, Problem};
use super::refresh::permission;
use super::run::Capture;
use super::tables;
use crate::addr::{Iova, Phys};
use crate::hw::dma::{self, Fault};
use crate::hw::iotlb::Cached;
use crate::hw::profile::Caching;
use crate::hw::walk::Access;
use crate::table::{Iota, Level, PageEntry, RegionEntry, SegmentEntry};

impl Capture {
    /// What the machine answers has to be the recorded address, permission and error.
    pub(super) fn access(&mut self, line: &Line<'_>) -> Result<(), Problem> {
        self.run.accesses += 1;
        let place = self.place_of(line)?;
        let iova = Iova::new(line.iova);
        // The model lets an access through if any of what it asks for is allowed.
        let access = if line.flag == 2 { Access::Write } else { Access::Read };
        if self.without_tables {
            self.believe_shadow(place, line);
        } else if self.machine.rules.caching == Caching::Nothing {
            self.believe(place, line);
            tables::bounded(&self.memory, self.judge.line)?;
        }
        let memory = &self.memory;
        let reached = dma::translate(&mut self.machine, place, iova, access, |at| memory.read(at));
        let (here, event) = match reached {
            Ok(reached) => ((reached.phys.get(), permission(reached.writable), 0), None),
            Err(Fault { kind, cached, event, .. }) => {
                let page = cached
                    .map_or((0, 0), |page| (page.frame.get() | line.iova & 0xfff, permission(page.writable)));
                ((page.0, page.1, event.map_or(0, |_| kind.code())), event)
            }
        };
        // Where nothing was translated, an address says nothing.
        let pa = if line.perm == 0 { here.0 } else { line.pa };
        self.judge.check("xlate", &(pa, line.perm, line.err), &here);
        self.stale.used(place, iova, &mut self.run);
        if let Some(event) = event {
            self.happened(event);
        }
        Ok(())
    }

    /// A machine that walks at every access sees entries that no refresh has shown. If our tables have nothing there,
    /// the recorded translation says what the guest has mapped since; what our tables do have is not touched.
    fn believe(&mut self, place: usize, line: &Line<'_>) {
        let Some(ioat) = self.machine.functions[place].ioat.filter(|_| line.perm != 0) else { return };
        if let Some(at) = self.unmapped(ioat.iota, Iova::new(line.iova)) {
            let entry = PageEntry::mapping(Phys::new(line.pa)).with_protection(line.perm == 1);
            self.memory.write(at, entry.bits());
            self.judge.learned += 1;
        }
    }

    /// Where no tables are known, a page that the shadow does not have is believed.
    fn believe_shadow(&mut self, place: usize, line: &Line<'_>) {
        let (iova, iotlb) = (Iova::new(line.iova), &mut self.machine.functions[place].iotlb);
        if line.perm != 0 && iotlb.lookup(iova).is_none() {
            iotlb.fill(iova, Cached { frame: Phys::new(line.pa).page(), writable: line.perm == 3 });
            self.judge.learned += 1;
        }
    }

    /// The page entry of an address, if it is not valid. Missing tables are made up.
    fn unmapped(&mut self, iota: Iota, iova: Iova) -> Option<Phys> {
        let (mut level, mut origin) = (iota.root_level()?, iota.origin());
        while let Some(child) = level.child() {
            let at = level.entry_address(origin, iova);
            let word = self.memory.read(at);
            origin = match level {
                Level::Segment if word != 0 && SegmentEntry::from_bits(word).is_valid() => {
                    SegmentEntry::from_bits(word).origin()
                }
                Level::Segment => self.plant(at, child, |table| SegmentEntry::table(table).bits()),
                _ if RegionEntry::from_bits(word).leads_on(level) => RegionEntry::from_bits(word).origin(),
                _ => self.plant(at, child, |table| RegionEntry::table(level, table).bits()),
            };
            level = child;
        }
        let at = level.entry_address(origin, iova);
        let word = self.memory.read(at);
        (word == 0 || !PageEntry::from_bits(word).is_valid()).then_some(at)
    }

    fn plant(&mut self, at: Phys, kind: Level, entry: impl Fn(Phys) -> u64) -> Phys {
        let table = super::refresh::plant(&mut self.memory, kind, &mut self.planted);
        self.memory.write(at, entry(table));
        table
    }
}
