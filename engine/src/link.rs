//! Playground links: a scenario and what is shown of it, in the part of an address after `#`.
//!
//! `#1` and base64url without padding of a raw deflate stream of JSON with short keys. The digit is the version; a link
//! that once worked works for ever.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};
use serde::{Deserialize, Serialize};

/// What a link holds.
///
/// ```
/// use s390_iommu::link::Link;
/// let link = Link { text: "schema = 1".into(), step: Some(4), ..Link::default() };
/// let address = link.encode();
/// assert!(address.starts_with("#1"));
/// assert_eq!(Link::decode(&address)?, link);
/// # Ok::<(), s390_iommu::link::LinkError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The scenario's source as typed, right or wrong.
    #[serde(rename = "t")]
    pub text: String,
    /// Kernel chosen instead of the scenario's.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Patches chosen instead of the scenario's.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub patches: Option<Vec<String>>,
    /// Name of the revision it is compared with.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<String>,
    /// Step that is shown, from 0.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    /// Address that is shown.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub iova: Option<u64>,
}

/// The version that is written.
const VERSION: char = '1';

/// Bytes of the JSON at most.
const LONGEST: usize = 1 << 20;

/// Padding is not written, but read: mail programs and people add it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Link {
    /// The link, `#1…`. It decodes again unless `text` and the rest are longer than 1 MiB.
    pub fn encode(&self) -> String {
        let json = serde_json::to_vec(self).expect("texts and integers with text keys");
        format!("#{VERSION}{}", BASE64.encode(compress_to_vec(&json, 9)))
    }

    /// What a link holds; the `#` may be missing, and white space around it does not count.
    ///
    /// # Errors
    /// Each with its code: no link at all, an unknown version, damage, or content that does not fit.
    pub fn decode(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        let mut rest = text.strip_prefix('#').unwrap_or(text).chars();
        match rest.next() {
            None => return Err(LinkError::Empty),
            Some(VERSION) => {}
            Some(other) => return Err(LinkError::Version(other)),
        }
        // Encoded text is at most a third longer than what it encodes, and deflate adds next to nothing.
        if rest.as_str().len() > LONGEST * 2 {
            return Err(LinkError::TooLong);
        }
        let packed = BASE64.decode(rest.as_str()).map_err(|error| LinkError::Base64(error.to_string()))?;
        let json = decompress_to_vec_with_limit(&packed, LONGEST).map_err(|error| match error.status {
            TINFLStatus::HasMoreOutput => LinkError::TooLong,
            _ => LinkError::Deflate,
        })?;
        serde_json::from_slice(&json).map_err(|error| LinkError::Content(error.to_string()))
    }
}

/// Why a link cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// `L001`: there is nothing in it.
    Empty,
    /// `L002`: it is of a version that this program does not know.
    Version(char),
    /// `L003`: it has characters that no link has, or was cut off.
    Base64(String),
    /// `L004`: it was damaged or cut off.
    Deflate,
    /// `L005`: it holds more than 1 MiB.
    TooLong,
    /// `L006`: it unpacks, but not to what a link holds.
    Content(String),
}

impl LinkError {
    /// Its code, which never changes: `L001` to `L006`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "L001",
            Self::Version(_) => "L002",
            Self::Base64(_) => "L003",
            Self::Deflate => "L004",
            Self::TooLong => "L005",
            Self::Content(_) => "L006",
        }
    }
}

impl LinkError {
    /// Every code.
    pub const CODES: [&str; 6] = ["L001", "L002", "L003", "L004", "L005", "L006"];

    /// What a code means; `None` for what is no code of a link.
    pub fn explain(code: &str) -> Option<&'static str> {
        Some(match code {
            "L001" => "The link is empty. A link of the playground starts with `#1`.",
            "L002" => "The link is of a version that this program does not know; a newer one may.",
            "L003" => {
                "The link has characters that no link has. Mail programs wrap and quote long lines: copy it again."
            }
            "L004" => "The link cannot be unpacked. Most often its end is missing.",
            "L005" => "The link unpacks to more than a scenario can have.",
            "L006" => "The link unpacks, but what is inside is not a scenario of the playground.",
            _ => return None,
        })
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the link is empty"),
            Self::Version(version) if version.is_ascii_digit() => {
                write!(f, "the link is of version {version}, this program reads version {VERSION}")
            }
            Self::Version(_) => f.write_str("this is no link: it starts with no version"),
            Self::Base64(why) => write!(f, "the link is damaged or cut off: {why}"),
            Self::Deflate => f.write_str("the link is damaged or cut off: it cannot be unpacked"),
            Self::TooLong => f.write_str("the link holds more than 1 MiB"),
            Self::Content(why) => write!(f, "the link does not hold a scenario: {why}"),
        }
    }
}

impl std::error::Error for LinkError {}

impl Serialize for LinkError {
    /// As `{ code, message }`.
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut fields = s.serialize_struct("LinkError", 2)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("message", &self.to_string())?;
        fields.end()
    }
}
