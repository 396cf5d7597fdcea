//! Entries of a page table.

use super::word::{PROTECT, word};
use crate::addr::Phys;

const FRAME: u64 = !0xfff;
const INVALID: u64 = 0x400;

word! {
    /// An entry of a page table: one 4 KiB page.
    ///
    /// ```text
    ///  LSB-0  63                              12 11 10  9  8               0
    ///        +----------------------------------+--+--+--+------------------+
    ///        |   page frame absolute address    | 0| I| P|        0         |
    ///        +----------------------------------+--+--+--+------------------+
    ///  MSB-0  0                               51 52 53 54 55              63
    /// ```
    ///
    /// | part | mask | meaning |
    /// |---|---|---|
    /// | frame | `!0xfff` | absolute address of the page |
    /// | I | `0x400` | invalid |
    /// | P | `0x200` | the device must not write |
    ///
    /// There is no write-only page. Bit `0x400` is a trap: in a segment-table entry it means *1 MiB
    /// frame*, and the invalid bit of region and segment entries, `0x20`, means nothing here.
    /// Source: `ZPCI_PTE_*` of Linux's `asm/pci_dma.h`.
    ///
    /// Linux leaves the frame in place when it unmaps, so a page's history shows:
    ///
    /// ```
    /// use s390_iommu::{addr::Phys, table::PageEntry};
    /// let mapped = PageEntry::UNUSED.with_frame(Phys::new(0x7fee_d000)).validated();
    /// assert_eq!(mapped.bits(), 0x7fee_d000);
    /// let unmapped = mapped.invalidated();
    /// assert_eq!(unmapped.bits(), 0x7fee_d400);
    /// assert!(!unmapped.is_valid() && unmapped != PageEntry::UNUSED);
    /// ```
    PageEntry
}

impl PageEntry {
    /// What every entry of a new page table holds: 0x400.
    pub const UNUSED: Self = Self(INVALID);

    /// A valid entry that maps the page at `frame` for reading and writing. Address bits below 4 KiB
    /// are dropped.
    #[inline]
    pub const fn mapping(frame: Phys) -> Self {
        Self(frame.get() & FRAME)
    }

    /// Whether the page is mapped: I is clear.
    #[inline]
    pub const fn is_valid(self) -> bool {
        self.0 & INVALID == 0
    }

    /// Whether the device must not write (P).
    #[inline]
    pub const fn is_protected(self) -> bool {
        self.0 & PROTECT != 0
    }

    /// Absolute address of the page; in an invalid entry, of the page it last mapped.
    #[inline]
    pub const fn frame(self) -> Phys {
        Phys::new(self.0 & FRAME)
    }

    /// The entry with another page; its low bits stay, also I. *From Linux*: `set_pt_pfaa`.
    #[inline]
    #[must_use]
    pub const fn with_frame(self, frame: Phys) -> Self {
        Self(self.0 & !FRAME | frame.get() & FRAME)
    }

    /// The entry made valid: I cleared. *From Linux*: `validate_pt_entry`, which warns once if it was
    /// valid already.
    #[inline]
    #[must_use]
    pub const fn validated(self) -> Self {
        Self(self.0 & !INVALID)
    }

    /// The entry made invalid: I set, all else stays. *From Linux*: `invalidate_pt_entry`, which warns
    /// once if it was invalid already. An unmap then clears P as well.
    #[inline]
    #[must_use]
    pub const fn invalidated(self) -> Self {
        Self(self.0 | INVALID)
    }

    /// The entry with P set or cleared. *From Linux*: `entry_set_protected`, `entry_clr_protected`.
    #[inline]
    #[must_use]
    pub const fn with_protection(self, protected: bool) -> Self {
        Self(self.0 & !PROTECT | if protected { PROTECT } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn map(entry: PageEntry, frame: u64, protected: bool) -> PageEntry {
        entry.with_frame(Phys::new(frame)).validated().with_protection(protected)
    }

    fn unmap(entry: PageEntry) -> PageEntry {
        entry.invalidated().with_protection(false)
    }

    #[test]
    fn the_life_of_one_entry_by_value() {
        let mut entry = PageEntry::UNUSED;
        let mut step = |next: fn(PageEntry) -> PageEntry, was_valid, bits| {
            assert_eq!(entry.is_valid(), was_valid);
            entry = next(entry);
            assert_eq!(entry.bits(), bits);
        };
        step(|e| map(e, 0x7fee_d000, false), false, 0x7fee_d000);
        step(|e| map(e, 0x1234_5000, true), true, 0x1234_5200);
        step(unmap, true, 0x1234_5400);
        step(unmap, false, 0x1234_5400);
        step(|e| map(e, 0, false), false, 0);
        step(unmap, true, 0x400);
        step(|e| map(e, 0, true), false, 0x200);
    }

    #[test]
    fn states_by_value() {
        assert_eq!(PageEntry::UNUSED.bits(), 0x400);
        assert!(PageEntry::from_bits(0).is_valid(), "address 0 is a page like any other");
        assert!(PageEntry::from_bits(0x20).is_valid(), "0x20 is no invalid bit here");
        assert_eq!(PageEntry::from_bits(0x7fee_dfff).frame(), Phys::new(0x7fee_d000));
    }

    #[test]
    fn updates_keep_all_other_bits() {
        for low in 0..0x1000 {
            let entry = PageEntry::from_bits(0x5000 | low);
            assert_eq!(entry.with_frame(Phys::new(0x9abc)).bits(), 0x9000 | low);
            assert_eq!(entry.invalidated().validated().bits(), 0x5000 | low & !0x400);
            assert_eq!(entry.with_protection(true).bits(), 0x5000 | low | 0x200);
        }
    }

    proptest! {
        #[test]
        fn meaning_comes_back(address: u64, protected: bool) {
            let frame = Phys::new(address & FRAME);
            let entry = PageEntry::mapping(frame).with_protection(protected);
            prop_assert!(entry.is_valid());
            prop_assert_eq!((entry.frame(), entry.is_protected()), (frame, protected));
            prop_assert_eq!(PageEntry::from_bits(entry.bits()), entry);
            prop_assert_eq!(entry.invalidated().frame(), frame);
        }
    }
}
