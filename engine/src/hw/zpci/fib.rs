//! The function information block: operands of MPCIFC, result of STPCIFC.

use super::block::block;
use crate::addr::{Iova, IovaRange};
use crate::table::Iota;

block! {
    /// The function information block, 0x50 bytes.
    ///
    /// Source: `struct zpci_fib` of Linux's `asm/pci_insn.h`, and blocks seen in captures.
    ///
    /// ```
    /// use s390_iommu::addr::{Iova, IovaRange};
    /// use s390_iommu::hw::zpci::Fib;
    /// use s390_iommu::table::Iota;
    /// let range = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_3fff_ffff));
    /// let fib = Fib::register(range, Iota::from_bits(0x2cf_c804));
    /// assert_eq!(fib.bytes()[0x10..0x18], [0, 0, 0, 1, 0, 0, 0, 0]);
    /// assert_eq!(Fib::read(fib.bytes()), Some(fib));
    /// ```
    Fib: 0x50 {
        /// Format: 0, or 1 for directed interrupts.
        format, with_format: u8 = 0x00;
        /// Function controls: bits [`Self::ENABLED`] to [`Self::REGISTERED`].
        controls, with_controls: u8 = 0x08;
        /// First valid DMA address; its low twelve bits do not count.
        pba, with_pba: u64 = 0x10;
        /// Last valid DMA address; its low twelve bits do not count.
        pal, with_pal: u64 = 0x18;
        /// Anchor of the tables.
        iota, with_iota: u64 = 0x20;
        /// Interruption subclass, number of interrupts, offsets of bit vector and summary bit.
        interrupts, with_interrupts: u32 = 0x28;
        /// Address of the interrupt bit vector.
        bit_vector, with_bit_vector: u64 = 0x30;
        /// Address of the summary bit.
        summary, with_summary: u64 = 0x38;
        /// Address of the measurement block, 16-byte aligned; its low four bits are the key.
        measurement, with_measurement: u64 = 0x40;
        /// Designation of an interpreting guest, 0 otherwise.
        guest, with_guest: u32 = 0x4c;
    }
}

impl Fib {
    /// Function control: enabled.
    pub const ENABLED: u8 = 0x80;
    /// Function control: in error, DMA and interrupts are blocked.
    pub const ERROR: u8 = 0x40;
    /// Function control: load and store are blocked as well.
    pub const BLOCKED: u8 = 0x20;
    /// Function control: a translation is registered.
    pub const REGISTERED: u8 = 0x10;

    /// The block that registers this translation.
    pub fn register(range: IovaRange, iota: Iota) -> Self {
        Self::default().with_pba(range.start.get()).with_pal(range.last.get()).with_iota(iota.bits())
    }

    /// PBA to PAL as they are in the block.
    pub fn range(&self) -> IovaRange {
        IovaRange::new(Iova::new(self.pba()), Iova::new(self.pal()))
    }
}
