//! How an I/O virtual address falls apart into one index per table and an offset.

use serde::{Deserialize, Serialize};

use super::Level;
use crate::addr::Iova;

/// The parts of an I/O virtual address.
///
/// ```text
///  LSB-0  63     53 52     42 41     31 30     20 19   12 11       0
///        +---------+---------+---------+---------+-------+----------+
///        |   rfx   |   rsx   |   rtx   |   sx    |  px   |  offset  |
///        +---------+---------+---------+---------+-------+----------+
///  MSB-0  0      10 11     21 22     32 33     43 44   51 52      63
/// ```
///
/// Four indices of 11 bits, one of 8, and the byte within the page (`ZPCI_INDEX_MASK`,
/// `ZPCI_PT_MASK` and the shifts of Linux's `asm/pci_dma.h`).
///
/// ```
/// use s390_iommu::{addr::Iova, table::IovaSplit};
/// let parts = IovaSplit::split(Iova::new(0x1_2345_6789));
/// assert_eq!((parts.rtx, parts.sx, parts.px, parts.offset), (2, 0x234, 0x56, 0x789));
/// assert_eq!(parts.join(), Iova::new(0x1_2345_6789));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct IovaSplit {
    /// Index into the region-first table, 0 to 0x7ff.
    pub rfx: u16,
    /// Index into the region-second table, 0 to 0x7ff.
    pub rsx: u16,
    /// Index into the region-third table, 0 to 0x7ff.
    pub rtx: u16,
    /// Index into the segment table, 0 to 0x7ff.
    pub sx: u16,
    /// Index into the page table, 0 to 0xff.
    pub px: u16,
    /// Byte within the 4 KiB page, 0 to 0xfff.
    pub offset: u16,
}

impl IovaSplit {
    /// The parts of `iova`.
    pub const fn split(iova: Iova) -> Self {
        Self {
            rfx: Level::RegionFirst.index(iova) as u16,
            rsx: Level::RegionSecond.index(iova) as u16,
            rtx: Level::RegionThird.index(iova) as u16,
            sx: Level::Segment.index(iova) as u16,
            px: Level::Page.index(iova) as u16,
            offset: (iova.get() & 0xfff) as u16,
        }
    }

    /// The address with these parts; bits too many for a part are dropped.
    pub const fn join(self) -> Iova {
        let offset = self.offset as u64 & 0xfff;
        let mut address = offset;
        let mut i = 0;
        while i < Level::ALL.len() {
            let level = Level::ALL[i];
            let index = self.index(level) as u64 & (level.entries() as u64 - 1);
            address |= index << level.shift();
            i += 1;
        }
        Iova::new(address)
    }

    /// The part that indexes a table of this kind.
    pub const fn index(self, level: Level) -> usize {
        (match level {
            Level::RegionFirst => self.rfx,
            Level::RegionSecond => self.rsx,
            Level::RegionThird => self.rtx,
            Level::Segment => self.sx,
            Level::Page => self.px,
        }) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_split_by_value() {
        let vectors: [(u64, [u16; 6]); 19] = [
            (0x0, [0, 0, 0, 0, 0, 0]),
            (0xfff, [0, 0, 0, 0, 0, 0xfff]),
            (0x1000, [0, 0, 0, 0, 1, 0]),
            (0xf_ffff, [0, 0, 0, 0, 0xff, 0xfff]),
            (0x10_0000, [0, 0, 0, 1, 0, 0]),
            (0x7fff_ffff, [0, 0, 0, 0x7ff, 0xff, 0xfff]),
            (0x8000_0000, [0, 0, 1, 0, 0, 0]),
            (0xffff_ffff, [0, 0, 1, 0x7ff, 0xff, 0xfff]),
            (0x1_0000_0000, [0, 0, 2, 0, 0, 0]),
            (0x1_000f_f000, [0, 0, 2, 0, 0xff, 0]),
            (0x1_2345_6789, [0, 0, 2, 0x234, 0x56, 0x789]),
            (0x1_ffff_ffff, [0, 0, 3, 0x7ff, 0xff, 0xfff]),
            (0x3ff_ffff_ffff, [0, 0, 0x7ff, 0x7ff, 0xff, 0xfff]),
            (0x400_0000_0000, [0, 1, 0, 0, 0, 0]),
            (0x1f_ffff_ffff_ffff, [0, 0x7ff, 0x7ff, 0x7ff, 0xff, 0xfff]),
            (0x20_0000_0000_0000, [1, 0, 0, 0, 0, 0]),
            (0xc_3210_8765_4abc, [0, 0x30c, 0x421, 0x76, 0x54, 0xabc]),
            (0xfedc_ba98_7654_3210, [0x7f6, 0x72e, 0x530, 0x765, 0x43, 0x210]),
            (u64::MAX, [0x7ff, 0x7ff, 0x7ff, 0x7ff, 0xff, 0xfff]),
        ];
        for (address, [rfx, rsx, rtx, sx, px, offset]) in vectors {
            let parts = IovaSplit { rfx, rsx, rtx, sx, px, offset };
            assert_eq!(IovaSplit::split(Iova::new(address)), parts, "{address:#x}");
            assert_eq!(parts.join(), Iova::new(address));
        }
    }

    proptest! {
        #[test]
        fn splitting_and_joining_lose_nothing(address: u64) {
            let parts = IovaSplit::split(Iova::new(address));
            prop_assert_eq!(parts.join(), Iova::new(address));
            for level in Level::ALL {
                prop_assert_eq!(parts.index(level), level.index(Iova::new(address)));
            }
        }
    }
}
