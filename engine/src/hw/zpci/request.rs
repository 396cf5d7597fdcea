//! The first operand of the instructions: which function, what about it, and the status that comes back.

use std::fmt;

/// The request word of MPCIFC, STPCIFC and RPCIT, 64 bits of one register.
///
/// | bits (LSB-0) | part |
/// |---|---|
/// | 63–32 | function handle |
/// | 31–24 | status, on return |
/// | 23–16 | address space |
/// | 7–0 | operation control (MPCIFC), length (PCILG, PCISTG) |
///
/// Source: `ZPCI_CREATE_REQ` of Linux's `asm/pci_io.h`.
///
/// ```
/// use s390_iommu::hw::zpci::Request;
/// let request = Request::new(0x8001_0002, 0, 4);
/// assert_eq!(request.bits(), 0x8001_0002_0000_0004);
/// assert_eq!(request.with_status(40).bits(), 0x8001_0002_2800_0004);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Request(u64);

impl Request {
    /// The word for a function, an address space and an operation.
    pub const fn new(handle: u32, space: u8, operation: u8) -> Self {
        Self((handle as u64) << 32 | (space as u64) << 16 | operation as u64)
    }

    /// The word with these bits.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// All 64 bits.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The function's handle.
    pub const fn handle(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The address space: of DMA, or the BAR of a load or store.
    pub const fn space(self) -> u8 {
        (self.0 >> 16) as u8
    }

    /// The operation control.
    pub const fn operation(self) -> u8 {
        self.0 as u8
    }

    /// The status that an instruction left.
    pub const fn status(self) -> u8 {
        (self.0 >> 24) as u8
    }

    /// The word as the instruction leaves it.
    #[must_use]
    pub const fn with_status(self, status: u8) -> Self {
        Self(self.0 & !(0xff << 24) | (status as u64) << 24)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({:#018x})", self.0)
    }
}
