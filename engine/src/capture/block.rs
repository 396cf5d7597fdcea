//! The blocks of CLP and MPCIFC: their bytes are decoded, encoded again, and given to the machine.

use super::judge::Judge;
use super::model::{FibRecord, GroupRecord, Line, Problem};
use crate::hw::zpci::Fib;
use crate::hw::zpci::clp::GroupAttributes;

/// Bytes from hex digits.
pub(super) fn unhex(text: &str, line: u64) -> Result<Vec<u8>, Problem> {
    let digit = |letter: u8| char::from(letter).to_digit(16).map(|digit| digit as u8);
    let bytes = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    let bytes: Option<Vec<u8>> = bytes.collect();
    bytes.ok_or_else(|| Problem::new(line, "C003", "a block is not written as hex digits, two for each byte"))
}

/// The block of MPCIFC: fields as recorded next to the bytes, and the bytes again from the fields.
pub(super) fn fib(judge: &mut Judge, record: &FibRecord<'_>, line: u64) -> Result<Fib, Problem> {
    let bytes = unhex(&record.raw, line)?;
    let Some(fib) = Fib::read(&bytes).filter(|_| bytes.len() == Fib::LEN) else {
        return Err(Problem::new(
            line,
            "C003",
            format!("a function information block has {} bytes", bytes.len()),
        ));
    };
    let here = (fib.format(), fib.controls(), fib.pba(), fib.pal(), fib.iota());
    judge.check("fib", &(record.fmt, record.fc, record.pba, record.pal, record.iota), &here);
    let here = (fib.interrupts(), fib.bit_vector(), fib.summary(), fib.measurement());
    judge.check("fib", &(record.data, record.aibv, record.aisb, record.fmb), &here);
    let again = Fib::default()
        .with_format(record.fmt)
        .with_controls(record.fc)
        .with_pba(record.pba)
        .with_pal(record.pal)
        .with_iota(record.iota)
        .with_interrupts(record.data)
        .with_bit_vector(record.aibv)
        .with_summary(record.aisb)
        .with_measurement(record.fmb)
        .with_guest(fib.guest());
    judge.check("fib.raw", fib.bytes(), again.bytes());
    Ok(fib)
}

/// The block that registers what a line without one says.
pub(super) fn fib_of(line: &Line<'_>) -> Fib {
    Fib::default()
        .with_iota(line.iota.unwrap_or(0))
        .with_pba(line.pba.unwrap_or(0))
        .with_pal(line.pal.unwrap_or(0))
}

/// A group's attributes.
pub(super) fn group(record: GroupRecord) -> GroupAttributes {
    GroupAttributes::default()
        .with_interrupts(record.noi)
        .with_version(record.version)
        .with_flags(record.fr)
        .with_longest_store(record.maxstbl)
        .with_measurement_interval(record.mui)
        .with_designations(record.dtsm)
        .with_spaces(record.dasm)
        .with_message_address(record.msia)
}
