//! Why a file is no dump that can be read.

use std::fmt;

use serde::Serialize;

/// A mistake in a dump, or in what was asked of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DumpError {
    /// Stable code; [`DumpError::explain`] says what it means.
    pub code: &'static str,
    /// Byte of the file it is about; none for mistakes about the whole.
    pub at: Option<u64>,
    /// What is wrong.
    pub message: String,
}

macro_rules! codes {
    ($($name:ident $code:literal $text:literal;)+) => {
        $(pub(super) const $name: &str = $code;)+

        impl DumpError {
            /// Every code with its explanation, in order. A code is assigned once and never reused.
            pub const CODES: &'static [(&'static str, &'static str)] = &[$(($code, $text),)+];
        }
    };
}

codes! {
    EMPTY "D001" "The file holds nothing.";
    TRUNCATED "D002" "The file ends before what it announces. Most often it was copied or unpacked only in part.";
    TOO_MANY "D003" "The file has more than 262,144 records or segments. Cut out the memory that the tables are in, or give it as raw memory with a base address.";
    TWICE "D004" "Two records hold memory of the same address, so it is not known which one counts.";
    FOREIGN "D005" "The dump is in a format of its own that is not read here. `zgetdump -f elf` makes an ELF core of stand-alone dumps and of kdump's; where a dump is still to be written, `makedumpfile -E` writes one.";
    NOT_S390 "D006" "The ELF file is no core of an s390x machine: 64 bits, big-endian, machine 22, type 4.";
    DAMAGED "D007" "A field of the ELF header cannot be right: the file is damaged.";
    WRAPS "D008" "Memory would reach beyond the last address there is, 2^64 - 1. Look at the base address.";
    NO_MEMORY "D009" "The core has no physical memory: it has no loadable segments, or it is the core of a process, whose addresses are virtual.";
    HAS_ADDRESSES "D010" "A base address is for raw memory. This file says itself which addresses it holds.";
    UNKNOWN "D011" "The file is neither an ELF core nor records of table memory. For raw memory, say at which address it begins.";
    UNPACKS_TOO_LARGE "D012" "The packed file holds more than is unpacked in memory. Unpack it first: a file that is not packed is read piece by piece.";
    NO_TABLE "D020" "The anchor designates no table: it has no translation bit, or a designation that is none of the four kinds of table. There is nothing to read.";
}

impl DumpError {
    /// The limit on what is unpacked in memory: `D012`.
    pub const UNPACKS_TOO_LARGE: &'static str = UNPACKS_TOO_LARGE;

    pub(super) fn new(code: &'static str, at: impl Into<Option<u64>>, message: impl Into<String>) -> Self {
        Self { code, at: at.into(), message: message.into() }
    }

    /// What a code means; `None` for what is no code of a dump.
    ///
    /// ```
    /// use s390_iommu::dump::DumpError;
    /// assert!(DumpError::explain("D002").unwrap().contains("ends before"));
    /// ```
    pub fn explain(code: &str) -> Option<&'static str> {
        Self::CODES.iter().find(|(known, _)| *known == code).map(|(_, text)| *text)
    }
}

impl fmt::Display for DumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code)?;
        if let Some(at) = self.at {
            write!(f, "at byte {at:#x}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for DumpError {}
