//! The loadable segments of an ELF core.
//!
//! Only the header and the program headers are read, and of these what the format's specification says about 64 bits in
//! big-endian order: a table of 56-byte records whose place, size and number stand in the first 64 bytes.

use super::error::{DAMAGED, NO_MEMORY, NOT_S390, TOO_MANY, TRUNCATED};
use super::image::MOST_SEGMENTS;
use super::{DumpError, Segment, Source};

const HEADER: u64 = 64;
const PROGRAM_HEADER: u64 = 56;
const SECTION_HEADER: u64 = 64;
/// As number of program headers: too many for the field, the number stands in the first section header.
const EXTENDED: u64 = 0xffff;
const LOADABLE: u64 = 1;

/// Where each segment's memory lies. What a segment has in memory only, and not in the file, is not part of it.
pub(super) fn segments(source: &impl Source) -> Result<Vec<Segment>, DumpError> {
    let file = File { source };
    let kind = file.number(4, 2)?;
    let (version, object, machine) = (file.number(6, 1)?, file.number(16, 2)?, file.number(18, 2)?);
    if kind != 0x0202 || version != 1 || object != 4 || machine != 22 {
        let word = ["?", "32 bits", "64 bits"].get((kind >> 8) as usize).unwrap_or(&"?");
        let order = ["?", "little-endian", "big-endian"].get((kind & 0xff) as usize).unwrap_or(&"?");
        let message = format!("an ELF file of {word}, {order}, type {object}, machine {machine}");
        return Err(DumpError::new(NOT_S390, 4, message));
    }
    let (table, size) = (file.number(32, 8)?, file.number(54, 2)?);
    let count = match file.number(56, 2)? {
        EXTENDED => file.extended()?,
        count => count,
    };
    if count > 0 && size != PROGRAM_HEADER {
        let message = format!("program headers of {size} bytes; they have {PROGRAM_HEADER}");
        return Err(DumpError::new(DAMAGED, 54, message));
    }
    if count > MOST_SEGMENTS {
        return Err(DumpError::new(TOO_MANY, 56, format!("{count} program headers")));
    }
    if table.checked_add(count * PROGRAM_HEADER).is_none_or(|end| end > source.size()) {
        let message =
            format!("{count} program headers at byte {table:#x} do not fit into {:#x} bytes", source.size());
        return Err(DumpError::new(TRUNCATED, 32, message));
    }
    let (mut segments, mut somewhere) = (Vec::new(), false);
    for header in (0..count).map(|number| table + number * PROGRAM_HEADER) {
        if file.number(header, 4)? != LOADABLE {
            continue;
        }
        let (at, address, len) =
            (file.number(header + 8, 8)?, file.number(header + 24, 8)?, file.number(header + 32, 8)?);
        if len == 0 {
            continue;
        }
        if at.checked_add(len).is_none_or(|end| end > source.size()) {
            let message = format!(
                "{len:#x} bytes of memory at byte {at:#x} do not fit into {:#x} bytes",
                source.size()
            );
            return Err(DumpError::new(TRUNCATED, header, message));
        }
        somewhere |= address != 0;
        let segment = Segment::new(address, len, at);
        segments.push(segment.map_err(|error| DumpError { at: Some(header), ..error })?);
    }
    match segments.len() {
        0 => Err(DumpError::new(NO_MEMORY, table, "the core has no loadable segment with bytes in it")),
        1.. if !somewhere && segments.len() > 1 => {
            let message =
                format!("all {} segments have the physical address 0: the core of a process", segments.len());
            Err(DumpError::new(NO_MEMORY, table, message))
        }
        _ => Ok(segments),
    }
}

struct File<'s, S> {
    source: &'s S,
}

impl<S: Source> File<'_, S> {
    /// A number of 1 to 8 bytes.
    fn number(&self, at: u64, bytes: usize) -> Result<u64, DumpError> {
        let mut word = [0; 8];
        if self.source.copy(at, &mut word[8 - bytes..]) {
            return Ok(u64::from_be_bytes(word));
        }
        Err(DumpError::new(TRUNCATED, at, "the file ends within the ELF headers"))
    }

    /// The number of program headers, from the first section header.
    fn extended(&self) -> Result<u64, DumpError> {
        let table = self.number(40, 8)?;
        if table < HEADER || self.source.size().checked_sub(SECTION_HEADER).is_none_or(|last| table > last) {
            let message =
                format!("no section header at byte {table:#x}, where the number of program headers would be");
            return Err(DumpError::new(DAMAGED, 40, message));
        }
        self.number(table + 44, 4)
    }
}
