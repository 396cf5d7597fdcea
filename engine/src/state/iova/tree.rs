//! The ranges in use, and the search for a free one from the top down (`struct iova_domain`, its red-black tree).
//!
//! A search begins where the last range was found, or where one was freed above that. There are two such places: one for
//! requests that must end in the low 4 GiB, one for all others. A search that reaches the bottom begins again at the top,
//! once, and looks at what it left out.
//!
//! Everything here is in page frame numbers. Linux keeps an anchor at the very top of its tree; here it is `ANCHOR` in
//! the place of a range.

use std::collections::BTreeMap;

use crate::state::faults::{FaultSite, Faults};

/// In place of a range's first page: above every range.
const ANCHOR: u64 = u64::MAX;

/// The first page that is not in the low 4 GiB (`dma_32bit_pfn`).
const LOW_END: u64 = 1 << 20;

/// The ranges in use; they do not overlap.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tree {
    /// First page of a range to its last.
    ranges: BTreeMap<u64, u64>,
    /// Nothing below is handed out (`start_pfn`); at least 1, so that no address is 0.
    start: u64,
    /// The range below which a search begins (`cached_node`).
    cached: u64,
    /// The same for the low 4 GiB (`cached32_node`).
    cached_low: u64,
    /// From this many pages on, requests for the low 4 GiB fail at once (`max32_alloc_size`).
    low_too_large: u64,
}

impl Tree {
    /// Nothing is in use. `start` is the first page that may be handed out; page 0 never is.
    pub fn new(start: u64) -> Self {
        Self {
            ranges: BTreeMap::new(),
            start: start.max(1),
            cached: ANCHOR,
            cached_low: ANCHOR,
            low_too_large: LOW_END,
        }
    }

    /// The first page that may be handed out.
    pub const fn start(&self) -> u64 {
        self.start
    }

    /// First and last page of each range, upwards.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = (u64, u64)> {
        self.ranges.iter().map(|(first, last)| (*first, *last))
    }

    /// Where the next search begins: the first page of a range, `None` above all ranges.
    pub fn cached(&self) -> Option<u64> {
        Some(self.cached).filter(|first| *first != ANCHOR)
    }

    /// The same for the low 4 GiB.
    pub fn cached_low(&self) -> Option<u64> {
        Some(self.cached_low).filter(|first| *first != ANCHOR)
    }

    /// Pages from which on a request for the low 4 GiB fails without a search.
    pub const fn low_too_large(&self) -> u64 {
        self.low_too_large
    }

    /// Takes `pages` out of what is free, as high as possible but not above page `limit`, aligned to the power of two
    /// that is not smaller than `pages`. Gives the first page; `None` if there is no room, or no memory for the range.
    ///
    /// From `alloc_iova`, `__alloc_and_insert_iova_range`.
    pub fn alloc(&mut self, pages: u64, limit: u64, faults: &mut Faults) -> Option<u64> {
        if pages == 0 || faults.strike(FaultSite::AllocNode).is_some() {
            return None;
        }
        let end = limit.saturating_add(1);
        let low = end <= LOW_END;
        if low && pages >= self.low_too_large {
            return None;
        }
        let from = if low { self.cached_low } else { self.cached };
        let above = self.ranges.get(&from).map_or(end, |last| last.saturating_add(1));
        let mut found = self.search(from, end, self.start, pages);
        if found.is_none() && above < end {
            found = self.search(ANCHOR, end, above, pages);
        }
        let Some(first) = found else {
            // Linux notes this for requests of any limit, not only for low ones.
            self.low_too_large = pages;
            return None;
        };
        let last = first + pages - 1;
        self.ranges.insert(first, last);
        *(if last < LOW_END { &mut self.cached_low } else { &mut self.cached }) = first;
        Some(first)
    }

    /// Looks for a gap from the one below range `from` downwards, below page `end` and not below page `bottom`.
    fn search(&self, from: u64, end: u64, bottom: u64, pages: u64) -> Option<u64> {
        let bits = u64::BITS - (pages - 1).leading_zeros();
        let aligned = u64::MAX.checked_shl(bits).unwrap_or(0);
        // Ranges above `end` cannot matter.
        let from = self.ranges.range(end..).next().map_or(ANCHOR, |(first, _)| *first).min(from);
        let mut top = end.min(from);
        let mut below = self.ranges.range(..from).rev();
        loop {
            let first = top.checked_sub(pages)? & aligned;
            if first < bottom {
                return None;
            }
            match below.next() {
                Some((next, last)) if first <= *last => top = top.min(*next),
                _ => return Some(first),
            }
        }
    }

    /// Frees the range that holds this page, all of it; whether there is one (`free_iova`).
    pub fn free(&mut self, page: u64) -> bool {
        let Some((&first, &last)) = self.ranges.range(..=page).next_back().filter(|(_, last)| page <= **last)
        else {
            return false;
        };
        self.ranges.remove(&first);
        let next = || self.ranges.range(first..).next().map_or(ANCHOR, |(next, _)| *next);
        if first == self.cached_low || (last < LOW_END && first >= self.cached_low) {
            self.cached_low = next();
        }
        if first >= self.cached {
            self.cached = next();
        }
        if first < LOW_END {
            self.low_too_large = LOW_END;
        }
        true
    }

    /// Takes the pages from `first` to `last` out of what can be handed out, as far as they are not already.
    ///
    /// From `reserve_iova`: what lies below a range in use is joined to that range, what lies above the last one becomes a
    /// range of its own. If there is no memory for that one, its pages remain free and nobody hears of it.
    pub fn reserve(&mut self, mut first: u64, last: u64, faults: &mut Faults) {
        while let Some((next, end)) = self.overlapping(first, last) {
            if first < next {
                self.ranges.remove(&next);
                self.ranges.insert(first, end);
                for cached in [&mut self.cached, &mut self.cached_low] {
                    *cached = if *cached == next { first } else { *cached };
                }
            }
            if last <= end {
                return;
            }
            first = end + 1;
        }
        if first <= last && faults.strike(FaultSite::AllocNode).is_none() {
            self.ranges.insert(first, last);
        }
    }

    /// The lowest range that has a page in common with this one.
    fn overlapping(&self, first: u64, last: u64) -> Option<(u64, u64)> {
        let around = self.ranges.range(..=first).next_back().filter(|(_, end)| first <= **end);
        around.or_else(|| self.ranges.range(first..=last.max(first)).next()).map(|(next, end)| (*next, *end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(reserved: &[(u64, u64)]) -> Tree {
        let mut tree = Tree::new(0);
        for (first, last) in reserved {
            tree.reserve(*first, *last, &mut Faults::default());
        }
        tree
    }

    #[test]
    fn reserving_joins_below_and_leaves_the_rest_above() {
        let ranges = |reserved: &[(u64, u64)]| tree(reserved).ranges().collect::<Vec<_>>();
        assert_eq!(ranges(&[(10, 20), (30, 40), (5, 50)]), [(5, 20), (21, 40), (41, 50)]);
        assert_eq!(ranges(&[(10, 20), (12, 18)]), [(10, 20)]);
        assert_eq!(ranges(&[(10, 20), (15, 25)]), [(10, 20), (21, 25)]);
        assert_eq!(ranges(&[(10, 20), (5, 15)]), [(5, 20)]);
        assert_eq!(ranges(&[(10, 20), (30, 29)]), [(10, 20)]);
    }

    #[test]
    fn a_search_that_reaches_the_bottom_looks_once_above_where_it_began() {
        let mut tree = tree(&[(0, 0x1f_fffc)]);
        let mut alloc = |limit| tree.alloc(1, limit, &mut Faults::default());
        assert_eq!(alloc(0x1f_fffe), Some(0x1f_fffe));
        // There is room above, but a search goes down from the last range first.
        assert_eq!(alloc(0x2f_ffff), Some(0x1f_fffd));
        assert_eq!(alloc(0x2f_ffff), Some(0x2f_ffff));
    }

    #[test]
    fn a_failure_is_remembered_for_low_requests_until_something_low_is_freed() {
        let mut tree = tree(&[(0, 0xf_fffb)]);
        let alloc = |tree: &mut Tree, pages, limit| tree.alloc(pages, limit, &mut Faults::default());
        assert_eq!(alloc(&mut tree, 2, 0xf_ffff), Some(0xf_fffe));
        // The request that fails is not a low one.
        assert_eq!(
            (alloc(&mut tree, 1, 0x10_0000), alloc(&mut tree, 1, 0x10_0000)),
            (Some(0x10_0000), Some(0xf_fffd))
        );
        assert_eq!((alloc(&mut tree, 2, 0x10_0000), tree.low_too_large()), (None, 2));
        assert_eq!(alloc(&mut tree, 2, 0xf_ffff), None);
        assert_eq!(alloc(&mut tree, 1, 0xf_ffff), Some(0xf_fffc));
        assert!(tree.free(0xf_ffff));
        assert_eq!((tree.low_too_large(), alloc(&mut tree, 2, 0xf_ffff)), (LOW_END, Some(0xf_fffe)));
    }

    #[test]
    fn a_range_is_freed_by_any_of_its_pages() {
        let mut tree = tree(&[(10, 20)]);
        assert!(!tree.free(9) && !tree.free(21) && tree.free(15) && !tree.free(15));
        assert_eq!(tree.ranges().len(), 0);
    }

    #[test]
    fn page_zero_and_no_pages_are_never_given() {
        let mut tree = Tree::new(0);
        let mut alloc = |pages, limit| tree.alloc(pages, limit, &mut Faults::default());
        assert_eq!(alloc(0, 9), None);
        assert_eq!([alloc(1, 1), alloc(1, 1)], [Some(1), None]);
        assert_eq!(alloc(u64::MAX, u64::MAX), None);
    }
}
