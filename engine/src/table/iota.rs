//! The I/O translation anchor: where a function's translation starts.

use serde::{Deserialize, Serialize};

use super::Level;
use super::word::{PROTECT, word};
use crate::addr::Phys;

const ORIGIN: u64 = !0x3fff;
const TRANSLATED: u64 = 0x800;

word! {
    /// The I/O translation anchor (IOTA): the doubleword that registering a translation hands to the
    /// machine (`MPCIFC`, operation "register I/O address translation").
    ///
    /// ```text
    ///  LSB-0  63                  14 13 12 11 10  9  8   5 4   2 1   0
    ///        +----------------------+-----+--+--+--+------+-----+-----+
    ///        |  root table origin   |  0  | T| 0| P| key  | DT  | FS  |
    ///        +----------------------+-----+--+--+--+------+-----+-----+
    ///  MSB-0  0                   49 50 51 52 53 54 55  58 59 61 62 63
    /// ```
    ///
    /// | part | mask | meaning |
    /// |---|---|---|
    /// | origin | `!0x3fff` | absolute address of the root table, a multiple of 16 KiB |
    /// | T | `0x800` | translate; 0 = identity ("relaxed translation") |
    /// | P | `0x200` | everything is read-only: *from QEMU*, Linux never sets it |
    /// | key | `0x1e0` | storage key, 0 in practice; its width is *assumed* |
    /// | DT | `0x1c` | what the origin designates: [`Designation`] |
    /// | FS | `0x3` | frame size of a direct designation: [`FrameSize`] |
    ///
    /// Source: `ZPCI_IOTA_*` and `enum zpci_ioat_dtype` of Linux's `asm/pci_dma.h`.
    ///
    /// ```
    /// use s390_iommu::{addr::Phys, table::{Designation, Iota, Level}};
    /// let iota = Iota::table(Phys::new(0x8a00_4000), Designation::RegionThird);
    /// assert_eq!(iota.bits(), 0x8a00_4804);
    /// assert_eq!(iota.root_level(), Some(Level::RegionThird));
    /// assert_eq!(Iota::IDENTITY.root_level(), None);
    /// ```
    Iota
}

/// What the origin of an [`Iota`] designates: its three-bit field DT.
///
/// Linux builds the three region designations only (before v6.16 just [`Self::RegionThird`], the one
/// QEMU accepts too). The rest is known by name from `enum zpci_ioat_dtype`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Designation {
    /// 0: a segment table, 31 address bits.
    Segment = 0,
    /// 1: a region-third table, 42 address bits.
    RegionThird = 1,
    /// 2: a region-second table, 53 address bits.
    RegionSecond = 2,
    /// 3: a region-first table, all 64 address bits.
    RegionFirst = 3,
    /// 4: no table but one frame, whose size is the [`FrameSize`].
    PageFrame = 4,
    /// 5: an I/O page frame; no known software builds it.
    IoPageFrame = 5,
    /// 6: nothing is known by this number.
    Undefined = 6,
    /// 7: a page table, 20 address bits (*assumed*); no known software builds it.
    IoPageTable = 7,
}

impl Designation {
    /// All eight, by number.
    pub const ALL: [Self; 8] = [
        Self::Segment,
        Self::RegionThird,
        Self::RegionSecond,
        Self::RegionFirst,
        Self::PageFrame,
        Self::IoPageFrame,
        Self::Undefined,
        Self::IoPageTable,
    ];

    /// The designation of a root table of this kind.
    pub const fn of(level: Level) -> Self {
        match level {
            Level::RegionFirst => Self::RegionFirst,
            Level::RegionSecond => Self::RegionSecond,
            Level::RegionThird => Self::RegionThird,
            Level::Segment => Self::Segment,
            Level::Page => Self::IoPageTable,
        }
    }
}

/// The frame size of a direct designation: the [`Iota`]'s two-bit field FS, 0 in a table designation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum FrameSize {
    /// 0: 4 KiB.
    Page = 0,
    /// 1: 1 MiB.
    Segment = 1,
    /// 2: 2 GiB.
    Region = 2,
    /// 3: nothing is known by this number.
    Undefined = 3,
}

impl Iota {
    /// No translation: addresses pass through. What Linux registers for an identity domain (v6.16+).
    pub const IDENTITY: Self = Self(0);

    /// Translation that starts at the table `root`, of the kind `designation` says.
    ///
    /// Address bits below 16 KiB are dropped; [`Self::from_bits`] keeps such a mistake.
    pub const fn table(root: Phys, designation: Designation) -> Self {
        Self(root.get() & ORIGIN | TRANSLATED | (designation as u64) << 2)
    }

    /// Whether addresses go through tables (T).
    #[inline]
    pub const fn is_translated(self) -> bool {
        self.0 & TRANSLATED != 0
    }

    /// Whether everything below is read-only (P).
    #[inline]
    pub const fn is_protected(self) -> bool {
        self.0 & PROTECT != 0
    }

    /// What the origin designates (DT), whether or not T is set.
    #[inline]
    pub const fn designation(self) -> Designation {
        Designation::ALL[(self.0 >> 2 & 7) as usize]
    }

    /// Frame size of a direct designation (FS).
    pub const fn frame_size(self) -> FrameSize {
        match self.0 & 3 {
            0 => FrameSize::Page,
            1 => FrameSize::Segment,
            2 => FrameSize::Region,
            _ => FrameSize::Undefined,
        }
    }

    /// Absolute address of the root: the word without its low 14 bits.
    ///
    /// QEMU clears only `0x804` instead, so that other low bits stay in its address: *from QEMU*.
    #[inline]
    pub const fn origin(self) -> Phys {
        Phys::new(self.0 & ORIGIN)
    }

    /// The low 14 bits.
    pub const fn flags(self) -> u64 {
        self.0 & !ORIGIN
    }

    /// The kind of the root table; none for identity or where DT is not one of the four kinds that
    /// Linux and QEMU define a walk for (segment and the regions).
    #[inline]
    pub const fn root_level(self) -> Option<Level> {
        if !self.is_translated() {
            return None;
        }
        match self.0 >> 2 & 7 {
            0 => Some(Level::Segment),
            1 => Some(Level::RegionThird),
            2 => Some(Level::RegionSecond),
            3 => Some(Level::RegionFirst),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn anchors_by_value() {
        let root = Phys::new(0x8a00_4000);
        let anchors = [
            (Level::Segment, 0x8a00_4800),
            (Level::RegionThird, 0x8a00_4804),
            (Level::RegionSecond, 0x8a00_4808),
            (Level::RegionFirst, 0x8a00_480c),
        ];
        for (level, bits) in anchors {
            let iota = Iota::table(root, Designation::of(level));
            assert_eq!(iota.bits(), bits);
            assert_eq!((iota.origin(), iota.root_level()), (root, Some(level)));
            assert_eq!(iota.flags(), bits & 0x3fff);
            assert!(iota.is_translated() && !iota.is_protected());
        }
        assert_eq!(Iota::IDENTITY.bits(), 0);
        assert!(!Iota::IDENTITY.is_translated());
    }

    #[test]
    fn the_direct_two_gibibyte_frame_is_0x812() {
        let iota = Iota::from_bits(0x812);
        assert_eq!(iota.designation(), Designation::PageFrame);
        assert_eq!(iota.frame_size(), FrameSize::Region);
        assert_eq!(iota.root_level(), None);
    }

    #[test]
    fn protection_and_a_misaligned_root_are_kept_in_the_bits() {
        let iota = Iota::from_bits(0x8a00_4a04);
        assert!(iota.is_protected());
        assert_eq!(iota.origin(), Phys::new(0x8a00_4000));
        assert_eq!(Iota::table(Phys::new(0x8a00_4a04), Designation::Segment).bits(), 0x8a00_4800);
    }

    proptest! {
        #[test]
        fn bits_come_back(bits: u64) {
            let iota = Iota::from_bits(bits);
            prop_assert_eq!(iota.bits(), bits);
            prop_assert_eq!(iota.origin().get() | iota.flags(), bits);
        }

        #[test]
        fn meaning_comes_back(root: u64, dt in 0_usize..8) {
            let designation = Designation::ALL[dt];
            let root = Phys::new(root & ORIGIN);
            let iota = Iota::table(root, designation);
            prop_assert_eq!((iota.origin(), iota.designation()), (root, designation));
            prop_assert!(iota.is_translated());
        }
    }
}
