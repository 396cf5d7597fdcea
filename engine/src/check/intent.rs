//! Intent: what callers were told is mapped, where, and since when; and which tables they were told a function uses.
//!
//! A flat map of runs of pages, kept from the history of calls and their results. It never reads a table, and a run costs
//! the same whether it is a page or a gibibyte.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addr::{Iova, IovaRange, PAGE_SIZE, Phys};
use crate::ids::{DomainId, FunctionId, TableUse};

/// What a caller was told about a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Told {
    /// It is mapped.
    Mapped {
        /// To this frame.
        frame: Phys,
        /// The device may read.
        read: bool,
        /// The device may write.
        write: bool,
        /// By this step.
        step: u32,
    },
    /// It was mapped, and is not any more.
    Unmapped {
        /// Since this step.
        step: u32,
        /// The machine may be told of it later.
        deferred: bool,
    },
}

impl Told {
    /// The step that told.
    pub const fn step(self) -> u32 {
        match self {
            Self::Mapped { step, .. } | Self::Unmapped { step, .. } => step,
        }
    }

    /// The same, `pages` further on.
    const fn further(self, pages: u64) -> Self {
        match self {
            Self::Mapped { frame, read, write, step } => {
                Self::Mapped { frame: frame.wrapping_add(pages * PAGE_SIZE), read, write, step }
            }
            gone @ Self::Unmapped { .. } => gone,
        }
    }

    const fn is_mapped(self) -> bool {
        matches!(self, Self::Mapped { .. })
    }
}

/// Consecutive pages about which the same was told; `told` is about the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// Number of the first page.
    pub first: u64,
    /// Number of the last page.
    pub last: u64,
    /// What was told; `None` for what never was mapped.
    pub told: Option<Told>,
}

impl Run {
    /// Its addresses.
    pub const fn range(self) -> IovaRange {
        pages(self.first, self.last)
    }
}

/// The addresses of these pages.
pub(super) const fn pages(first: u64, last: u64) -> IovaRange {
    IovaRange::new(Iova::new(first * PAGE_SIZE), Iova::new((last * PAGE_SIZE) | (PAGE_SIZE - 1)))
}

/// One address space, by number of the first page of each run: its last page and what was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Space(BTreeMap<u64, (u64, Told)>);

impl Space {
    /// Runs of one space before those of unmapped pages are forgotten.
    const LIMIT: usize = 1 << 16;

    /// What was told about the page of an address.
    pub fn get(&self, iova: Iova) -> Option<Told> {
        let page = iova.get() / PAGE_SIZE;
        let (first, (last, told)) = self.0.range(..=page).next_back()?;
        (page <= *last).then(|| told.further(page - first))
    }

    /// The runs that pages `first` to `last` consist of, what never was mapped included.
    pub fn runs(&self, first: u64, last: u64) -> Vec<Run> {
        let before = self.0.range(..first).next_back().filter(|(_, (end, _))| *end >= first);
        let mut runs = Vec::new();
        let mut next = first;
        for (start, (end, told)) in before.into_iter().chain(self.0.range(first..=last)) {
            if *start > next {
                runs.push(Run { first: next, last: start - 1, told: None });
            }
            let (from, to) = ((*start).max(first), (*end).min(last));
            runs.push(Run { first: from, last: to, told: Some(told.further(from - start)) });
            next = to + 1;
        }
        if next <= last {
            runs.push(Run { first: next, last, told: None });
        }
        runs
    }

    /// The mapped runs.
    pub fn mapped(&self) -> impl Iterator<Item = Run> {
        self.0.iter().filter(|(_, (_, told))| told.is_mapped()).map(|(first, (last, told))| Run {
            first: *first,
            last: *last,
            told: Some(*told),
        })
    }

    /// Something is mapped.
    pub fn is_used(&self) -> bool {
        self.mapped().next().is_some()
    }

    /// A mapping of `frame` whose address is the same as `iova` below `size` (a power of two) but is not `iova`: what an
    /// address beyond the tables leads to.
    pub fn aliases(&self, iova: Iova, size: u64, frame: Phys) -> bool {
        if size == 0 {
            return false;
        }
        let (mask, page) = (size / PAGE_SIZE - 1, iova.get() / PAGE_SIZE);
        self.mapped().any(|run| {
            let ahead = (page & mask).wrapping_sub(run.first & mask) & mask;
            let told = run.told.map(|told| told.further(ahead));
            ahead <= run.last - run.first
                && run.first + ahead != page
                && matches!(told, Some(Told::Mapped { frame: other, .. }) if other == frame)
        })
    }

    /// Tells something about all of these pages.
    fn set(&mut self, first: u64, last: u64, told: Told) {
        self.cut(first, last);
        self.0.insert(first, (last, told));
        if self.0.len() > Self::LIMIT {
            self.0.retain(|_, (_, told)| told.is_mapped());
        }
    }

    /// Forgets what was told about these pages.
    fn cut(&mut self, first: u64, last: u64) {
        let inside: Vec<u64> = self.0.range(first..=last).map(|(start, _)| *start).collect();
        let before = self.0.range(..first).next_back().filter(|(_, (end, _))| *end >= first);
        for start in before.map(|(start, _)| *start).into_iter().chain(inside) {
            let Some((end, told)) = self.0.remove(&start) else { continue };
            if start < first {
                self.0.insert(start, (first - 1, told));
            }
            if end > last {
                self.0.insert(last + 1, (end, told.further(last + 1 - start)));
            }
        }
    }
}

/// Where a function is, as its user was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// It uses these tables.
    In(TableUse),
    /// It uses memory without translation.
    Identity,
    /// It may not access anything.
    Nowhere,
}

/// A function's place, since when, and what it left.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stay {
    pub(super) place: Place,
    pub(super) step: u32,
    /// Whose tables it used before, and when it left them.
    pub(super) left: BTreeMap<TableUse, u32>,
}

/// All that callers were told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Intent {
    /// Shared with snapshots until something changes.
    spaces: BTreeMap<TableUse, Arc<Space>>,
    stays: BTreeMap<FunctionId, Stay>,
    /// Domains that callers allocated; the core has others of its own.
    users: BTreeSet<DomainId>,
}

impl Intent {
    /// One space.
    pub fn space(&self, space: TableUse) -> Option<&Space> {
        self.spaces.get(&space).map(Arc::as_ref)
    }

    /// Where a function is.
    pub fn place(&self, function: FunctionId) -> Place {
        self.stays.get(&function).map_or(Place::Nowhere, |stay| stay.place)
    }

    pub(super) fn stay(&self, function: FunctionId) -> Option<&Stay> {
        self.stays.get(&function)
    }

    /// Functions with their places.
    pub fn places(&self) -> impl Iterator<Item = (FunctionId, Place)> {
        self.stays.iter().map(|(function, stay)| (*function, stay.place))
    }

    /// Whether the tables that a machine has registered are those of `place`. What the DMA API uses is its function's own
    /// tables, or a domain that no caller allocated.
    pub fn is_of(&self, registered: TableUse, place: TableUse) -> bool {
        registered == place
            || matches!((registered, place), (TableUse::Domain(domain), TableUse::DmaApi(_)) if !self.users.contains(&domain))
    }

    /// Whether what a machine has registered, or a list holds, is what a function should have in its place. One that may not
    /// access anything can be in an empty domain of the core's own.
    pub(super) fn fits(&self, registered: TableUse, function: FunctionId) -> bool {
        match self.place(function) {
            Place::In(space) => self.is_of(registered, space),
            Place::Nowhere => matches!(registered, TableUse::Domain(domain) if !self.users.contains(&domain)),
            Place::Identity => false,
        }
    }

    /// Whether a function once was where these tables are, and left.
    pub(super) fn has_left(&self, function: FunctionId, registered: TableUse) -> bool {
        let left = self.stays.get(&function).map(|stay| &stay.left);
        left.is_some_and(|left| left.keys().any(|space| self.is_of(registered, *space)))
    }

    /// A caller has a new domain.
    pub(super) fn allocated(&mut self, domain: DomainId) {
        self.users.insert(domain);
    }

    /// A function is somewhere else now.
    pub(super) fn moved(&mut self, function: FunctionId, place: Place, step: u32) {
        let old = self.stays.remove(&function);
        let mut left = old.as_ref().map_or_else(BTreeMap::new, |stay| stay.left.clone());
        let mut since = step;
        if let Some(old) = old {
            match old.place {
                old_place if old_place == place => since = old.step,
                Place::In(space) => drop(left.insert(space, step)),
                Place::Identity | Place::Nowhere => {}
            }
        }
        if let Place::In(space) = place {
            left.remove(&space);
        }
        self.stays.insert(function, Stay { place, step: since, left });
    }

    /// A domain is gone: whoever was in it is nowhere, and nothing is mapped in it.
    pub(super) fn freed(&mut self, domain: DomainId, step: u32) {
        let space = TableUse::Domain(domain);
        self.spaces.remove(&space);
        let inside: Vec<_> = self
            .places()
            .filter(|(_, place)| *place == Place::In(space))
            .map(|(function, _)| function)
            .collect();
        for function in inside {
            self.moved(function, Place::Nowhere, step);
        }
    }

    /// These addresses are mapped.
    pub(super) fn mapped(&mut self, space: TableUse, range: PageRange, told: Told) {
        let space = Arc::make_mut(self.spaces.entry(space).or_default());
        for (first, last, ahead) in range.pieces() {
            space.set(first, last, told.further(ahead));
        }
    }

    /// What of these addresses was mapped is not any more; gives the runs that were.
    pub(super) fn unmapped(
        &mut self,
        space: TableUse,
        range: PageRange,
        step: u32,
        deferred: bool,
    ) -> Vec<Run> {
        let space = Arc::make_mut(self.spaces.entry(space).or_default());
        let mut gone = Vec::new();
        for (first, last, _) in range.pieces() {
            for run in space.runs(first, last) {
                if run.told.is_some_and(Told::is_mapped) {
                    space.set(run.first, run.last, Told::Unmapped { step, deferred });
                    gone.push(run);
                }
            }
        }
        gone
    }

    /// What was unmapped without a sync is due now; gives those runs.
    pub(super) fn synced(&mut self, space: TableUse) -> Vec<Run> {
        let Some(space) = self.spaces.get_mut(&space).map(Arc::make_mut) else { return Vec::new() };
        let mut due = Vec::new();
        for (first, (last, told)) in &mut space.0 {
            if let Told::Unmapped { deferred, .. } = told
                && *deferred
            {
                *deferred = false;
                due.push(Run { first: *first, last: *last, told: Some(*told) });
            }
        }
        due
    }

    /// Everything of a space is forgotten.
    pub(super) fn forget(&mut self, space: TableUse) {
        self.spaces.remove(&space);
    }
}

/// Pages that a call is about; they may go on at 0 after the last one there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRange {
    first: u64,
    count: u64,
}

impl PageRange {
    /// Number of the last page there is.
    pub(super) const LAST: u64 = u64::MAX / PAGE_SIZE;

    /// The pages that `bytes` from an address on touch.
    pub const fn touched(iova: Iova, bytes: u64) -> Self {
        let offset = iova.get() % PAGE_SIZE;
        let count = match bytes.checked_add(offset) {
            Some(bytes) => bytes.div_ceil(PAGE_SIZE),
            None => Self::LAST + 1,
        };
        Self { first: iova.get() / PAGE_SIZE, count }
    }

    /// First page, last page, and pages before them in the range.
    pub(super) fn pieces(self) -> impl Iterator<Item = (u64, u64, u64)> {
        let Self { first, count } = self;
        let here = count.min(Self::LAST - first + 1);
        let one = (here > 0).then(|| (first, first + (here - 1), 0));
        let rest = count - here;
        one.into_iter().chain((rest > 0).then(|| (0, rest - 1, here)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const D0: TableUse = TableUse::Domain(DomainId(0));

    fn mapped(frame: u64, step: u32) -> Told {
        Told::Mapped { frame: Phys::new(frame), read: true, write: true, step }
    }

    #[test]
    fn what_wraps_at_the_top_goes_on_at_zero() {
        let mut intent = Intent::default();
        intent.mapped(D0, PageRange::touched(Iova::new(u64::MAX - 0xfff), 0x2000), mapped(0x5000, 1));
        let space = intent.space(D0).unwrap();
        assert_eq!(space.get(Iova::new(0)), Some(mapped(0x6000, 1)));
        assert!(space.aliases(Iova::new(0x3ff_ffff_f000), 1 << 42, Phys::new(0x5000)));
        assert!(!space.aliases(Iova::new(0), 1 << 42, Phys::new(0x6000)), "it is mapped there itself");
    }

    #[test]
    fn a_function_remembers_what_it_left() {
        let (mut intent, f0) = (Intent::default(), FunctionId(0));
        intent.moved(f0, Place::In(D0), 1);
        intent.moved(f0, Place::In(D0), 2);
        assert_eq!(intent.stay(f0).unwrap().step, 1, "it stayed");
        intent.freed(DomainId(0), 3);
        assert_eq!(intent.place(f0), Place::Nowhere);
        assert_eq!(intent.stay(f0).unwrap().left.get(&D0), Some(&3));
    }

    proptest! {
        #[test]
        fn it_is_a_map_of_pages(steps in prop::collection::vec((0_u64..64, 1_u64..20, 0_u8..3), 1..60)) {
            let (mut intent, mut map) = (Intent::default(), BTreeMap::new());
            for (step, (first, count, what)) in (0..).zip(steps) {
                let range = PageRange::touched(Iova::new(first << 12), count << 12);
                let touched = first..first + count;
                if what == 0 {
                    intent.unmapped(D0, range, step, true);
                    for page in touched {
                        map.entry(page).and_modify(|told: &mut Told| {
                            if told.is_mapped() {
                                *told = Told::Unmapped { step, deferred: true };
                            }
                        });
                    }
                } else {
                    let frame = u64::from(what) << 20;
                    intent.mapped(D0, range, mapped(frame, step));
                    map.extend(touched.map(|page| (page, mapped(frame + ((page - first) << 12), step))));
                }
                let space = intent.space(D0).unwrap();
                for page in 0..100 {
                    prop_assert_eq!(space.get(Iova::new(page << 12 | 5)), map.get(&page).copied());
                }
                let runs = space.runs(3, 70);
                prop_assert_eq!(runs[0].first, 3);
                prop_assert_eq!(runs.last().unwrap().last, 70);
                prop_assert!(runs.windows(2).all(|pair| pair[0].last + 1 == pair[1].first));
                for run in runs {
                    for page in run.first..=run.last {
                        let told = run.told.map(|told| told.further(page - run.first));
                        prop_assert_eq!(told, map.get(&page).copied());
                    }
                }
            }
        }
    }
}
