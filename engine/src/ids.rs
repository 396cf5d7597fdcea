//! Who: PCI functions and domains by number, in order of creation.
//!
//! Numbers have a full word: they travel through every step of the driver, and narrower ones cost it dearly.

use serde::{Deserialize, Serialize};

/// A PCI function: index in order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FunctionId(pub u32);

/// A domain: index in order of allocation, never reused; or one of the static ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DomainId(pub u32);

/// Whose tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TableUse {
    /// A domain's.
    Domain(DomainId),
    /// The DMA API's, for this function.
    DmaApi(FunctionId),
}

impl FunctionId {
    /// As an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl DomainId {
    /// The static blocking domain: no address reaches memory.
    pub const BLOCKING: Self = Self(u32::MAX);
    /// The static identity domain: addresses untranslated.
    pub const IDENTITY: Self = Self(u32::MAX - 1);

    /// Static domains are never allocated and have no tables.
    pub const fn is_static(self) -> bool {
        self.0 >= Self::IDENTITY.0
    }

    /// The static domain with this name.
    pub fn static_named(name: &str) -> Option<Self> {
        match name {
            "blocking" => Some(Self::BLOCKING),
            "identity" => Some(Self::IDENTITY),
            _ => None,
        }
    }

    /// As an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A group of the IOMMU core: index in order of allocation; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GroupId(pub u32);

impl GroupId {
    /// As an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
