//! Entries of a segment table.

use super::word::{PROTECT, word};
use crate::addr::Phys;

const ORIGIN: u64 = !0x7ff;
const FRAME: u64 = !0xf_ffff;
const FORMAT: u64 = 0x400;
const INVALID: u64 = 0x20;
const TYPE: u64 = 0xc;

word! {
    /// An entry of a segment table: a page table, or one frame of 1 MiB.
    ///
    /// ```text
    ///  LSB-0  63                       11 10  9  8     6  5  4  3  2  1  0
    ///        +---------------------------+--+--+--------+--+--+-----+-----+
    ///        |     page table origin     |FC| P|   0    | I| 0| TT  |  0  |
    ///        +---------------------------+--+--+--------+--+--+-----+-----+
    ///  MSB-0  0                        52 53 54 55    57 58 59 60 61 62 63
    /// ```
    ///
    /// | part | mask | meaning | Linux writes |
    /// |---|---|---|---|
    /// | origin | `!0x7ff` | address of the page table | that |
    /// | FC | `0x400` | the entry maps the 1 MiB frame at `!0xfffff` itself | 0 |
    /// | P | `0x200` | read-only below | 0 |
    /// | I | `0x20` | invalid | 1, then 0 for ever |
    /// | TT | `0xc` | must be 0 | 0 |
    ///
    /// Bit `0x400` is a trap: in a page-table entry it means *invalid*.
    /// Sources: `ZPCI_STE_*` of Linux's `asm/pci_dma.h`; FC *from QEMU* (`ZPCI_TABLE_FC`).
    ///
    /// ```
    /// use s390_iommu::{addr::Phys, table::SegmentEntry};
    /// assert_eq!(SegmentEntry::table(Phys::new(0x8a01_0800)).bits(), 0x8a01_0800);
    /// let large = SegmentEntry::mapping(Phys::new(0x7fe0_0000));
    /// assert_eq!(large.bits(), 0x7fe0_0400);
    /// assert!(large.is_frame());
    /// ```
    SegmentEntry
}

impl SegmentEntry {
    /// What every entry of a new segment table holds: 0x20.
    pub const INVALID: Self = Self(INVALID);

    /// A valid entry that leads to the page table at `origin`. Address bits below 2 KiB are dropped.
    #[inline]
    pub const fn table(origin: Phys) -> Self {
        Self(origin.get() & ORIGIN)
    }

    /// A valid entry that maps the 1 MiB frame at `frame` for reading and writing. Address bits
    /// below 1 MiB are dropped. Linux never writes one.
    #[inline]
    pub const fn mapping(frame: Phys) -> Self {
        Self(frame.get() & FRAME | FORMAT)
    }

    /// Whether it may be used: I is clear. Says nothing about the other fields.
    #[inline]
    pub const fn is_valid(self) -> bool {
        self.0 & INVALID == 0
    }

    /// Absolute address of the page table, if it is not a frame.
    #[inline]
    pub const fn origin(self) -> Phys {
        Phys::new(self.0 & ORIGIN)
    }

    /// Whether it maps 1 MiB itself (FC).
    #[inline]
    pub const fn is_frame(self) -> bool {
        self.0 & FORMAT != 0
    }

    /// Absolute address of the 1 MiB frame, if it is one.
    #[inline]
    pub const fn frame(self) -> Phys {
        Phys::new(self.0 & FRAME)
    }

    /// Whether everything below is read-only (P).
    #[inline]
    pub const fn is_protected(self) -> bool {
        self.0 & PROTECT != 0
    }

    /// The table type (TT), 0 to 3: right only if 0.
    #[inline]
    pub const fn table_type(self) -> u8 {
        ((self.0 & TYPE) >> 2) as u8
    }

    /// Whether a walk can go on, to a page table or a frame: valid and of the right type.
    #[inline]
    pub const fn leads_on(self) -> bool {
        self.0 & (INVALID | TYPE) == 0
    }

    /// The entry with another page table; its other low bits stay. *From Linux*: `set_st_pto`.
    #[inline]
    #[must_use]
    pub const fn with_origin(self, origin: Phys) -> Self {
        Self(self.0 & !ORIGIN | origin.get() & ORIGIN)
    }

    /// The entry made valid: I cleared. *From Linux*: `validate_st_entry`.
    #[inline]
    #[must_use]
    pub const fn validated(self) -> Self {
        Self(self.0 & !INVALID)
    }

    /// The entry with P set or cleared; Linux only ever clears it here (`entry_clr_protected`).
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

    #[test]
    fn entries_by_value() {
        assert_eq!(SegmentEntry::table(Phys::new(0x8a01_0800)).bits(), 0x8a01_0800);
        let large = SegmentEntry::from_bits(0x7fe0_0600);
        assert!(large.is_frame() && large.is_protected() && large.leads_on());
        assert_eq!(large.frame(), Phys::new(0x7fe0_0000));
        assert_eq!(SegmentEntry::mapping(large.frame()).with_protection(true), large);
        assert_eq!(SegmentEntry::INVALID.bits(), 0x20);
        assert!(!SegmentEntry::INVALID.is_valid());
    }

    #[test]
    fn an_update_keeps_the_bits_it_does_not_own() {
        let entry = SegmentEntry::INVALID.with_origin(Phys::new(0x8a01_0fff));
        assert_eq!(entry.bits(), 0x8a01_0820);
        assert_eq!(entry.validated(), SegmentEntry::table(Phys::new(0x8a01_0800)));
        let odd = SegmentEntry::from_bits(0x17f3);
        assert_eq!(odd.validated().bits(), 0x17d3);
        assert_eq!(odd.with_protection(false).bits(), 0x15f3);
    }

    #[test]
    fn all_low_bits_agree_with_the_one_comparison() {
        for bits in 0..0x800 {
            let entry = SegmentEntry::from_bits(bits);
            assert_eq!(entry.leads_on(), entry.is_valid() && entry.table_type() == 0, "{entry}");
        }
        assert_eq!(SegmentEntry::from_bits(0x8a01_0804).table_type(), 1);
    }

    proptest! {
        #[test]
        fn meaning_comes_back(address: u64, protected: bool) {
            let (origin, frame) = (Phys::new(address & ORIGIN), Phys::new(address & FRAME));
            let table = SegmentEntry::table(origin).with_protection(protected);
            prop_assert_eq!((table.origin(), table.is_frame()), (origin, false));
            let large = SegmentEntry::mapping(frame).with_protection(protected);
            prop_assert_eq!((large.frame(), large.is_frame()), (frame, true));
            for entry in [table, large] {
                prop_assert!(entry.leads_on() && entry.is_protected() == protected);
                prop_assert_eq!(SegmentEntry::from_bits(entry.bits()), entry);
            }
        }
    }
}
