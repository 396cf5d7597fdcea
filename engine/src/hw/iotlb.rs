//! What the machine has cached of one function's translations, page by page.
//!
//! The same structure serves a cache that accesses fill and a shadow that refreshes fill; who fills it is a decision
//! of the [profile](super::profile). It is unlimited unless told otherwise (*assumed*: the capacity of real machines
//! is not published); entries leave by a refresh, by [`Iotlb::purge`], or because somebody evicts them.

use std::sync::Arc;

use serde::Serialize;

use crate::addr::{Iova, IovaRange, PAGE_SIZE, Phys};

/// Pages in a leaf: 2 MiB of addresses.
const LEAF_PAGES: usize = 512;
const LEAF_SHIFT: u32 = 21;
/// Leaves in a region: 2 GiB of addresses.
const REGION_LEAVES: usize = 1024;
const REGION_SHIFT: u32 = 31;
const REGION_PAGES: u64 = (REGION_LEAVES * LEAF_PAGES) as u64;

/// Bits of a slot; one of 0 is empty.
const PRESENT: u64 = 1;
const WRITABLE: u64 = 2;

/// A translation as it was when it was cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Cached {
    /// The page's absolute address.
    pub frame: Phys,
    /// Writing was allowed.
    pub writable: bool,
}

/// What [`Iotlb::fill`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    /// The page was not cached before.
    New,
    /// It was, with another frame or permission.
    Replaced,
    /// It was, exactly so.
    Same,
    /// There is no room for it.
    Full,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Leaf {
    used: u32,
    slots: [u64; LEAF_PAGES],
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Region {
    used: u32,
    leaves: [Option<Arc<Leaf>>; REGION_LEAVES],
}

/// The cached translations of a function.
///
/// ```
/// use s390_iommu::addr::{Iova, IovaRange, Phys};
/// use s390_iommu::hw::iotlb::{Cached, Filled, Iotlb};
/// let mut iotlb = Iotlb::default();
/// let page = Cached { frame: Phys::new(0x7fee_d000), writable: true };
/// assert_eq!(iotlb.fill(Iova::new(0x1_2345_6000), page), Filled::New);
/// assert_eq!(iotlb.lookup(Iova::new(0x1_2345_6789)), Some(page));
/// assert_eq!(iotlb.refresh(IovaRange::new(Iova::new(0), Iova::new(u64::MAX))), 1);
/// assert_eq!(iotlb.lookup(Iova::new(0x1_2345_6789)), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Iotlb {
    /// By the number of the region, ascending. There are few.
    regions: Vec<(u64, Arc<Region>)>,
    pages: u64,
    capacity: Option<u64>,
}

impl Iotlb {
    /// Pages that fit where no capacity is set: 16 GiB of addresses. A limit of this model, so that tables which lead
    /// into themselves cannot use up memory.
    pub const LIMIT: u64 = 1 << 22;

    /// Sets how many pages fit, at most [`Self::LIMIT`]; `None` for all of these. What is cached stays.
    pub fn set_capacity(&mut self, pages: Option<u64>) {
        self.capacity = pages;
    }

    /// How many pages fit; `None` for [`Self::LIMIT`].
    pub const fn capacity(&self) -> Option<u64> {
        self.capacity
    }

    /// Pages cached.
    pub fn len(&self) -> u64 {
        self.pages
    }

    /// Whether nothing is cached.
    pub fn is_empty(&self) -> bool {
        self.pages == 0
    }

    /// What is cached for the page of an address.
    #[inline]
    pub fn lookup(&self, iova: Iova) -> Option<Cached> {
        let place = self.find(iova.get() >> REGION_SHIFT).ok()?;
        let leaf = self.regions[place].1.leaves[leaf_index(iova)].as_deref()?;
        cached(leaf.slots[slot_index(iova)])
    }

    /// Caches a page.
    pub fn fill(&mut self, iova: Iova, page: Cached) -> Filled {
        let slot = page.frame.page().get() | PRESENT | if page.writable { WRITABLE } else { 0 };
        let old = self.lookup(iova);
        if old == cached(slot) {
            return Filled::Same;
        }
        if old.is_none() && self.pages >= self.capacity.unwrap_or(Self::LIMIT).min(Self::LIMIT) {
            return Filled::Full;
        }
        let number = iova.get() >> REGION_SHIFT;
        let place = self.find(number).unwrap_or_else(|place| {
            let empty = Region { used: 0, leaves: [const { None }; REGION_LEAVES] };
            self.regions.insert(place, (number, Arc::new(empty)));
            place
        });
        let Region { used, leaves } = Arc::make_mut(&mut self.regions[place].1);
        let leaf = leaves[leaf_index(iova)].get_or_insert_with(|| {
            *used += 1;
            Arc::new(Leaf { used: 0, slots: [0; LEAF_PAGES] })
        });
        let leaf = Arc::make_mut(leaf);
        leaf.slots[slot_index(iova)] = slot;
        if old.is_some() {
            return Filled::Replaced;
        }
        leaf.used += 1;
        self.pages += 1;
        Filled::New
    }

    /// Drops the page of an address; `false` if it was not cached.
    pub fn evict(&mut self, iova: Iova) -> bool {
        self.refresh(IovaRange::new(iova.page(), Iova::new(iova.get() | (PAGE_SIZE - 1)))) == 1
    }

    /// Drops every page that the range touches; gives how many.
    #[inline]
    pub fn refresh(&mut self, range: IovaRange) -> u64 {
        if self.is_empty() { 0 } else { self.drop_range(range) }
    }

    fn drop_range(&mut self, range: IovaRange) -> u64 {
        let (first, last) = (range.start.get() >> 12, range.last.get() >> 12);
        let from = self.regions.partition_point(|(number, _)| *number < first / REGION_PAGES);
        let mut dropped = 0;
        for (number, region) in &mut self.regions[from..] {
            let base = *number * REGION_PAGES;
            if base > last {
                break;
            }
            let (first, last) = (first.max(base) - base, last.min(base + REGION_PAGES - 1) - base);
            dropped += drop_pages(region, first as usize, last as usize);
        }
        if dropped > 0 {
            self.pages -= dropped;
            self.regions.retain(|(_, region)| region.used > 0);
        }
        dropped
    }

    /// Drops everything.
    pub fn purge(&mut self) {
        self.regions.clear();
        self.pages = 0;
    }

    /// All cached pages, by address.
    pub fn iter(&self) -> impl Iterator<Item = (Iova, Cached)> {
        self.regions.iter().flat_map(|(number, region)| {
            let first_leaf = *number << (REGION_SHIFT - LEAF_SHIFT);
            let leaves = region.leaves.iter().zip(first_leaf..);
            leaves.filter_map(|(leaf, number)| Some((leaf.as_deref()?, number))).flat_map(|(leaf, number)| {
                let pages = leaf.slots.iter().zip(number << (LEAF_SHIFT - 12)..);
                pages.filter_map(|(slot, number)| Some((Iova::new(number << 12), cached(*slot)?)))
            })
        })
    }

    /// The cached pages that a range touches, by address. Where nothing is cached it skips 2 MiB at a time.
    pub fn within(&self, range: IovaRange) -> impl Iterator<Item = (Iova, Cached)> {
        let from = self.regions.partition_point(|(number, _)| *number < range.start.get() >> REGION_SHIFT);
        let until = self.regions.partition_point(|(number, _)| *number <= range.last.get() >> REGION_SHIFT);
        let inside = move |first: u64, bytes: u64| {
            first <= range.last.get() && range.start.get() <= first + (bytes - 1)
        };
        self.regions.get(from..until).unwrap_or_default().iter().flat_map(move |(number, region)| {
            let leaves = region.leaves.iter().zip(*number << (REGION_SHIFT - LEAF_SHIFT)..);
            let leaves = leaves.filter_map(|(leaf, number)| Some((leaf.as_deref()?, number << LEAF_SHIFT)));
            leaves.filter(move |(_, first)| inside(*first, 1 << LEAF_SHIFT)).flat_map(move |(leaf, first)| {
                let pages = leaf.slots.iter().zip(first >> 12..).map(|(slot, page)| (slot, page << 12));
                pages
                    .filter(move |(_, page)| inside(*page, PAGE_SIZE))
                    .filter_map(|(slot, page)| Some((Iova::new(page), cached(*slot)?)))
            })
        })
    }

    #[inline]
    fn find(&self, number: u64) -> Result<usize, usize> {
        match self.regions.first() {
            Some((first, _)) if *first == number => Ok(0),
            _ => self.regions.binary_search_by_key(&number, |(here, _)| *here),
        }
    }
}

/// Drops pages `first` to `last` of a region; what nobody changes stays shared with its clones.
fn drop_pages(region: &mut Arc<Region>, first: usize, last: usize) -> u64 {
    let mut dropped = 0;
    for number in first / LEAF_PAGES..=last / LEAF_PAGES {
        let base = number * LEAF_PAGES;
        let (from, to) = (first.max(base) - base, last.min(base + LEAF_PAGES - 1) - base);
        let Some(leaf) = region.leaves[number].as_deref() else { continue };
        let here = leaf.slots[from..=to].iter().filter(|slot| **slot != 0).count() as u32;
        if here == 0 {
            continue;
        }
        let Region { used, leaves } = Arc::make_mut(region);
        if let Some(leaf) = leaves[number].as_mut().filter(|leaf| leaf.used > here) {
            let leaf = Arc::make_mut(leaf);
            leaf.slots[from..=to].fill(0);
            leaf.used -= here;
        } else {
            leaves[number] = None;
            *used -= 1;
        }
        dropped += u64::from(here);
    }
    dropped
}

#[inline]
fn cached(slot: u64) -> Option<Cached> {
    (slot & PRESENT != 0).then(|| Cached { frame: Phys::new(slot).page(), writable: slot & WRITABLE != 0 })
}

const fn leaf_index(iova: Iova) -> usize {
    (iova.get() >> LEAF_SHIFT) as usize % REGION_LEAVES
}

const fn slot_index(iova: Iova) -> usize {
    (iova.get() >> 12) as usize % LEAF_PAGES
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn page(frame: u64) -> Cached {
        Cached { frame: Phys::new(frame), writable: frame & 0x1000 != 0 }
    }

    #[test]
    fn a_full_cache_takes_no_new_page_and_still_replaces() {
        let mut iotlb = Iotlb::default();
        iotlb.set_capacity(Some(1));
        assert_eq!(iotlb.fill(Iova::new(0x1000), page(0x5000)), Filled::New);
        assert_eq!(iotlb.fill(Iova::new(0x2000), page(0x5000)), Filled::Full);
        assert_eq!(iotlb.fill(Iova::new(0x1fff), page(0x5000)), Filled::Same);
        assert_eq!(iotlb.fill(Iova::new(0x1000), page(0)), Filled::Replaced);
        assert_eq!(iotlb.lookup(Iova::new(0x1000)), Some(page(0)), "frame 0 is a frame");
        assert!(iotlb.evict(Iova::new(0x1234)) && !iotlb.evict(Iova::new(0x1234)));
        assert_eq!(iotlb, {
            let mut empty = Iotlb::default();
            empty.set_capacity(Some(1));
            empty
        });
    }

    /// Addresses that share leaves and regions, at the ends of the address space too.
    fn address() -> impl Strategy<Value = u64> {
        (prop::sample::select(vec![0, 0x1_0000_0000, 0x1_7fe0_0000, u64::MAX - 0x3f_ffff]), 0_u64..0x40_0000)
            .prop_map(|(base, offset)| base + offset)
    }

    proptest! {
        #[test]
        fn it_is_a_map_of_pages(
            steps in prop::collection::vec((address(), address(), 0_u8..4), 1..200),
        ) {
            let (mut iotlb, mut map) = (Iotlb::default(), BTreeMap::new());
            for (a, b, what) in steps {
                if what == 0 {
                    let (first, last) = (a.min(b), a.max(b));
                    let before = map.len();
                    map.retain(|iova, _| *iova > last || *iova | 0xfff < first);
                    let dropped = iotlb.refresh(IovaRange::new(Iova::new(first), Iova::new(last)));
                    prop_assert_eq!(dropped, (before - map.len()) as u64);
                } else {
                    let entry = page(b & !0xfff);
                    let old = map.insert(a & !0xfff, entry);
                    let filled = iotlb.fill(Iova::new(a), entry);
                    prop_assert_eq!(filled == Filled::New, old.is_none());
                    prop_assert_eq!(filled == Filled::Same, old == Some(entry));
                }
                prop_assert_eq!(iotlb.lookup(Iova::new(a)), map.get(&(a & !0xfff)).copied());
            }
            let all: Vec<_> = map.into_iter().map(|(iova, entry)| (Iova::new(iova), entry)).collect();
            prop_assert_eq!(iotlb.len(), all.len() as u64);
            let (first, last) = (u64::MAX - 0x2f_ffff, u64::MAX - 0x1234);
            let inside = |(iova, _): &&(Iova, Cached)| first <= iova.get() | 0xfff && iova.get() <= last;
            let some: Vec<_> = all.iter().filter(inside).copied().collect();
            let range = IovaRange::new(Iova::new(first), Iova::new(last));
            prop_assert_eq!(iotlb.within(range).collect::<Vec<_>>(), some);
            prop_assert_eq!(iotlb.iter().collect::<Vec<_>>(), all);
        }
    }
}
