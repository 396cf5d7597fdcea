//! Numbers: integers, hexadecimal text, sizes in words, names of errors.

use super::reader::{Reader, shown};
use super::value::{Kind, Value};
use crate::addr::{Iova, IovaRange, Phys};
use crate::scenario::form::{ERRNOS, UNITS};

impl Reader<'_> {
    /// A number of at most 64 bits: integer, or decimal or hexadecimal text.
    pub(super) fn number(&mut self, value: &Value) -> Option<u64> {
        self.scaled(value, &[])
    }

    /// A number of bytes: also in words.
    pub(super) fn size(&mut self, value: &Value) -> Option<u64> {
        self.scaled(value, &UNITS)
    }

    pub(super) fn iova(&mut self, value: &Value) -> Option<Iova> {
        self.number(value).map(Iova::new)
    }

    pub(super) fn phys(&mut self, value: &Value) -> Option<Phys> {
        self.number(value).map(Phys::new)
    }

    pub(super) fn number32(&mut self, value: &Value) -> Option<u32> {
        self.at_most(value, u32::MAX.into()).map(|n| n as u32)
    }

    pub(super) fn number8(&mut self, value: &Value) -> Option<u8> {
        self.at_most(value, u8::MAX.into()).map(|n| n as u8)
    }

    /// A condition code.
    pub(super) fn cc(&mut self, value: &Value) -> Option<u8> {
        self.at_most(value, 3).map(|n| n as u8)
    }

    /// Two numbers.
    pub(super) fn pair(&mut self, value: &Value) -> Option<[u64; 2]> {
        let elements = self.exactly(value, 2, "a pair")?;
        let first = self.element(0, &elements[0], Self::number);
        let second = self.element(1, &elements[1], Self::number);
        Some([first?, second?])
    }

    /// First and last address.
    pub(super) fn range(&mut self, value: &Value) -> Option<IovaRange> {
        self.pair(value).map(|[first, last]| IovaRange::new(Iova::new(first), Iova::new(last)))
    }

    /// A return code: 0, a negative number, or the name of an error with or without `-`.
    pub(super) fn rc(&mut self, value: &Value) -> Option<i32> {
        match &value.kind {
            Kind::Int(rc @ -4095..=0) => Some(*rc as i32),
            Kind::Int(rc) => {
                self.report.error("S013", value.span.as_ref(), format!("{rc} is not a return code"));
                self.report.help("0, -1 to -4095, or a name such as \"EINVAL\"".to_owned());
                None
            }
            Kind::Str(text) => {
                let name = text.strip_prefix('-').unwrap_or(text);
                let found = ERRNOS.iter().find(|(known, _)| *known == name).map(|(_, number)| -number);
                if found.is_none() {
                    let message = format!("`{}` is not the name of an error known here", shown(text));
                    self.report.error("S015", value.span.as_ref(), message);
                    self.report.suggest(name, ERRNOS.iter().map(|(known, _)| *known));
                }
                found
            }
            _ => self.wrong_type(value, "a number or the name of an error"),
        }
    }

    fn at_most(&mut self, value: &Value, most: u64) -> Option<u64> {
        let number = self.number(value)?;
        if number > most {
            self.report.error(
                "S013",
                value.span.as_ref(),
                format!("at most {most} ({most:#x}) is allowed here"),
            );
            return None;
        }
        Some(number)
    }

    fn scaled(&mut self, value: &Value, units: &[(&str, u64)]) -> Option<u64> {
        match &value.kind {
            Kind::Int(number) => {
                let found = u64::try_from(*number).ok();
                if found.is_none() {
                    let why = if *number < 0 { "is negative" } else { "does not fit into 64 bits" };
                    self.report.error("S013", value.span.as_ref(), format!("the number {why}"));
                }
                found
            }
            Kind::Str(text) => match parse_number(text, units) {
                Ok(number) => Some(number),
                Err(TextError::TooLarge) => {
                    let message = format!("`{}` does not fit into 64 bits", shown(text));
                    self.report.error("S013", value.span.as_ref(), message);
                    None
                }
                Err(TextError::Malformed) => {
                    self.report.error(
                        "S014",
                        value.span.as_ref(),
                        format!("`{}` is not a number", shown(text)),
                    );
                    let example = if units.is_empty() { "" } else { ", \"4 KiB\"" };
                    self.report.help(format!("such as 4096, 0x1000, \"0x1_0000_0000\"{example}"));
                    None
                }
            },
            _ => self.wrong_type(value, if units.is_empty() { "a number" } else { "a size" }),
        }
    }
}

enum TextError {
    Malformed,
    TooLarge,
}

fn parse_number(text: &str, units: &[(&str, u64)]) -> Result<u64, TextError> {
    let (digits, unit) =
        match units.iter().rev().find_map(|(word, unit)| Some((text.strip_suffix(word)?, *unit))) {
            // "0x2B" is a number, not 0x2 bytes.
            Some((digits, unit)) if !text.starts_with("0x") => (digits.trim_end_matches(' '), unit),
            _ => (text, 1),
        };
    let (digits, radix) = digits.strip_prefix("0x").map_or((digits, 10), |hex| (hex, 16));
    let mut number: u64 = 0;
    let mut last = b'_';
    for byte in digits.bytes() {
        if byte != b'_' {
            let digit = char::from(byte).to_digit(radix).ok_or(TextError::Malformed)?;
            let shifted = number.checked_mul(radix.into()).and_then(|n| n.checked_add(digit.into()));
            number = shifted.ok_or(TextError::TooLarge)?;
        } else if last == b'_' {
            return Err(TextError::Malformed);
        }
        last = byte;
    }
    if last == b'_' {
        return Err(TextError::Malformed);
    }
    number.checked_mul(unit).ok_or(TextError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_numbers() {
        let read = |text| parse_number(text, &UNITS).ok();
        assert_eq!(read("0xffff_ffff_ffff_ffff"), Some(u64::MAX));
        assert_eq!(read("1_000"), Some(1000));
        assert_eq!(read("4 KiB"), Some(4096));
        assert_eq!(read("2GiB"), Some(2 << 30));
        assert_eq!(read("7 B"), Some(7));
        assert_eq!(read("0x2B"), Some(0x2b));
        for wrong in
            ["", "0x", "_1", "1_", "1__0", "KiB", "-1", "0x1 KiB", "4 kib", "0x1_0000_0000_0000_0000"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
