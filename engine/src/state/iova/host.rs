//! What lies between the allocator and the kernel around it.

use crate::addr::Iova;
use crate::state::faults::Faults;

/// What an operation needs from the kernel around it.
#[derive(Debug)]
pub struct Host<'a> {
    /// The CPU that calls.
    pub cpu: u16,
    /// Which of the possible CPUs are online.
    pub online: &'a [bool],
    /// Which allocations fail.
    pub faults: &'a mut Faults,
    /// Told in order what happens.
    pub effects: &'a mut Vec<Effect>,
}

/// What an operation does to the world outside the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The whole domain is flushed.
    Flush,
    /// The flush queue gives a range back.
    Free {
        /// Where it begins.
        iova: Iova,
        /// Its size as it was queued.
        bytes: u64,
    },
    /// A timer is to be armed; it is not armed already.
    Arm {
        /// Which.
        timer: Timer,
        /// Milliseconds from now.
        delay: u64,
    },
    /// The depot of an order was looked at.
    Depot {
        /// Log2 of pages.
        order: u32,
        /// Whether there was a magazine too many, which was given back.
        released: bool,
    },
    /// A kernel warning: a cached range is not in use.
    UnknownRange,
}

/// A timer of a domain. Whoever has the clock calls [`IovaDomain::expire`](super::domain::IovaDomain::expire).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// The flush queue's.
    Queue,
    /// The work that looks at the depot of this order.
    Depot(u32),
}

/// There was no memory for the domain (`-ENOMEM`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;
