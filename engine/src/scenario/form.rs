//! How numbers are written in a scenario: `0x1_0000_0000`, `"4 KiB"`, `"EINVAL"`.
#![allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use crate::addr::{Iova, IovaRange, Phys};

/// Name of the newtype that marks a number written as text, so that TOML can leave the quotes out.
pub(super) const MARK: &str = "$number";

/// Words of sizes with their values, smallest first.
pub(super) const UNITS: [(&str, u64); 5] =
    [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

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

/// `0x0`, `0x1000`, `0x1_0000_0000`: hexadecimal with an underscore every four digits.
pub(super) fn hex_text(value: u64) -> String {
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

/// `4 KiB` where the size is a whole, readable number of a unit, else hexadecimal.
pub(super) fn size_text(value: u64) -> String {
    let unit = UNITS.iter().skip(1).rfind(|(_, bytes)| value != 0 && value.is_multiple_of(*bytes));
    match unit {
        Some((word, bytes)) if value / bytes < 10_000 => format!("{} {word}", value / bytes),
        _ => hex_text(value),
    }
}

/// `EINVAL` for -22; none for numbers without a name here.
pub(super) fn errno_name(rc: i32) -> Option<&'static str> {
    ERRNOS.iter().find(|(_, number)| -number == rc).map(|(name, _)| *name)
}

/// Anything that is a 64-bit number underneath.
pub(super) trait Word {
    fn word(&self) -> u64;
}

impl Word for u64 {
    fn word(&self) -> u64 {
        *self
    }
}

impl Word for Iova {
    fn word(&self) -> u64 {
        self.get()
    }
}

impl Word for Phys {
    fn word(&self) -> u64 {
        self.get()
    }
}

/// A number as hexadecimal text, marked.
pub(super) struct Hex(pub(super) u64);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_newtype_struct(MARK, &hex_text(self.0))
    }
}

pub(super) fn hex<T: Word, S: Serializer>(value: &T, s: S) -> Result<S::Ok, S::Error> {
    Hex(value.word()).serialize(s)
}

pub(super) fn opt_hex<T: Word, S: Serializer>(value: &Option<T>, s: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(|v| Hex(v.word())).serialize(s)
}

pub(super) fn opt_hex32<S: Serializer>(value: &Option<u32>, s: S) -> Result<S::Ok, S::Error> {
    value.map(|v| Hex(v.into())).serialize(s)
}

pub(super) fn size<S: Serializer>(value: &u64, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_newtype_struct(MARK, &size_text(*value))
}

pub(super) fn range<S: Serializer>(range: &IovaRange, s: S) -> Result<S::Ok, S::Error> {
    [Hex(range.start.get()), Hex(range.last.get())].serialize(s)
}

pub(super) fn opt_range<S: Serializer>(range: &Option<IovaRange>, s: S) -> Result<S::Ok, S::Error> {
    range.map(|r| [Hex(r.start.get()), Hex(r.last.get())]).serialize(s)
}

pub(super) fn opt_pairs<S: Serializer>(pairs: &Option<Vec<[u64; 2]>>, s: S) -> Result<S::Ok, S::Error> {
    let Some(pairs) = pairs else { return s.serialize_none() };
    let mut seq = s.serialize_seq(Some(pairs.len()))?;
    for pair in pairs {
        seq.serialize_element(&pair.map(Hex))?;
    }
    seq.end()
}

pub(super) fn opt_rc<S: Serializer>(rc: &Option<i32>, s: S) -> Result<S::Ok, S::Error> {
    match rc {
        None => s.serialize_none(),
        Some(rc) => match errno_name(*rc) {
            Some(name) => s.serialize_str(name),
            None => s.serialize_i32(*rc),
        },
    }
}

pub(super) fn opt_cpu<S: Serializer>(cpu: &Option<u8>, s: S) -> Result<S::Ok, S::Error> {
    cpu.map(|cpu| format!("cpu{cpu}")).serialize(s)
}

/// One element alone, several as an array.
pub(super) fn one_or_many<T: Serialize, S: Serializer>(items: &[T], s: S) -> Result<S::Ok, S::Error> {
    match items {
        [one] => one.serialize(s),
        _ => items.serialize(s),
    }
}

pub(super) fn clear_inject<S: Serializer>(s: S) -> Result<S::Ok, S::Error> {
    let mut map = s.serialize_map(Some(1))?;
    map.serialize_entry("clear_inject", &true)?;
    map.end()
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

pub(super) fn is_one(value: &u32) -> bool {
    *value == 1
}

pub(super) fn is_true(value: &bool) -> bool {
    *value
}

pub(super) fn yes() -> bool {
    true
}

pub(super) fn one() -> u32 {
    1
}
