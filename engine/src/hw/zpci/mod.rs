//! The instructions that concern translation, and what they answer.

mod mpcifc;
mod rpcit;

pub use mpcifc::{Fib, Operation, mpcifc};
pub use rpcit::rpcit;

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an instruction answers: a condition code and, where it means something, a status.
///
/// ```
/// use s390_iommu::hw::zpci::Answer;
/// assert_eq!(Answer::new(1, 24).to_string(), "cc 1/24");
/// assert_eq!(Answer::OK.to_string(), "cc 0");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Answer {
    /// 0 done, 1 not done for the reason in the status, 2 busy, 3 the handle means nothing.
    pub cc: u8,
    /// The byte left in bits 32–39 (MSB-0) of the first operand.
    pub status: u8,
}

impl Answer {
    /// Done.
    pub const OK: Self = Self::new(0, 0);
    /// The handle is unknown, not enabled, or the function is gone.
    pub const INVALID_HANDLE: Self = Self::new(3, 0);
    /// RPCIT: nothing is registered, or the range lies outside (*from QEMU*, rpcit_service_call).
    pub const REFRESH_FAULT: Self = Self::new(1, 8);
    /// The operands are refused (*from QEMU*, reg_ioat).
    pub const INSUFFICIENT_RESOURCES: Self = Self::new(1, 16);
    /// Not allowed in this order: already registered, or not registered (*from QEMU*).
    pub const SEQUENCE: Self = Self::new(1, 24);
    /// The function is in error (*from Linux*, reg_ioat_propagate_error).
    pub const IN_ERROR: Self = Self::new(1, 40);

    /// The answer with this condition code and status.
    pub const fn new(cc: u8, status: u8) -> Self {
        Self { cc, status }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { cc, status: 0 } => write!(f, "cc {cc}"),
            Self { cc, status } => write!(f, "cc {cc}/{status}"),
        }
    }
}
