//! A bitmap in which long stretches are alike: kept as runs of set bits, so that 2^30 bits cost nothing.

use std::collections::BTreeMap;

/// A bitmap of a fixed length. Which bits exist is the caller's to know; beyond the last set one all are clear.
///
/// ```
/// use s390_iommu::state::bitmap::Bitmap;
/// let mut bits = Bitmap::default();
/// bits.set(3, 2);
/// bits.set(5, 1);
/// assert_eq!(bits.runs().collect::<Vec<_>>(), [(3, 3)]);
/// assert_eq!(bits.zero_area(64, 0, 4), Some(6));
/// bits.clear(4, 1);
/// assert_eq!(bits.count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bitmap {
    /// First set bit of a run to the bit after its last; runs do not touch.
    runs: BTreeMap<u64, u64>,
}

impl Bitmap {
    /// Runs of set bits: the first bit, and how many.
    pub fn runs(&self) -> impl Iterator<Item = (u64, u64)> {
        self.runs.iter().map(|(first, end)| (*first, end - first))
    }

    /// How many bits are set.
    pub fn count(&self) -> u64 {
        self.runs().map(|(_, bits)| bits).sum()
    }

    /// Sets bits, set ones too.
    pub fn set(&mut self, first: u64, bits: u64) {
        let (mut first, mut end) = (first, first.saturating_add(bits));
        if first == end {
            return;
        }
        // Whatever touches the new run becomes part of it.
        if let Some((before, before_end)) = self.runs.range(..=first).next_back()
            && *before_end >= first
        {
            first = *before;
        }
        let touched: Vec<u64> = self.runs.range(first..=end).map(|(start, _)| *start).collect();
        for start in touched {
            end = end.max(self.runs.remove(&start).unwrap_or(end));
        }
        self.runs.insert(first, end);
    }

    /// Clears bits, clear ones too.
    pub fn clear(&mut self, first: u64, bits: u64) {
        let end = first.saturating_add(bits);
        let before = self.runs.range(..first).next_back().map(|(start, _)| *start);
        let touched: Vec<u64> =
            before.into_iter().chain(self.runs.range(first..end).map(|(start, _)| *start)).collect();
        for start in touched {
            let Some(stop) = self.runs.remove(&start) else { continue };
            if start < first {
                self.runs.insert(start, stop.min(first));
            }
            if stop > end {
                self.runs.insert(end.max(start), stop);
            }
        }
    }

    /// Clears every bit that is set in the other one.
    pub fn clear_all_of(&mut self, other: &Self) {
        for (first, bits) in other.runs() {
            self.clear(first, bits);
        }
    }

    /// The first place from `start` on with `bits` clear bits in a row, all below `size` (`bitmap_find_next_zero_area`).
    pub fn zero_area(&self, size: u64, start: u64, bits: u64) -> Option<u64> {
        let mut index = start.min(size);
        let mut at = self.runs.range(..=index).next_back();
        let mut rest = self.runs.range((std::ops::Bound::Excluded(index), std::ops::Bound::Unbounded));
        loop {
            if let Some((_, end)) = at {
                index = index.max(*end);
            }
            let end = index.checked_add(bits).filter(|end| index < size && *end <= size)?;
            at = rest.next();
            if at.is_none_or(|(next, _)| *next >= end) {
                return Some(index);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The same as a vector of bits.
        #[test]
        fn runs_are_bits(
            changes in proptest::collection::vec((any::<bool>(), 0..40_u64, 0..12_u64), 0..24),
            (size, start, bits) in (0..64_u64, 0..64_u64, 0..10_u64),
        ) {
            let (mut map, mut flat) = (Bitmap::default(), [false; 64]);
            for (set, first, bits) in changes {
                if set { map.set(first, bits) } else { map.clear(first, bits) }
                flat[first as usize..(first + bits) as usize].fill(set);
            }
            prop_assert_eq!(map.count(), flat.iter().filter(|bit| **bit).count() as u64);
            let is_free = |at: u64| (at..at + bits).all(|bit| !flat[bit as usize]);
            let expected =
                (start..size).find(|at| at + bits <= size && !flat[*at as usize] && is_free(*at));
            prop_assert_eq!(map.zero_area(size, start, bits), expected);
        }
    }
}
