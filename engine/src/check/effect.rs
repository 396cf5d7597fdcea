//! What callers were told by an operation, in the words of this module.

use super::intent::{PageRange, Place};
use crate::addr::Phys;
use crate::ids::{DomainId, FunctionId, TableUse};

/// What an operation told its caller, or did to the machine behind everybody's back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing that concerns translation.
    None,
    /// A caller has a new domain.
    Allocated(DomainId),
    /// A domain is gone.
    Freed(DomainId),
    /// A function is somewhere else.
    Moved(FunctionId, Place),
    /// A function is gone, and with it what its DMA API had mapped.
    Gone(FunctionId),
    /// Pages are mapped.
    Mapped {
        /// Where.
        space: TableUse,
        /// Which.
        range: PageRange,
        /// The first one's frame.
        frame: Phys,
        /// The device may read.
        read: bool,
        /// The device may write.
        write: bool,
    },
    /// A map failed: nothing should have changed.
    MapFailed {
        /// Where.
        space: TableUse,
        /// What was asked for.
        range: PageRange,
    },
    /// Pages are unmapped.
    Unmapped {
        /// Where.
        space: TableUse,
        /// What was asked for.
        asked: PageRange,
        /// What was done of it, from its start on.
        done: PageRange,
        /// The machine may be told later.
        deferred: bool,
    },
    /// What was unmapped without a sync is due.
    Synced(TableUse),
    /// Memory was changed by hand.
    Poked,
}
