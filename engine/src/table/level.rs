//! The five kinds of table and their geometry.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::addr::{Iova, Phys};

/// A kind of table, ordered from the one nearest the root to the one that holds pages.
///
/// Geometry from Linux's `asm/pci_dma.h` (`ZPCI_TABLE_*`, `ZPCI_PT_*`, `ZPCI_RF_SHIFT` …).
///
/// ```
/// use s390_iommu::{addr::Iova, table::Level};
/// assert_eq!(Level::Segment.index(Iova::new(0x1_2345_6789)), 0x234);
/// assert_eq!(Level::Segment.child(), Some(Level::Page));
/// assert_eq!(Level::Page.bytes(), 0x800);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Level {
    /// Region-first table: 2048 entries of 8 PiB.
    RegionFirst,
    /// Region-second table: 2048 entries of 4 TiB.
    RegionSecond,
    /// Region-third table: 2048 entries of 2 GiB.
    RegionThird,
    /// Segment table: 2048 entries of 1 MiB.
    Segment,
    /// Page table: 256 entries of 4 KiB.
    Page,
}

impl Level {
    /// All kinds, from the root downwards.
    pub const ALL: [Self; 5] =
        [Self::RegionFirst, Self::RegionSecond, Self::RegionThird, Self::Segment, Self::Page];

    /// Entries in one table: 2048, or 256 in a page table.
    #[inline]
    pub const fn entries(self) -> usize {
        match self {
            Self::Page => 256,
            _ => 2048,
        }
    }

    /// Bytes in one table: 16 KiB, or 2 KiB for a page table.
    #[inline]
    pub const fn bytes(self) -> u64 {
        self.entries() as u64 * 8
    }

    /// What a table's address must be a multiple of, in bytes: its own size.
    #[inline]
    pub const fn alignment(self) -> u64 {
        self.bytes()
    }

    /// log2 of the bytes that one entry covers: where its index starts in the address.
    #[inline]
    pub const fn shift(self) -> u32 {
        match self {
            Self::RegionFirst => 53,
            Self::RegionSecond => 42,
            Self::RegionThird => 31,
            Self::Segment => 20,
            Self::Page => 12,
        }
    }

    /// Bytes of I/O virtual address space that one entry covers.
    #[inline]
    pub const fn covers(self) -> u64 {
        1 << self.shift()
    }

    /// The last address that a walk starting at a table of this kind can express.
    ///
    /// ```
    /// use s390_iommu::{addr::Iova, table::Level};
    /// assert_eq!(Level::RegionThird.last_iova(), Iova::new(0x3ff_ffff_ffff));
    /// assert_eq!(Level::RegionFirst.last_iova(), Iova::new(u64::MAX));
    /// ```
    #[inline]
    pub const fn last_iova(self) -> Iova {
        Iova::new(match self {
            Self::RegionFirst => u64::MAX,
            _ => self.covers() * self.entries() as u64 - 1,
        })
    }

    /// Where in a table of this kind the walk for `iova` looks; always less than [`Self::entries`].
    #[inline]
    pub const fn index(self, iova: Iova) -> usize {
        (iova.get() >> self.shift()) as usize & (self.entries() - 1)
    }

    /// The absolute address of the entry for `iova` in the table at `origin`.
    ///
    /// ```
    /// use s390_iommu::{addr::{Iova, Phys}, table::Level};
    /// let entry = Level::Page.entry_address(Phys::new(0x8a01_0800), Iova::new(0x1_2345_6789));
    /// assert_eq!(entry, Phys::new(0x8a01_0ab0));
    /// ```
    #[inline]
    pub const fn entry_address(self, origin: Phys, iova: Iova) -> Phys {
        origin.wrapping_add(self.index(iova) as u64 * 8)
    }

    /// The kind of table that a valid entry of this one leads to; none below a page table.
    #[inline]
    pub const fn child(self) -> Option<Self> {
        match self {
            Self::RegionFirst => Some(Self::RegionSecond),
            Self::RegionSecond => Some(Self::RegionThird),
            Self::RegionThird => Some(Self::Segment),
            Self::Segment => Some(Self::Page),
            Self::Page => None,
        }
    }

    /// The table-type number that an entry of this kind carries: 3, 2, 1 for regions, 0 for segments.
    /// Page-table entries have no such field; they give 0 too.
    #[inline]
    pub const fn table_type(self) -> u8 {
        match self {
            Self::RegionFirst => 3,
            Self::RegionSecond => 2,
            Self::RegionThird => 1,
            Self::Segment | Self::Page => 0,
        }
    }

    /// Whether it is one of the three region tables.
    #[inline]
    pub const fn is_region(self) -> bool {
        matches!(self, Self::RegionFirst | Self::RegionSecond | Self::RegionThird)
    }

    /// What every entry of a new table holds: 0x20, or 0x400 in a page table.
    #[inline]
    pub const fn invalid_entry(self) -> u64 {
        match self {
            Self::Page => 0x400,
            _ => 0x20,
        }
    }

    /// Its name in running text: `region-first` … `page`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RegionFirst => "region-first",
            Self::RegionSecond => "region-second",
            Self::RegionThird => "region-third",
            Self::Segment => "segment",
            Self::Page => "page",
        }
    }

    /// Two letters for narrow columns: `RF`, `RS`, `RT`, `ST`, `PT`.
    pub const fn short(self) -> &'static str {
        match self {
            Self::RegionFirst => "RF",
            Self::RegionSecond => "RS",
            Self::RegionThird => "RT",
            Self::Segment => "ST",
            Self::Page => "PT",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometry_is_that_of_the_kernel_headers() {
        for level in Level::ALL {
            let page = level == Level::Page;
            assert_eq!(level.bytes(), if page { 0x800 } else { 0x4000 }, "{level}");
            assert_eq!(level.alignment(), level.bytes());
            assert_eq!(level.invalid_entry(), if page { 0x400 } else { 0x20 }, "{level}");
        }
        assert_eq!(Level::ALL.map(Level::shift), [53, 42, 31, 20, 12]);
    }

    #[test]
    fn a_child_table_covers_exactly_one_entry_of_its_parent() {
        for level in Level::ALL {
            if let Some(child) = level.child() {
                assert!(child > level);
                assert_eq!(child.covers() * child.entries() as u64, level.covers());
                assert_eq!(child.last_iova().get(), level.covers() - 1);
            }
        }
    }

    #[test]
    fn coverage_by_root() {
        let lasts = Level::ALL.map(|level| level.last_iova().get());
        assert_eq!(lasts, [u64::MAX, 0x1f_ffff_ffff_ffff, 0x3ff_ffff_ffff, 0x7fff_ffff, 0xf_ffff]);
    }
}
