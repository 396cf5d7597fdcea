//! Records of table memory, as a captured guest's tables are kept: eight bytes of address, then 2048 bytes of memory.

use super::error::{TOO_MANY, TRUNCATED, TWICE};
use super::image::{MOST_SEGMENTS, unknown};
use super::{DumpError, Segment, Source};

/// Bytes of memory in a record.
const BLOCK: u64 = 2048;
const RECORD: u64 = 8 + BLOCK;

/// Where each record's memory lies.
pub(super) fn segments(source: &impl Source) -> Result<Vec<Segment>, DumpError> {
    let (count, rest) = (source.size() / RECORD, source.size() % RECORD);
    if count > MOST_SEGMENTS {
        return Err(DumpError::new(TOO_MANY, MOST_SEGMENTS * RECORD, format!("{count} records")));
    }
    let mut segments = Vec::new();
    for at in (0..count).map(|number| number * RECORD) {
        let address = address(source, at)?;
        if address % BLOCK != 0 {
            let what =
                if at == 0 { "neither an ELF core nor records" } else { "a record at no multiple of 2048" };
            let message = format!("{what}: the address {address:#x}; raw memory needs a base address");
            return Err(unknown(at, message));
        }
        segments.push(Segment::new(address, BLOCK, at + 8)?);
    }
    if rest != 0 {
        let at = count * RECORD;
        let message = format!("the file ends within a record: {rest} of {RECORD} bytes are there");
        return Err(if count == 0 { unknown(at, message) } else { DumpError::new(TRUNCATED, at, message) });
    }
    let mut order: Vec<(u64, u64)> =
        segments.iter().map(|segment| (segment.start.get(), segment.at)).collect();
    order.sort_unstable();
    if let Some(pair) = order.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let message = format!(
            "a second record for address {:#x}; the first is at byte {:#x}",
            pair[1].0,
            pair[0].1 - 8
        );
        return Err(DumpError::new(TWICE, pair[1].1 - 8, message));
    }
    Ok(segments)
}

fn address(source: &impl Source, at: u64) -> Result<u64, DumpError> {
    let mut bytes = [0; 8];
    if source.copy(at, &mut bytes) {
        return Ok(u64::from_be_bytes(bytes));
    }
    Err(DumpError::new(TRUNCATED, at, "the record cannot be read"))
}
