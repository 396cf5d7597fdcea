//! Table memory from dumps: read, walked, and checked.
//!
//! A [`MemoryImage`] knows which addresses a file holds and where in it they are; it keeps no copy of them. Whoever has the
//! file is a [`Source`]: bytes in memory, or a file that is read piece by piece. [`MemoryImage::open`] recognises the format
//! from the content; unpacking is the caller's part.
//!
//! | format | what it is | recognised by |
//! |---|---|---|
//! | records | table memory of a captured guest: addresses of eight bytes, each followed by 2048 bytes of memory | its length, and addresses that are multiples of 2048 |
//! | raw | memory as it is, from an address on that the caller knows | the caller says so by that address |
//! | ELF core | a dump of a machine, of which the loadable segments count | its first bytes |
//!
//! The tree of a dump is a [`Tree`](crate::tree::Tree), a walk is a [`DumpWalk`], and [`Lint`] looks for what no driver
//! would have left there.
//!
//! ```
//! use s390_iommu::addr::{Iova, Phys};
//! use s390_iommu::dump::{DumpWalk, MemoryImage};
//! use s390_iommu::hw::walk::Access;
//! use s390_iommu::table::Iota;
//!
//! // A segment table of which the first entry leads to a page table behind it.
//! let mut words = vec![0x20_u64; 2048];
//! words[0] = 0x1_4000;
//! words.extend([0x400; 256]);
//! words[2048 + 3] = 0x7fee_d000;
//! let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
//!
//! let image = MemoryImage::open(bytes, Some(Phys::new(0x1_0000)))?;
//! let walk = DumpWalk::of(&image, Iota::from_bits(0x1_0800), Iova::new(0x3123), Access::Read)?;
//! assert_eq!(walk.path.translation.map(|found| found.phys), Some(Phys::new(0x7fee_d123)));
//! # Ok::<(), s390_iommu::dump::DumpError>(())
//! ```

mod elf;
mod error;
mod image;
mod lint;
mod records;
mod walk;

pub use error::DumpError;
pub use image::{Format, MemoryImage, Segment, Source};
pub use lint::{Counts, Finding, Flaw, Lint, LintOptions, LintReport, lint};
pub use walk::DumpWalk;
