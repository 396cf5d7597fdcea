//! Numbers as people read and type them.

/// Hexadecimal in groups of four: `0x1_0000_0000`.
pub fn hex(value: u64) -> String {
    grouped(&format!("{value:x}"))
}

/// All 16 digits: `0x0000_0001_0000_0000`.
pub fn word(value: u64) -> String {
    grouped(&format!("{value:016x}"))
}

fn grouped(digits: &str) -> String {
    let mut text = String::from("0x");
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(4) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// Bytes with the largest unit that divides them: `1 MiB`, `0x1800`.
pub fn size(bytes: u64) -> String {
    for (shift, unit) in [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")] {
        if bytes >= 1 << shift && bytes.is_multiple_of(1 << shift) {
            return format!("{} {unit}", bytes >> shift);
        }
    }
    if bytes < 1024 { format!("{bytes} bytes") } else { hex(bytes) }
}

/// A number as typed: `0x…` or digits, with spaces and underscores anywhere; letters make it hexadecimal.
pub fn parse(text: &str) -> Option<u64> {
    let text: String = text.chars().filter(|c| !matches!(c, '_' | ' ' | '\'')).collect();
    let lower = text.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("0x") {
        u64::from_str_radix(digits, 16).ok()
    } else if lower.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        u64::from_str_radix(&lower, 16).ok()
    } else {
        lower.parse().ok()
    }
}

/// A size as typed: a number, or one with a unit, `4 KiB`, `2M`.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    for (units, shift) in [
        (["kib", "kb", "k"], 10),
        (["mib", "mb", "m"], 20),
        (["gib", "gb", "g"], 30),
        (["tib", "tb", "t"], 40),
    ] {
        let number = units.iter().find_map(|unit| lower.strip_suffix(unit));
        if let Some(number) = number.filter(|number| !number.starts_with("0x")) {
            let number: u64 = number.trim().parse().ok()?;
            return number.checked_mul(1 << shift);
        }
    }
    parse(lower.strip_suffix("bytes").unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_with_and_without_unit() {
        for (text, bytes) in
            [("4 KiB", 4096), ("2M", 2 << 20), ("0x1000", 4096), ("8", 8), ("8 bytes", 8), ("1 tib", 1 << 40)]
        {
            assert_eq!(parse_size(text), Some(bytes), "{text}");
        }
        assert_eq!((parse_size("much"), parse_size("99999999 TiB"), parse_size("")), (None, None, None));
    }

    #[test]
    fn by_value() {
        assert_eq!(hex(0), "0x0");
        assert_eq!(hex(0x1_0000_0000), "0x1_0000_0000");
        assert_eq!(word(0x7fee_d200), "0x0000_0000_7fee_d200");
        assert_eq!(size(0x10_0000), "1 MiB");
        assert_eq!(size(0x1800), "6 KiB");
        assert_eq!(size(0x1801), "0x1801");
        assert_eq!(size(0), "0 bytes");
    }

    #[test]
    fn typed_in_many_ways() {
        for text in ["0x1_0000_0000", " 0X100000000", "1 0000 0000 0x".trim_end_matches(" 0x"), "4294967296"]
        {
            let expected = if text.starts_with("1 ") { 100_000_000 } else { 0x1_0000_0000 };
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        assert_eq!(parse("7feed200"), Some(0x7fee_d200));
        assert_eq!(parse(""), None);
        assert_eq!(parse("0xg"), None);
    }
}
