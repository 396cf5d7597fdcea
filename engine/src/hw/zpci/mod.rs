//! The instructions that concern translation, and what they answer.

mod block;
pub mod clp;
mod fib;
mod load;
mod mpcifc;
mod request;
mod rpcit;
mod stpcifc;

pub(super) use block::byte_block;
pub use fib::Fib;
pub use load::load_store;
pub use mpcifc::{Operation, mpcifc};
pub use request::Request;
pub use rpcit::{REFRESH_LIMIT, Refresh, rpcit, rpcit_watched};
pub use stpcifc::stpcifc;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::event::ErrorEvent;

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
    /// RPCIT: the shadow of a hypervisor has no room (*from Linux*, zpci_refresh_trans).
    pub const RESOURCES_NOT_AVAILABLE: Self = Self::new(1, 4);
    /// RPCIT: nothing is registered, the range lies outside, or the tables are wrong (*from QEMU*, *observed*).
    pub const REFRESH_FAULT: Self = Self::new(1, 8);
    /// PCILG, PCISTG: the function is in error (*from QEMU*; condition code *observed*).
    pub const LOAD_BLOCKED: Self = Self::new(1, 12);
    /// The operands are refused (*from QEMU*, reg_ioat), or a refresh has no room.
    pub const INSUFFICIENT_RESOURCES: Self = Self::new(1, 16);
    /// Not allowed in this order: already registered, or not registered (*from QEMU*).
    pub const SEQUENCE: Self = Self::new(1, 24);
    /// There is no such address space (*from QEMU*).
    pub const INVALID_SPACE: Self = Self::new(1, 28);
    /// The function is in error (*from Linux*, reg_ioat_propagate_error; *observed* for RPCIT).
    pub const IN_ERROR: Self = Self::new(1, 40);

    /// Every answer that instructions give here.
    pub const ALL: [Self; 10] = [
        Self::OK,
        Self::RESOURCES_NOT_AVAILABLE,
        Self::REFRESH_FAULT,
        Self::LOAD_BLOCKED,
        Self::INSUFFICIENT_RESOURCES,
        Self::SEQUENCE,
        Self::INVALID_SPACE,
        Self::IN_ERROR,
        Self::new(2, 0),
        Self::INVALID_HANDLE,
    ];

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

/// What an instruction answers, and the error event it caused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Condition code and status.
    pub answer: Answer,
    /// The event: the function is in error then, unless it is about measurements.
    pub event: Option<ErrorEvent>,
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        Self { answer, event: None }
    }
}

/// An instruction that ends in a program interruption instead of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {
    /// An operand's value is not allowed: an operation control or a format that does not exist, lengths that do not fit.
    Operand,
}
