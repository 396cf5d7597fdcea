//! The format of the translation tables: bits on one side, meaning on the other.
//!
//! A PCI function's DMA address is turned into an absolute address through up to five kinds of
//! table. The function's registration ([`Iota`]) names the root; every entry on the way down is one
//! 64-bit word, big-endian in memory:
//!
//! | table | entry | one entry covers |
//! |---|---|---|
//! | region-first, -second, -third | [`RegionEntry`] | 8 PiB, 4 TiB, 2 GiB |
//! | segment | [`SegmentEntry`] | 1 MiB |
//! | page | [`PageEntry`] | 4 KiB |
//!
//! This module neither reads memory nor walks: it says what words mean and makes words from
//! meaning. Unknown bits are kept, so a word that goes through these types comes back unchanged.
//! [`decode`](fn@decode) explains any word in prose.
//!
//! Sources: the constants `ZPCI_*` of Linux's `asm/pci_dma.h`, and what QEMU's `s390-pci-bus.c`
//! accepts. The architecture document itself is not public.
//!
//! ```
//! use s390_iommu::addr::Phys;
//! use s390_iommu::table::{Designation, Iota, Level, PageEntry, RegionEntry, SegmentEntry};
//!
//! let iota = Iota::table(Phys::new(0x8a00_4000), Designation::RegionThird);
//! let region = RegionEntry::table(Level::RegionThird, Phys::new(0x8a00_8000));
//! let segment = SegmentEntry::table(Phys::new(0x8a01_0800));
//! let page = PageEntry::mapping(Phys::new(0x7fee_d000)).with_protection(true);
//! let words = [iota.bits(), region.bits(), segment.bits(), page.bits()];
//! assert_eq!(words, [0x8a00_4804, 0x8a00_8007, 0x8a01_0800, 0x7fee_d200]);
//! ```

mod decode;
mod index;
mod iota;
mod level;
mod page;
mod region;
mod segment;
mod word;

pub use decode::{Decoded, Field, UnknownWordKind, WordKind, decode};
pub use index::IovaSplit;
pub use iota::{Designation, FrameSize, Iota};
pub use level::Level;
pub use page::PageEntry;
pub use region::RegionEntry;
pub use segment::SegmentEntry;
