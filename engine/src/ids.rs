//! Who: PCI functions and domains by number, in order of creation.
//!
//! Numbers have a full word: they travel through every step of the driver, and narrower ones cost it dearly.

use serde::{Deserialize, Serialize};

/// A PCI function: index in order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FunctionId(pub u32);

/// A domain: index in order of allocation; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DomainId(pub u32);

impl FunctionId {
    /// As an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl DomainId {
    /// As an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
