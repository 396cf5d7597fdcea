//! How numbers look in a scenario: `0x1_0000_0000`, `"4 KiB"`, `"EINVAL"`.

/// Words of sizes with their bytes, smallest first.
const UNITS: [(&str, u64); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

/// Error names a scenario may use, with their (positive) numbers.
pub(super) const ERRNOS: [(&str, i32); 22] = [
    ("EPERM", 1),
    ("ENOENT", 2),
    ("EINTR", 4),
    ("EIO", 5),
    ("ENXIO", 6),
    ("EAGAIN", 11),
    ("ENOMEM", 12),
    ("EACCES", 13),
    ("EFAULT", 14),
    ("EBUSY", 16),
    ("EEXIST", 17),
    ("ENODEV", 19),
    ("EINVAL", 22),
    ("ENOSPC", 28),
    ("ERANGE", 34),
    ("ENOSYS", 38),
    ("ENODATA", 61),
    ("EOVERFLOW", 75),
    ("EOPNOTSUPP", 95),
    ("EADDRINUSE", 98),
    ("ETIMEDOUT", 110),
    ("ECANCELED", 125),
];

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    Form,
    TooLarge,
}

/// `0x1_0000_0000`, or `0`.
pub(super) fn parse_hex(text: &str) -> Result<u64, Bad> {
    if text == "0" {
        return Ok(0);
    }
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).ok_or(Bad::Form)?;
    if digits.split('_').any(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Err(Bad::Form);
    }
    u64::from_str_radix(&digits.replace('_', ""), 16).map_err(|_| Bad::TooLarge)
}

/// `00 11 2233`: two hexadecimal digits for each byte, blanks and `_` between bytes; at most 64 KiB.
pub(super) fn parse_bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut letters = text.chars().filter(|letter| !matches!(letter, ' ' | '_'));
    while let Some(high) = letters.next() {
        let digit = |letter: char| letter.to_digit(16);
        let byte = digit(high)? << 4 | digit(letters.next()?)?;
        bytes.push(byte as u8);
        if bytes.len() > 1 << 16 {
            return None;
        }
    }
    Some(bytes)
}

/// The same the other way round.
pub(crate) fn bytes_text(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// `4 KiB`, or hexadecimal.
pub(super) fn parse_size(text: &str) -> Result<u64, Bad> {
    let Some((number, bytes)) =
        UNITS.iter().find_map(|(word, bytes)| text.strip_suffix(word).map(|number| (number, *bytes)))
    else {
        return parse_hex(text);
    };
    let number = number.strip_suffix(' ').unwrap_or(number);
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Bad::Form);
    }
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(bytes)).ok_or(Bad::TooLarge)
}

/// Hexadecimal with an underscore every four digits; `0` alone.
pub(super) fn hex_text(value: u64) -> String {
    if value == 0 {
        return "0".to_owned();
    }
    let digits = format!("{value:x}");
    let mut text = "0x".to_owned();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(4) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// `4 KiB` where the size is a whole and readable number of a unit.
pub(super) fn size_text(value: u64) -> Option<String> {
    let (word, bytes) = UNITS.iter().rfind(|(_, bytes)| value != 0 && value.is_multiple_of(*bytes))?;
    (value / bytes < 10_000).then(|| format!("{} {word}", value / bytes))
}

/// -22 for `EINVAL` and for `-EINVAL`.
pub(super) fn parse_errno(text: &str) -> Option<i32> {
    let name = text.strip_prefix('-').unwrap_or(text);
    ERRNOS.iter().find(|(known, _)| *known == name).map(|(_, number)| -number)
}

/// `EINVAL` for -22; none for numbers without a name here.
pub(super) fn errno_name(rc: i32) -> Option<&'static str> {
    ERRNOS.iter().find(|(_, number)| -number == rc).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_numbers() {
        assert_eq!(parse_hex("0x1_0000_0000"), Ok(1 << 32));
        assert_eq!(parse_hex("0xffff_ffff_ffff_ffff"), Ok(u64::MAX));
        assert_eq!(parse_hex("0x1_ffff_ffff_ffff_ffff"), Err(Bad::TooLarge));
        for bad in ["", "0x", "0x_1", "0x1__2", "12", "-0x1", "0x+1", "x"] {
            assert_eq!(parse_hex(bad), Err(Bad::Form), "{bad}");
        }
        assert_eq!(parse_size("1 MiB"), Ok(1 << 20));
        assert_eq!(parse_size("2GiB"), Ok(2 << 30));
        assert_eq!(parse_size("99999999999 TiB"), Err(Bad::TooLarge));
        assert_eq!(parse_size("1.5 MiB"), Err(Bad::Form));
        assert_eq!(parse_errno("-EINVAL"), Some(-22));
    }

    #[test]
    fn what_is_written_reads_back() {
        for value in [0, 1, 0xfff, 4096, 1 << 20, 3 << 30, (1 << 62) + 4096, u64::MAX] {
            assert_eq!(parse_hex(&hex_text(value)), Ok(value));
            assert_eq!(size_text(value).map_or(Ok(value), |text| parse_size(&text)), Ok(value));
        }
        assert_eq!(hex_text(0x1_c000_0000), "0x1_c000_0000");
        assert_eq!(size_text(1 << 20).unwrap(), "1 MiB");
    }
}
