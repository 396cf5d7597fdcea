//! Any word explained: every bit of it, in a line, in fields, and in what happens next.

mod entries;
mod fields;
mod iota;
mod text;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Level;

/// What a word is taken for; the bits alone do not tell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordKind {
    /// The registered anchor, [`Iota`](super::Iota).
    Iota,
    /// An entry of a region-first table.
    RegionFirst,
    /// An entry of a region-second table.
    RegionSecond,
    /// An entry of a region-third table.
    RegionThird,
    /// An entry of a segment table.
    Segment,
    /// An entry of a page table.
    Page,
}

impl WordKind {
    /// All kinds, in the order of a walk.
    pub const ALL: [Self; 6] =
        [Self::Iota, Self::RegionFirst, Self::RegionSecond, Self::RegionThird, Self::Segment, Self::Page];

    /// The kind of an entry of this table.
    pub const fn entry(level: Level) -> Self {
        match level {
            Level::RegionFirst => Self::RegionFirst,
            Level::RegionSecond => Self::RegionSecond,
            Level::RegionThird => Self::RegionThird,
            Level::Segment => Self::Segment,
            Level::Page => Self::Page,
        }
    }

    /// The kind of table that a word of this kind is an entry of; none for the anchor.
    pub const fn level(self) -> Option<Level> {
        match self {
            Self::Iota => None,
            Self::RegionFirst => Some(Level::RegionFirst),
            Self::RegionSecond => Some(Level::RegionSecond),
            Self::RegionThird => Some(Level::RegionThird),
            Self::Segment => Some(Level::Segment),
            Self::Page => Some(Level::Page),
        }
    }

    /// Its name, which [`str::parse`] understands: `iota`, `region-first` … `page`.
    pub const fn name(self) -> &'static str {
        match self.level() {
            None => "iota",
            Some(level) => level.name(),
        }
    }
}

impl fmt::Display for WordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for WordKind {
    type Err = UnknownWordKind;

    /// The kind with exactly this [`WordKind::name`].
    fn from_str(text: &str) -> Result<Self, UnknownWordKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| UnknownWordKind { text: text.to_owned() })
    }
}

/// A text that names no [`WordKind`]; its message lists those there are.
///
/// ```
/// use s390_iommu::table::WordKind;
/// let error = "pte".parse::<WordKind>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "no kind of word is called \"pte\"; one of: iota, region-first, region-second, region-third, segment, page"
/// );
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownWordKind {
    /// The text as it was given.
    pub text: String,
}

impl fmt::Display for UnknownWordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = WordKind::ALL.map(WordKind::name).join(", ");
        write!(f, "no kind of word is called {:?}; one of: {kinds}", self.text)
    }
}

impl std::error::Error for UnknownWordKind {}

/// A word explained. Its [`Display`](fmt::Display) is a text table.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Decoded {
    /// What the word was taken for.
    pub kind: WordKind,
    /// The word.
    pub word: u64,
    /// The whole word in one line, such as `page entry: frame 0x7feed000, read-only`.
    pub meaning: String,
    /// All 64 bits, from the most significant down, without gap or overlap.
    pub fields: Vec<Field>,
    /// What a walk that meets this word does next: one sentence.
    pub next: String,
}

/// Neighbouring bits that mean one thing.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Field {
    /// Short name as in the layout drawings: `origin`, `P`, `TT` …; `-` for bits without known meaning.
    pub name: &'static str,
    /// Highest and lowest bit, counted from the least significant bit as 0.
    pub lsb: (u8, u8),
    /// First and last bit as IBM counts: the most significant bit is 0. The same bits as `lsb`.
    pub msb: (u8, u8),
    /// The bits' value, shifted down so that the lowest has weight 1.
    pub value: u64,
    /// What this value says, in a few words.
    pub meaning: String,
    /// Whether it is a value that some Linux version writes here; where not, look twice.
    pub usual: bool,
}

/// Explains `word` as a word of this kind. Never fails: bits without known meaning are shown as such.
///
/// ```
/// use s390_iommu::table::{WordKind, decode};
/// let page = decode(WordKind::Page, 0x7fee_d200);
/// assert_eq!(page.meaning, "page entry: frame 0x7feed000, read-only");
/// assert!(page.fields.iter().all(|field| field.usual));
/// ```
pub fn decode(kind: WordKind, word: u64) -> Decoded {
    match kind.level() {
        None => iota::decode(word),
        Some(Level::Segment) => entries::segment(word),
        Some(Level::Page) => entries::page(word),
        Some(level) => entries::region(level, word),
    }
}
