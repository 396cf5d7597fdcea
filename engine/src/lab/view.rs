//! What a system looks like from outside: domains and functions with their tables read from memory.

use serde::{Serialize, Serializer};

use super::{GroupView, Lab};
use crate::addr::{IovaRange, PAGE_SIZE, Phys};
use crate::ids::TableUse;
use crate::ids::{DomainId, FunctionId};
use crate::mem::Memory;
use crate::state::World;
use crate::state::kernel::{Counter, Gather};
use crate::state::tables::table_use;
use crate::table::{Iota, Level, PageEntry, RegionEntry, SegmentEntry};

/// Consecutive pages mapped to consecutive frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Translation {
    /// First address.
    pub iova: u64,
    /// What it is mapped to.
    pub phys: u64,
    /// The device may write.
    pub writable: bool,
    /// How many pages.
    pub pages: u64,
}

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomainView {
    /// Its name.
    pub name: String,
    /// Its root table.
    pub root: Phys,
    /// The level of that table.
    pub level: Level,
    /// Levels of tables from there to the pages: 3, 4 or 5.
    pub levels: usize,
    /// What was unmapped without a sync, first to last address.
    pub gather: Option<IovaRange>,
    /// What it counts, in the order of [`Counter::ALL`]; with their names in JSON.
    #[serde(serialize_with = "named")]
    pub counters: [u64; Counter::ALL.len()],
    /// Its aperture.
    pub aperture: IovaRange,
    /// The aperture is a limit.
    pub force_aperture: bool,
    /// Names of the functions on its list, newest first.
    pub devices: Vec<String>,
    /// The list never leads back to its head.
    pub devices_broken: bool,
    /// What its tables translate, in order of address.
    pub translations: Vec<Translation>,
    /// Number of its region, segment and page tables.
    pub tables: [u64; 3],
    /// Its tables were given back.
    pub freed: bool,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FunctionView {
    /// Its name.
    pub name: String,
    /// The domain the driver believes it is in.
    pub domain: Option<String>,
    /// Whose table the driver believes is registered.
    pub dma_table: Option<String>,
    /// Whose table the machine has registered.
    pub registered: Option<String>,
    /// That table was given back: the machine walks freed memory.
    pub registered_freed: bool,
    /// The range the driver registers.
    pub range: IovaRange,
    /// Its state.
    pub state: &'static str,
    /// The group that a user of it deals with, once it is on the bus: the one held, or else its own.
    pub group: Option<GroupView>,
}

impl Lab {
    /// Every domain, freed ones too.
    pub fn domains(&self) -> Vec<DomainView> {
        (0..self.world().kernel.domains.len()).map(|index| self.domain(DomainId(index as u32))).collect()
    }

    /// A domain.
    pub fn domain(&self, id: DomainId) -> DomainView {
        let world = self.world();
        let domain = &world.kernel.domains[id.index()];
        let (devices, devices_broken) = match world.kernel.devices(id) {
            Ok(devices) => (devices, false),
            Err(seen) => (seen, true),
        };
        let mut scan = Scan { world, translations: Vec::new(), tables: [0; 3], left: MOST_TABLES };
        if !domain.freed {
            scan.table(domain.tables.level, domain.tables.root, 0);
        }
        DomainView {
            name: domain.name.clone(),
            root: domain.tables.root,
            level: domain.tables.level,
            levels: Level::ALL.iter().filter(|level| **level >= domain.tables.level).count(),
            gather: (domain.gather != Gather::EMPTY)
                .then(|| IovaRange::new(domain.gather.start, domain.gather.last)),
            counters: domain.counters,
            aperture: domain.geometry.aperture,
            force_aperture: domain.geometry.force,
            devices: devices.iter().map(|id| world.kernel.functions[id.index()].name.clone()).collect(),
            devices_broken,
            translations: scan.translations,
            tables: scan.tables,
            freed: domain.freed,
        }
    }

    /// What the tables below a root translate, in order of address, whoever has registered them.
    pub(crate) fn translations(&self, level: Level, root: Phys) -> Vec<Translation> {
        let mut scan =
            Scan { world: self.world(), translations: Vec::new(), tables: [0; 3], left: MOST_TABLES };
        scan.table(level, root, 0);
        scan.translations
    }

    /// Every function.
    pub fn functions(&self) -> Vec<FunctionView> {
        (0..self.world().kernel.functions.len())
            .map(|index| self.function(FunctionId(index as u32)))
            .collect()
    }

    /// A function.
    pub fn function(&self, id: FunctionId) -> FunctionView {
        let world = self.world();
        let function = &world.kernel.functions[id.index()];
        let machine = &world.machine.functions[id.index()];
        let ioat = machine.ioat.map(|ioat| ioat.iota);
        let root = ioat.filter(|iota| iota.is_translated()).map(Iota::origin);
        FunctionView {
            name: function.name.clone(),
            domain: function.domain.map(|domain| domain_name(world, domain)),
            dma_table: function.dma_table.map(|root| table_name(world, root)),
            registered: ioat.map(|iota| {
                if iota.is_translated() { table_name(world, iota.origin()) } else { "identity".to_owned() }
            }),
            registered_freed: root
                .is_some_and(|root| world.mem.block_at(root).is_none_or(|(_, block)| block.freed)),
            range: function.range,
            state: machine.state.name(),
            group: self.held_group(id).or_else(|| self.group_of(id)),
        }
    }
}

fn named<S: Serializer>(counters: &[u64; Counter::ALL.len()], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(Counter::ALL.iter().map(|(_, name)| name).zip(counters))
}

/// A domain's name, static ones included.
pub(super) fn domain_name(world: &World, domain: DomainId) -> String {
    match domain {
        DomainId::BLOCKING => "blocking".to_owned(),
        DomainId::IDENTITY => "identity".to_owned(),
        _ => world.kernel.domains[domain.index()].name.clone(),
    }
}

/// Whose table this is: a domain's name, `dma_api`, or `unknown`.
fn table_name(world: &World, root: Phys) -> String {
    match table_use(world, root) {
        Some(TableUse::Domain(domain)) => world.kernel.domains[domain.index()].name.clone(),
        Some(TableUse::DmaApi(_)) => "dma_api".to_owned(),
        None => "unknown".to_owned(),
    }
}

/// Tables that are read at most: as many as memory can hold. Entries poked by hand can make one table stand in many
/// places.
const MOST_TABLES: u64 = Memory::DEFAULT_LIMIT / Level::Page.bytes();

/// Reads tables from memory, in order of address.
struct Scan<'w> {
    world: &'w World,
    translations: Vec<Translation>,
    tables: [u64; 3],
    left: u64,
}

impl Scan<'_> {
    fn table(&mut self, level: Level, table: Phys, iova: u64) {
        // Only what was allocated is a table: an entry poked by hand may lead anywhere.
        if self.left == 0 || self.world.mem.block_at(table).is_none_or(|(_, block)| block.freed) {
            return;
        }
        self.left -= 1;
        let kind = match level {
            Level::Segment => 1,
            Level::Page => 2,
            _ => 0,
        };
        self.tables[kind] += 1;
        for index in 0..level.entries() as u64 {
            let word = self.world.mem.read(table.wrapping_add(index * 8));
            let iova = iova + (index << level.shift());
            match level {
                Level::Page => self.page(PageEntry::from_bits(word), iova),
                Level::Segment => {
                    let entry = SegmentEntry::from_bits(word);
                    if entry.leads_on() {
                        self.table(Level::Page, entry.origin(), iova);
                    }
                }
                _ => {
                    let entry = RegionEntry::from_bits(word);
                    if entry.leads_on(level)
                        && let Some(below) = level.child()
                    {
                        self.table(below, entry.origin(), iova);
                    }
                }
            }
        }
    }

    fn page(&mut self, entry: PageEntry, iova: u64) {
        if !entry.is_valid() {
            return;
        }
        let (phys, writable) = (entry.frame().get(), !entry.is_protected());
        if let Some(last) = self.translations.last_mut() {
            let bytes = last.pages * PAGE_SIZE;
            if last.writable == writable && last.iova + bytes == iova && last.phys.wrapping_add(bytes) == phys
            {
                last.pages += 1;
                return;
            }
        }
        self.translations.push(Translation { iova, phys, writable, pages: 1 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::Iova;
    use crate::lab::{FunctionSpec, Op};

    #[test]
    fn entries_poked_by_hand_cannot_make_the_view_endless() {
        let mut lab = Lab::new("p6".parse().unwrap());
        let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
        let f0 = lab.add_function(&FunctionSpec::new("f0", dma));
        let d0 = lab.alloc_domain("d0", f0).unwrap();
        let root = lab.domain(d0).root;
        // Every entry leads to memory that was never written, where each word is a valid entry of zeros.
        for index in 0..2048 {
            lab.perform(&Op::Poke { phys: root.wrapping_add(index * 8), word: 0x7 });
        }
        assert_eq!(lab.domain(d0).tables, [1, 0, 0]);
        // And every entry back to the root.
        for index in 0..2048 {
            lab.perform(&Op::Poke { phys: root.wrapping_add(index * 8), word: root.get() | 7 });
        }
        assert_eq!(lab.domain(d0).tables, [1, 2048, 0]);
    }
}
