//! What can be wrong with tables, each kind with a code.

use serde::{Serialize, Serializer};

/// A kind of finding. Codes are assigned once and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// An entry leads to a table of which this memory lacks a part.
    Dangling,
    /// Memory of a table is already a table.
    UsedTwice,
    /// An entry carries the type of another level.
    WrongType,
    /// An entry describes a table that is shorter than a full one.
    NotFullLength,
    /// Bits are set that have no meaning there, or that nothing known sets.
    ReservedBits,
    /// A frame lies where the machine has no memory.
    OutsideMemory,
    /// Addresses outside of PBA to PAL are mapped.
    OutsideRange,
    /// An address lacks the alignment that its table or frame has to have.
    Unaligned,
    /// A valid entry without an origin.
    NoOrigin,
    /// Two addresses lead to one frame.
    Alias,
    /// An entry above the page entries forbids writing.
    ProtectedAbove,
    /// There is more than was looked at.
    Incomplete,
}

impl Flaw {
    /// All, by code.
    pub const ALL: [Self; 12] = [
        Self::Dangling,
        Self::UsedTwice,
        Self::WrongType,
        Self::NotFullLength,
        Self::ReservedBits,
        Self::OutsideMemory,
        Self::OutsideRange,
        Self::Unaligned,
        Self::NoOrigin,
        Self::Alias,
        Self::ProtectedAbove,
        Self::Incomplete,
    ];

    /// Its code: `T001` and so on.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dangling => "T001",
            Self::UsedTwice => "T002",
            Self::WrongType => "T003",
            Self::NotFullLength => "T004",
            Self::ReservedBits => "T005",
            Self::OutsideMemory => "T006",
            Self::OutsideRange => "T007",
            Self::Unaligned => "T008",
            Self::NoOrigin => "T009",
            Self::Alias => "T010",
            Self::ProtectedAbove => "T011",
            Self::Incomplete => "T012",
        }
    }

    /// Whether it may be in order: it is told, and nothing more.
    pub const fn is_note(self) -> bool {
        matches!(self, Self::Alias | Self::ProtectedAbove | Self::Incomplete)
    }

    /// In a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Dangling => "A table that is not there",
            Self::UsedTwice => "A table used twice",
            Self::WrongType => "An entry of another level",
            Self::NotFullLength => "A table that is not of full length",
            Self::ReservedBits => "Bits without meaning",
            Self::OutsideMemory => "A frame outside of memory",
            Self::OutsideRange => "A mapping outside of the function's range",
            Self::Unaligned => "An address that is not aligned",
            Self::NoOrigin => "A valid entry without a table",
            Self::Alias => "Two addresses of one frame",
            Self::ProtectedAbove => "Protection above the page entries",
            Self::Incomplete => "More than was looked at",
        }
    }

    /// What it means.
    pub const fn explain(self) -> &'static str {
        match self {
            Self::Dangling => {
                "An entry leads to a table of which the dump lacks a part. Either the dump is incomplete, or the entry was \
                 damaged, or the table was given back and the entry stayed."
            }
            Self::UsedTwice => {
                "Two entries lead to the same table memory, or a table lies across another one. Linux gives each entry a table \
                 of its own, so one of the entries was damaged, or a table was given back while it was in use. What is below \
                 is looked at once, for the first entry."
            }
            Self::WrongType => {
                "The entry's type field is that of another level; the machine stops there with error event 0x9. Look whether \
                 the anchor designates the right level, and whether the memory is a table at all."
            }
            Self::NotFullLength => {
                "The entry says that quarters of the next table are missing. No Linux writes such an entry, and the machine as \
                 modelled stops there with error event 0x8."
            }
            Self::ReservedBits => {
                "Bits are set that mean nothing there, or that no Linux sets there. The walk goes on; the word was damaged, or \
                 the memory is no table."
            }
            Self::OutsideMemory => {
                "The frame is at an absolute address where the machine has no memory: the device would get an error, or somebody \
                 else's memory. Look at who made the mapping."
            }
            Self::OutsideRange => {
                "The tables translate addresses that the function may not use: the machine refuses them with error event 0x2 \
                 before it looks at any table. They are left over from another function of the domain, or its aperture is wider."
            }
            Self::Unaligned => {
                "Low bits of an origin or of a frame's address are set, and the machine takes no notice of them: it uses another \
                 address than the word seems to say."
            }
            Self::NoOrigin => {
                "The entry is valid and leads to address 0: most often it is all zeros, memory that never was set up as a table. \
                 The machine stops there with error event 0x7 or 0x9."
            }
            Self::Alias => {
                "Two I/O addresses lead to the same frame. That is in order where a driver maps memory twice; it is not where one \
                 of the mappings ought to be gone."
            }
            Self::ProtectedAbove => {
                "A region entry, a segment entry or the anchor forbids writing to all that is below. The machine honours that, \
                 but Linux sets the bit in page entries only."
            }
            Self::Incomplete => {
                "The limit on tables or on mappings was reached. What was found until then counts; what lies behind was not \
                 looked at."
            }
        }
    }
}

impl Serialize for Flaw {
    /// Its code.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
