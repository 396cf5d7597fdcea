//! Addresses: what a device says ([`Iova`]), where memory is ([`Phys`]), and ranges of the former.
//!
//! Both are `u64` on every host (`usize` has 32 bits in WebAssembly). They turn into each other
//! only by translation, so neither converts into the other.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Bytes in a page, the only size Linux maps: 4 KiB.
pub const PAGE_SIZE: u64 = 0x1000;

macro_rules! address {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The address with this value; every `u64` is one.
            pub const fn new(value: u64) -> Self {
                Self(value)
            }

            /// Its value.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The start of the 4 KiB page that holds it.
            #[must_use]
            pub const fn page(self) -> Self {
                Self(self.0 & !(PAGE_SIZE - 1))
            }

            /// The address `bytes` further on, modulo 2^64 as in kernel arithmetic.
            #[must_use]
            pub const fn wrapping_add(self, bytes: u64) -> Self {
                Self(self.0.wrapping_add(bytes))
            }

            /// Whether it is a multiple of `size`, which must be a power of two.
            pub const fn is_aligned(self, size: u64) -> bool {
                self.0 & (size - 1) == 0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:#x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:#x})"), self.0)
            }
        }
    };
}

address! {
    /// An address as a PCI function uses it ("DMA address", "I/O virtual address"): 64 bits.
    ///
    /// ```
    /// use s390_iommu::addr::Iova;
    /// let iova = Iova::new(0x1_2345_6789);
    /// assert_eq!(iova.page(), Iova::new(0x1_2345_6000));
    /// assert_eq!(iova.to_string(), "0x123456789");
    /// ```
    Iova
}

address! {
    /// An absolute address of memory, where tables and data live.
    ///
    /// ```
    /// use s390_iommu::addr::Phys;
    /// assert!(Phys::new(0x8a00_4000).is_aligned(0x4000));
    /// ```
    Phys
}

/// A range of I/O virtual addresses whose **last byte is included**, as in `pba … pal`.
///
/// ```
/// use s390_iommu::addr::{Iova, IovaRange};
/// let range = IovaRange::new(Iova::new(0x1000), Iova::new(0x1fff));
/// assert!(range.contains(Iova::new(0x1fff)));
/// assert_eq!(range.to_string(), "0x1000..=0x1fff");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct IovaRange {
    /// First address inside.
    pub start: Iova,
    /// Last address inside.
    pub last: Iova,
}

impl IovaRange {
    /// The range from `start` to `last`, both inside; empty if `start > last`, which the kernel's own
    /// variables can be, so it is not an error here.
    pub const fn new(start: Iova, last: Iova) -> Self {
        Self { start, last }
    }

    /// Whether `iova` lies inside.
    pub fn contains(self, iova: Iova) -> bool {
        self.start <= iova && iova <= self.last
    }

    /// Whether the two ranges share an address.
    pub fn overlaps(self, other: Self) -> bool {
        self.start <= other.last && other.start <= self.last
    }

    /// `last - start + 1` in 64 bits: 0 for the whole address space, as the kernel computes it.
    pub const fn wrapping_len(self) -> u64 {
        self.last.get().wrapping_sub(self.start.get()).wrapping_add(1)
    }
}

impl fmt::Display for IovaRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..={}", self.start, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_space_has_a_length_of_zero() {
        assert_eq!(IovaRange::new(Iova::new(0), Iova::new(u64::MAX)).wrapping_len(), 0);
    }

    #[test]
    fn ranges_touch_only_where_they_share_an_address() {
        let range = |a, b| IovaRange::new(Iova::new(a), Iova::new(b));
        assert!(range(0, 0x1000).overlaps(range(0x1000, 0x2000)));
        assert!(!range(0, 0xfff).overlaps(range(0x1000, 0x2000)));
    }
}
