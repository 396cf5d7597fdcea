//! Why a translation failed.

use std::fmt;

use serde::{Serialize, Serializer};

/// A kind of fault. The codes are those of PCI error events (*from QEMU*, ERR_EVENT names; Linux prints them as "pec").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// Nothing is registered for the function.
    InvalidAddressSpace,
    /// The address lies outside PBA to PAL, or beyond what the root translates.
    OutOfRange,
    /// The anchor does not designate a table that can be walked.
    TranslationFormat,
    /// A write to what is read-only at some level.
    Protection,
    /// An entry on the way is invalid.
    InvalidEntry,
    /// An entry says that the next table is shorter than a full one.
    TableLength,
    /// An entry belongs to a table of another kind.
    TableType,
    /// The function is in error or gone: its accesses are dropped and no event is made.
    Blocked,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::InvalidAddressSpace,
        Self::OutOfRange,
        Self::TranslationFormat,
        Self::Protection,
        Self::InvalidEntry,
        Self::TableLength,
        Self::TableType,
        Self::Blocked,
    ];

    /// The event's code; 0 where there is no event.
    ///
    /// ```
    /// assert_eq!(s390_iommu::hw::fault::FaultKind::Protection.code(), 4);
    /// ```
    pub const fn code(self) -> u16 {
        match self {
            Self::InvalidAddressSpace => 1,
            Self::OutOfRange => 2,
            Self::TranslationFormat => 3,
            Self::Protection => 4,
            Self::InvalidEntry => 7,
            Self::TableLength => 8,
            Self::TableType => 9,
            Self::Blocked => 0,
        }
    }

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidAddressSpace => "invalid-address-space",
            Self::OutOfRange => "out-of-range",
            Self::TranslationFormat => "translation-format",
            Self::Protection => "protection",
            Self::InvalidEntry => "invalid-entry",
            Self::TableLength => "table-length",
            Self::TableType => "table-type",
            Self::Blocked => "blocked",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What it means, and where to look.
    pub const fn explain(self) -> &'static str {
        match self {
            Self::InvalidAddressSpace => {
                "No translation is registered for the function. Look for the last deregistration, or for an attach that failed."
            }
            Self::OutOfRange => {
                "The address is outside the range that was registered, or beyond what the root table translates. Look at the \
                 function's start_dma and end_dma and at its reserved regions."
            }
            Self::TranslationFormat => {
                "The anchor does not name a kind of table that can be walked. Look at its designation type."
            }
            Self::Protection => {
                "A write met an entry that allows reads only: look for the protection bit at every level; one is enough. Where the machine \
                 shadows the tables (profiles zvm and qemu), a read or write of what is not in the shadow gets this too: look for the refresh \
                 that tells it."
            }
            Self::InvalidEntry => {
                "An entry on the way is invalid: the address was never mapped, or it was unmapped. An unmapped page entry still \
                 shows its old frame."
            }
            Self::TableLength => {
                "A region entry describes a table that is shorter than a full one. Linux never writes such an entry: the word was damaged."
            }
            Self::TableType => {
                "An entry carries the type of another level. Linux never writes such an entry: the word was damaged, or the anchor \
                 designates the wrong level."
            }
            Self::Blocked => {
                "The function is in error state or gone. Its accesses are dropped until it is recovered."
            }
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for FaultKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
