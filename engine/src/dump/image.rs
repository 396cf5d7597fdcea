//! Memory as a file has it: which addresses, and where in the file.

use serde::Serialize;

use super::error::{EMPTY, FOREIGN, HAS_ADDRESSES, UNKNOWN, WRAPS};
use super::{DumpError, elf, records};
use crate::addr::Phys;
use crate::table::Level;
use crate::tree::TableMemory;

/// The bytes of a file, wherever they are kept.
pub trait Source {
    /// How many there are.
    fn size(&self) -> u64;

    /// Copies those from `at` on; `false` if they cannot all be had.
    fn copy(&self, at: u64, into: &mut [u8]) -> bool;
}

impl Source for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn copy(&self, at: u64, into: &mut [u8]) -> bool {
        let bytes = usize::try_from(at).ok().and_then(|at| self.get(at..)?.get(..into.len()));
        bytes.map(|bytes| into.copy_from_slice(bytes)).is_some()
    }
}

impl Source for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn copy(&self, at: u64, into: &mut [u8]) -> bool {
        self.as_slice().copy(at, into)
    }
}

impl<S: Source + ?Sized> Source for &S {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn copy(&self, at: u64, into: &mut [u8]) -> bool {
        (**self).copy(at, into)
    }
}

/// How a file holds memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Records of an address and 2048 bytes.
    Records,
    /// Bytes from one address on.
    Raw,
    /// Loadable segments of an ELF core.
    Elf,
}

impl Format {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Records => "records of table memory",
            Self::Raw => "raw memory",
            Self::Elf => "ELF core",
        }
    }
}

/// Consecutive memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// Its first byte.
    pub start: Phys,
    /// Its last byte.
    pub last: Phys,
    /// Where in the file it begins.
    pub at: u64,
}

/// Memory in a file. Segments are in order of address and share no byte.
#[derive(Clone, Debug)]
pub struct MemoryImage<S> {
    source: S,
    format: Format,
    segments: Vec<Segment>,
}

/// Segments and records read at most: half a gibibyte of table memory, which maps a quarter of a tebibyte.
pub(super) const MOST_SEGMENTS: u64 = 1 << 18;

impl<S: Source> MemoryImage<S> {
    /// Finds out what a file holds; with `base` it is raw memory that begins at this address.
    ///
    /// Reads headers, or the address of each record, and no more. Costs 24 bytes of memory for each segment.
    ///
    /// # Errors
    /// `D001` to `D011`, see [`DumpError::CODES`].
    pub fn open(source: S, base: Option<Phys>) -> Result<Self, DumpError> {
        if source.size() == 0 {
            return Err(DumpError::new(EMPTY, None, "the file is empty"));
        }
        let mut magic = [0; 8];
        let start = source.size().min(8) as usize;
        let _ = source.copy(0, &mut magic[..start]);
        let (format, segments) = match (&magic, base) {
            ([0x7f, b'E', b'L', b'F', ..], None) => (Format::Elf, elf::segments(&source)?),
            ([0x7f, b'E', b'L', b'F', ..], Some(_)) => {
                return Err(DumpError::new(HAS_ADDRESSES, 0, "an ELF file takes no base address"));
            }
            (_, Some(base)) => (Format::Raw, vec![Segment::new(base.get(), source.size(), 0)?]),
            (magic, None) => {
                if let Some((_, name)) = FOREIGN_FORMATS.iter().find(|(start, _)| magic.starts_with(start)) {
                    return Err(DumpError::new(FOREIGN, 0, format!("{name}, which is not read here")));
                }
                (Format::Records, records::segments(&source)?)
            }
        };
        Ok(Self { source, format, segments: disjoint(segments) })
    }

    /// How the file holds its memory.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The memory it holds, by address.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The file.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// From the first to the last byte, where that is all of a machine's memory and not only its tables.
    pub fn machine_memory(&self) -> Option<(Phys, Phys)> {
        let (first, last) = (self.segments.first()?, self.segments.last()?);
        (self.format == Format::Elf).then_some((first.start, last.last))
    }

    /// Copies memory from an address on; `false` if the file does not have all of it.
    pub fn copy(&self, at: Phys, into: &mut [u8]) -> bool {
        let (mut at, mut into) = (at.get(), into);
        while !into.is_empty() {
            let place = self.segments.partition_point(|segment| segment.last.get() < at);
            let Some(segment) = self.segments.get(place).filter(|segment| segment.start.get() <= at) else {
                return false;
            };
            let here = (segment.last.get() - at).saturating_add(1).min(into.len() as u64);
            let (now, rest) = into.split_at_mut(here as usize);
            if !self.source.copy(segment.at + (at - segment.start.get()), now) {
                return false;
            }
            into = rest;
            // At the end of all addresses nothing can follow.
            match at.checked_add(here) {
                Some(next) => at = next,
                None => return into.is_empty(),
            }
        }
        true
    }
}

impl<S: Source> TableMemory for MemoryImage<S> {
    fn word(&self, at: Phys) -> Option<u64> {
        let mut bytes = [0; 8];
        self.copy(at, &mut bytes).then(|| u64::from_be_bytes(bytes))
    }

    fn entries(&self, level: Level, origin: Phys) -> Vec<Option<u64>> {
        let mut bytes = vec![0; level.bytes() as usize];
        if self.copy(origin, &mut bytes) {
            let words = bytes.as_chunks().0.iter();
            return words.map(|word| Some(u64::from_be_bytes(*word))).collect();
        }
        let last = origin.get().saturating_add(level.bytes() - 1);
        let place = self.segments.partition_point(|segment| segment.last < origin);
        if self.segments.get(place).is_none_or(|segment| segment.start.get() > last) {
            return vec![None; level.entries()];
        }
        // A part of it is there.
        (0..level.entries() as u64).map(|index| self.word(origin.wrapping_add(index * 8))).collect()
    }
}

impl Segment {
    /// `len` bytes, not 0, at an address.
    pub(super) fn new(start: u64, len: u64, at: u64) -> Result<Self, DumpError> {
        let Some(last) = start.checked_add(len - 1) else {
            let message = format!("{len:#x} bytes at address {start:#x} reach beyond the last address");
            return Err(DumpError::new(WRAPS, at, message));
        };
        Ok(Self { start: Phys::new(start), last: Phys::new(last), at })
    }
}

/// Sorted, without what another one has already: a core may hold the same memory twice, and the lower segment counts.
fn disjoint(mut segments: Vec<Segment>) -> Vec<Segment> {
    segments.sort_by_key(|segment| (segment.start, segment.at));
    let mut kept: Vec<Segment> = Vec::with_capacity(segments.len());
    for mut segment in segments {
        if let Some(before) = kept.last() {
            if segment.last <= before.last {
                continue;
            }
            if segment.start <= before.last {
                let shared = before.last.get() - segment.start.get() + 1;
                segment.start = before.last.wrapping_add(1);
                segment.at += shared;
            }
        }
        kept.push(segment);
    }
    kept
}

/// Dumps in formats of their own.
const FOREIGN_FORMATS: [(&[u8], &str); 6] = [
    (b"KDUMP   ", "a compressed kdump"),
    (b"DISKDUMP", "a compressed disk dump"),
    (b"makedump", "a flattened kdump"),
    (&[0xa8, 0x19, 0x01, 0x73, 0x61, 0x8f, 0x23, 0xfd], "an s390 stand-alone dump"),
    (&[0xa8, 0x19, 0x01, 0x73, 0x61, 0x8f, 0x23, 0xfe], "an s390 stand-alone dump, extended"),
    (&[0x1f, 0x8b], "a file packed with gzip"),
];

/// The error for a file of which nothing is known.
pub(super) fn unknown(at: u64, message: String) -> DumpError {
    DumpError::new(UNKNOWN, at, message)
}
