//! Links into the playground: a scenario, the kernels to run it on and the place to look at, in the part of an
//! address that never leaves the browser.
//!
//! `#1` followed by the base64url form of a deflated JSON object. The digit is the version: links are kept in mails
//! and tickets, so whatever was valid once stays readable.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::scenario::MAX_BYTES;

/// The prefix of every link of this version.
const PREFIX: &str = "#1";
/// Most bytes a link may unfold to: a scenario at its limit, and what JSON needs to quote it.
const MAX_UNFOLDED: usize = 2 * MAX_BYTES;

/// What a link restores.
///
/// ```
/// use s390_iommu::link::Link;
/// let link = Link { text: "schema = 1\n".into(), kernel: Some("p3".into()), step: Some(4), ..Link::default() };
/// let text = link.encode();
/// assert!(text.starts_with("#1"));
/// assert_eq!(Link::decode(&text)?, link);
/// # Ok::<(), s390_iommu::link::LinkError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The scenario's source, as it was typed.
    #[serde(rename = "t")]
    pub text: String,
    /// The kernel to run it on, where it is not the scenario's own: `p3`, `v6.1-rc2+p1,p4`.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// The kernel to compare with.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<String>,
    /// The step to show, from 1; 0 for before the first.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    /// The address to walk.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub iova: Option<u64>,
}

impl Link {
    /// The link as the fragment of an address, `#` included.
    pub fn encode(&self) -> String {
        // Plain data without maps: this cannot fail.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let folded = miniz_oxide::deflate::compress_to_vec(&json, 9);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(folded))
    }

    /// Reads a link; the `#` may be missing.
    ///
    /// # Errors
    /// The text is no link of a version that is known, or is damaged, or unfolds to more than a scenario can have.
    pub fn decode(text: &str) -> Result<Self, LinkError> {
        let text = text.trim().trim_start_matches('#');
        let body = match text.as_bytes().first() {
            None => return Err(LinkError::Empty),
            Some(b'1') => &text[1..],
            Some(_) => return Err(LinkError::Version(text.chars().next().unwrap_or('?'))),
        };
        let folded = URL_SAFE_NO_PAD.decode(body).map_err(|_| LinkError::Characters)?;
        let json =
            miniz_oxide::inflate::decompress_to_vec_with_limit(&folded, MAX_UNFOLDED).map_err(|error| {
                match error.status {
                    miniz_oxide::inflate::TINFLStatus::HasMoreOutput => LinkError::TooLong,
                    _ => LinkError::Damaged,
                }
            })?;
        let link: Self = serde_json::from_slice(&json).map_err(|_| LinkError::Content)?;
        if link.text.len() > MAX_BYTES { Err(LinkError::TooLong) } else { Ok(link) }
    }
}

/// Why a link cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// There is nothing in it.
    Empty,
    /// It begins with the digit of another version, or with something else.
    Version(char),
    /// It has characters that no link has; often it was cut or wrapped on its way.
    Characters,
    /// It does not unfold; often its end is missing.
    Damaged,
    /// It unfolds to more than a scenario can have.
    TooLong,
    /// It unfolds, but not to what a link holds.
    Content,
}

impl LinkError {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "L001",
            Self::Version(_) => "L002",
            Self::Characters => "L003",
            Self::Damaged => "L004",
            Self::TooLong => "L005",
            Self::Content => "L006",
        }
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code())?;
        match self {
            Self::Empty => f.write_str("the link is empty"),
            Self::Version(version) => {
                write!(
                    f,
                    "the link is of version {version:?}, which this program does not know; a newer one may"
                )
            }
            Self::Characters => {
                f.write_str("the link has characters that no link has; was it wrapped or cut?")
            }
            Self::Damaged => f.write_str("the link is damaged; is its end missing?"),
            Self::TooLong => f.write_str("the link unfolds to more than a scenario can have"),
            Self::Content => f.write_str("the link unfolds, but not to a scenario"),
        }
    }
}

impl std::error::Error for LinkError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Links that were given out; each must stay readable.
    const GIVEN_OUT: [(&str, &str); 2] =
        [("#1q1YqUbJSKk7OSM1NVLBVMIzJU9JRygYKFRgDGcVKVia1AA", "schema = 1\n"), ("#1q1YqUbJSUqoFAA", "")];

    #[test]
    fn links_that_were_given_out_stay_readable() {
        for (link, text) in GIVEN_OUT {
            assert_eq!(Link::decode(link).unwrap().text, text);
        }
    }

    #[test]
    fn every_kind_of_damage_has_its_message() {
        let good = Link { text: "x".repeat(100), ..Link::default() }.encode();
        assert_eq!(Link::decode(""), Err(LinkError::Empty));
        assert_eq!(Link::decode("#2abc"), Err(LinkError::Version('2')));
        assert_eq!(Link::decode("#1a b"), Err(LinkError::Characters));
        assert_eq!(Link::decode(&good[..good.len() - 4]), Err(LinkError::Damaged));
        let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; MAX_UNFOLDED + 1], 9);
        let bomb = format!("#1{}", URL_SAFE_NO_PAD.encode(bomb));
        assert_eq!(Link::decode(&bomb), Err(LinkError::TooLong));
        let other = miniz_oxide::deflate::compress_to_vec(b"[1]", 9);
        assert_eq!(Link::decode(&format!("1{}", URL_SAFE_NO_PAD.encode(other))), Err(LinkError::Content));
    }

    #[test]
    fn two_hundred_steps_fit_into_three_thousand_characters() {
        let step = |k: u64| {
            format!("  {{ map = {:#x}, phys = {:#x}, size = \"4 KiB\" }},\n", k * 0x1000, k * 0x3000)
        };
        let text: String = (0..200).map(step).collect();
        assert!(Link { text, ..Link::default() }.encode().len() < 3000);
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back(text: String, step: Option<u32>, iova: Option<u64>, kernel: Option<String>) {
            let link = Link { text, step, iova, kernel, compare: None };
            prop_assert_eq!(Link::decode(&link.encode()).unwrap(), link);
        }

        #[test]
        fn no_text_breaks_it(text: String, body in "[A-Za-z0-9_-]{0,200}") {
            let _ = Link::decode(&text);
            let _ = Link::decode(&format!("#1{body}"));
        }
    }
}
