//! Entries of the three region tables.

use super::Level;
use super::word::{PROTECT, word};
use crate::addr::Phys;

const ORIGIN: u64 = !0x3fff;
const FORMAT: u64 = 0x400;
const OFFSET: u64 = 0xc0;
const INVALID: u64 = 0x20;
const TYPE: u64 = 0xc;
const LENGTH: u64 = 0x3;

word! {
    /// An entry of a region-first, region-second or region-third table.
    ///
    /// ```text
    ///  LSB-0  63                  14 13 11 10  9  8  7  6  5  4  3  2  1  0
    ///        +----------------------+-----+--+--+--+-----+--+--+-----+-----+
    ///        |  next table origin   |  0  |FC| P| 0| TF  | I| 0| TT  | TL  |
    ///        +----------------------+-----+--+--+--+-----+--+--+-----+-----+
    ///  MSB-0  0                   49 50 52 53 54 55 56 57 58 59 60 61 62 63
    /// ```
    ///
    /// | part | mask | meaning | Linux writes |
    /// |---|---|---|---|
    /// | origin | `!0x3fff` | address of the next table | that |
    /// | FC | `0x400` | 2 GiB frame in a region-third entry: *assumed* from CPU tables, QEMU ignores it | 0 |
    /// | P | `0x200` | read-only below | 0 |
    /// | TF | `0xc0` | leading quarters of the next table that are absent | 0 |
    /// | I | `0x20` | invalid | 1, then 0 for ever |
    /// | TT | `0xc` | type of *this* table: 3, 2, 1 | that |
    /// | TL | `0x3` | quarters of the next table that exist, minus one | 3 |
    ///
    /// Source: `ZPCI_RTE_*` and `ZPCI_TABLE_*` of Linux's `asm/pci_dma.h`.
    ///
    /// ```
    /// use s390_iommu::{addr::Phys, table::{Level, RegionEntry}};
    /// let entry = RegionEntry::table(Level::RegionThird, Phys::new(0x8a00_8000));
    /// assert_eq!(entry.bits(), 0x8a00_8007);
    /// assert!(entry.is_valid() && entry.is_full_length());
    /// ```
    RegionEntry
}

impl RegionEntry {
    /// What every entry of a new region table holds: 0x20.
    pub const INVALID: Self = Self(INVALID);

    /// A valid entry of a table of kind `level` that leads to the complete table at `origin`: the
    /// origin and 0xf, 0xb or 0x7. Address bits below 16 KiB are dropped.
    ///
    /// # Panics
    ///
    /// If `level` is not a region table.
    #[inline]
    pub const fn table(level: Level, origin: Phys) -> Self {
        Self::INVALID.with_origin(level, origin).validated()
    }

    /// Whether it may be used: I is clear. Says nothing about the other fields.
    #[inline]
    pub const fn is_valid(self) -> bool {
        self.0 & INVALID == 0
    }

    /// Absolute address of the next table.
    #[inline]
    pub const fn origin(self) -> Phys {
        Phys::new(self.0 & ORIGIN)
    }

    /// Whether everything below is read-only (P).
    #[inline]
    pub const fn is_protected(self) -> bool {
        self.0 & PROTECT != 0
    }

    /// The bit that would make a region-third entry map 2 GiB (FC): *assumed*, no walk here uses it.
    #[inline]
    pub const fn has_format_control(self) -> bool {
        self.0 & FORMAT != 0
    }

    /// The table type (TT), 0 to 3: 3 in a region-first, 2 in a region-second, 1 in a region-third table.
    #[inline]
    pub const fn table_type(self) -> u8 {
        ((self.0 & TYPE) >> 2) as u8
    }

    /// The length (TL), 0 to 3: quarters of the next table, minus one.
    #[inline]
    pub const fn length(self) -> u8 {
        (self.0 & LENGTH) as u8
    }

    /// The offset (TF), 0 to 3: leading quarters of the next table that are absent.
    #[inline]
    pub const fn offset(self) -> u8 {
        ((self.0 & OFFSET) >> 6) as u8
    }

    /// Whether it says that all 2048 entries of the next table exist: TF is 0 and TL is 3.
    #[inline]
    pub const fn is_full_length(self) -> bool {
        self.0 & (OFFSET | LENGTH) == LENGTH
    }

    /// Whether a walk through a table of kind `level` can go on: valid, of that type, and complete.
    /// One comparison; where it fails, the getters say why.
    #[inline]
    pub const fn leads_on(self, level: Level) -> bool {
        self.0 & (OFFSET | INVALID | TYPE | LENGTH) == (level.table_type() as u64) << 2 | LENGTH
    }

    /// The entry with another origin and the type of `level` added; its other low bits stay.
    /// *From Linux*: `set_rf_rso`, `set_rs_rto`, `set_rt_sto`.
    ///
    /// # Panics
    ///
    /// If `level` is not a region table.
    #[inline]
    #[must_use]
    pub const fn with_origin(self, level: Level, origin: Phys) -> Self {
        assert!(level.is_region(), "a region-table entry belongs to a region table");
        Self(self.0 & !ORIGIN | origin.get() & ORIGIN | (level.table_type() as u64) << 2)
    }

    /// The entry made valid and of full length: I and TF cleared, TL set.
    /// *From Linux*: `validate_rf_entry`, `validate_rs_entry`, `validate_rt_entry`.
    #[inline]
    #[must_use]
    pub const fn validated(self) -> Self {
        Self(self.0 & !(INVALID | OFFSET) | LENGTH)
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

    const REGIONS: [Level; 3] = [Level::RegionFirst, Level::RegionSecond, Level::RegionThird];

    #[test]
    fn entries_by_value() {
        let entry = |level, origin| RegionEntry::table(level, Phys::new(origin)).bits();
        assert_eq!(entry(Level::RegionThird, 0x8a00_8000), 0x8a00_8007);
        assert_eq!(entry(Level::RegionSecond, 0x9000_4000), 0x9000_400b);
        assert_eq!(entry(Level::RegionFirst, 0xa000_4000), 0xa000_400f);
        assert_eq!(RegionEntry::INVALID.bits(), 0x20);
        assert!(!RegionEntry::INVALID.is_valid());
    }

    #[test]
    fn an_update_keeps_the_bits_it_does_not_own() {
        let entry = RegionEntry::INVALID.with_origin(Level::RegionThird, Phys::new(0x8a00_bfff));
        assert_eq!(entry.bits(), 0x8a00_8024);
        assert_eq!(entry.validated().bits(), 0x8a00_8007);
        let odd = RegionEntry::from_bits(0x1_27f0);
        assert_eq!(odd.validated().bits(), 0x1_2713);
        assert_eq!(odd.validated().with_protection(false).bits(), 0x1_2513);
        assert_eq!(RegionEntry::from_bits(0x13).with_protection(true).bits(), 0x213);
    }

    #[test]
    fn malformed_entries_show_what_is_wrong() {
        let entry = |low: u64| RegionEntry::from_bits(0x8a00_8000 | low);
        assert!(!entry(0x4).is_full_length());
        assert_eq!((entry(0x47).offset(), entry(0x47).is_full_length()), (1, false));
        assert_eq!((entry(0xb).table_type(), entry(0xb).is_full_length()), (2, true));
        assert!(entry(0x407).has_format_control() && entry(0x207).is_protected());
    }

    #[test]
    fn all_low_bits_agree_with_the_one_comparison() {
        for bits in 0..0x4000 {
            let entry = RegionEntry::from_bits(bits);
            for level in REGIONS {
                let right = entry.is_valid()
                    && entry.table_type() == level.table_type()
                    && (entry.offset(), entry.length()) == (0, 3);
                assert_eq!(entry.leads_on(level), right, "{entry}");
            }
        }
    }

    proptest! {
        #[test]
        fn meaning_comes_back(origin: u64, level in 0_usize..3, protected: bool) {
            let (level, origin) = (REGIONS[level], Phys::new(origin & ORIGIN));
            let entry = RegionEntry::table(level, origin).with_protection(protected);
            prop_assert_eq!(entry.origin(), origin);
            prop_assert_eq!(entry.is_protected(), protected);
            prop_assert!(entry.leads_on(level));
            prop_assert_eq!(RegionEntry::from_bits(entry.bits()), entry);
        }
    }
}
