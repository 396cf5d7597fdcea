//! The list of addresses that may be mapped: sorted, without overlaps.

use crate::addr::{Iova, IovaRange};
use crate::linux::driver::Reserved;

/// Cuts the list to an aperture; an empty list becomes it.
pub(super) fn resize(ranges: &mut Vec<IovaRange>, aperture: IovaRange) {
    if ranges.is_empty() {
        ranges.push(aperture);
        return;
    }
    ranges.retain(|range| range.overlaps(aperture));
    for range in ranges {
        range.start = range.start.max(aperture.start);
        range.last = range.last.min(aperture.last);
    }
}

/// Takes reserved regions out of the list; `false` if nothing is left.
pub(super) fn exclude(ranges: &mut Vec<IovaRange>, reserved: &[Reserved]) -> bool {
    for (start, len) in reserved {
        let (start, last) = (*start, start.wrapping_add(len.wrapping_sub(1)));
        *ranges = ranges
            .iter()
            .flat_map(|range| {
                let (first, end) = (range.start.get(), range.last.get());
                if start > end || last < first {
                    return vec![*range];
                }
                let mut left = Vec::new();
                if start > first {
                    left.push(IovaRange::new(range.start, Iova::new(start - 1)));
                }
                if last < end {
                    left.push(IovaRange::new(Iova::new(last + 1), range.last));
                }
                left
            })
            .collect();
    }
    !ranges.is_empty()
}

/// Widens the ends of the list, after a domain has gone.
pub(super) fn expand(ranges: &mut [IovaRange], aperture: IovaRange) {
    if let Some(first) = ranges.first_mut() {
        first.start = aperture.start;
    }
    if let Some(last) = ranges.last_mut() {
        last.last = aperture.last;
    }
}

/// Whether all of a request lies in one range.
pub(super) fn contains(ranges: &[IovaRange], start: u64, last: u64) -> bool {
    ranges.iter().any(|range| start >= range.start.get() && last <= range.last.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u64, last: u64) -> IovaRange {
        IovaRange::new(Iova::new(start), Iova::new(last))
    }

    #[test]
    fn an_aperture_cuts_and_reserved_regions_split() {
        let mut ranges = Vec::new();
        resize(&mut ranges, range(0, 0xffff));
        assert!(exclude(&mut ranges, &[(0, 0x1000), (0x4000, 0x1000)]));
        assert_eq!(ranges, [range(0x1000, 0x3fff), range(0x5000, 0xffff)]);
        resize(&mut ranges, range(0x2000, 0x3fff));
        assert_eq!(ranges, [range(0x2000, 0x3fff)]);
        expand(&mut ranges, range(0, 0x7fff));
        assert_eq!(ranges, [range(0, 0x7fff)]);
        assert!(contains(&ranges, 0, 0x7fff) && !contains(&ranges, 0, 0x8000));
        assert!(!exclude(&mut ranges, &[(0, 0x8000)]));
    }
}
