//! `iommu_pgsize`: which page size, and how many of it, one driver call gets.

/// What one driver call is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageChoice {
    /// Bytes of each page.
    pub size: u64,
    /// How many.
    pub count: u64,
}

/// Chooses from the sizes in `bitmap` for `len` bytes left, where `iova` and `phys` have to be multiples of the size.
///
/// # Panics
/// No size fits: the caller has not checked the alignment to the smallest one.
///
/// ```
/// use s390_iommu::linux::core::choose;
/// let choice = choose(0x1000, 0x1_0000_0000, 0x8000_0000, 0x10_0000);
/// assert_eq!((choice.size, choice.count), (0x1000, 256));
/// let choice = choose(!0xfff, 0x1_0000_1000, 0x8000_1000, 0x7000);
/// assert_eq!((choice.size, choice.count), (0x1000, 1));
/// ```
#[inline(always)]
pub fn choose(bitmap: u64, iova: u64, phys: u64, len: u64) -> PageChoice {
    let up_to = |bit: u32| u64::MAX >> (63 - bit);
    let mut sizes = bitmap & up_to(len.max(1).ilog2());
    let alignment = iova | phys;
    if alignment != 0 {
        sizes &= up_to(alignment.trailing_zeros());
    }
    assert!(sizes != 0, "no page size of {bitmap:#x} fits {iova:#x}, {phys:#x}, {len:#x}");
    let index = sizes.ilog2();
    let size = 1 << index;

    // Stop short of the next larger size if its pages fit from there on.
    let larger = bitmap & !up_to(index);
    let next = larger & larger.wrapping_neg();
    let mut len = len;
    if next != 0 && (iova ^ phys) & (next - 1) == 0 {
        let to_boundary = next - (alignment & (next - 1));
        if to_boundary.checked_add(next).is_some_and(|needed| needed <= len) {
            len = to_boundary;
        }
    }
    PageChoice { size, count: len >> index }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chunks of a `map` driver: the count is not used.
    fn chunks(bitmap: u64, iova: u64, phys: u64, len: u64) -> Vec<u64> {
        let mut sizes = Vec::new();
        let mut done = 0;
        while done < len {
            let size = choose(bitmap, iova + done, phys + done, len - done).size;
            sizes.push(size);
            done += size;
        }
        sizes
    }

    #[test]
    fn splits_of_the_reference() {
        let all = !0xfff;
        assert_eq!(chunks(all, 0x1_0000_0000, 0x8000_0000, 0x10_0000), [0x10_0000]);
        assert_eq!(chunks(all, 0x1_0000_1000, 0x8000_1000, 0x7000), [0x1000, 0x2000, 0x4000]);
        assert_eq!(chunks(all, 0x1_0000_1000, 0x8000_3000, 0x7000), [0x1000, 0x2000, 0x2000, 0x2000]);
        assert_eq!(chunks(all, 0x1_0000_3000, 0x8000_3000, 0x5000), [0x1000, 0x4000]);
        assert_eq!(chunks(all, 0x1_000f_f000, 0x800f_f000, 0x2000), [0x1000, 0x1000]);
        assert_eq!(chunks(all, 0x1_0000_0000, 0x8000_0000, 0x1234_5000).len(), 7);
        assert_eq!(chunks(all, 0x1_0000_0000, 0x8010_0000, 0x8000_0000).len(), 2048);
        assert_eq!(chunks(0x1000, 0x1_0000_0000, 0x8000_0000, 0x10_0000).len(), 256);
    }

    #[test]
    fn the_count_stops_where_a_larger_size_begins() {
        // 4 KiB and 64 KiB: 15 small pages up to the boundary, then large ones.
        assert_eq!(choose(0x1_1000, 0x1000, 0x1000, 0x2_0000), PageChoice { size: 0x1000, count: 15 });
        assert_eq!(choose(0x1_1000, 0x1000, 0x1000, 0x1_0000), PageChoice { size: 0x1000, count: 16 });
        assert_eq!(choose(0x1_1000, 0x1_0000, 0x1_0000, 0x2_1000), PageChoice { size: 0x1_0000, count: 2 });
    }
}
