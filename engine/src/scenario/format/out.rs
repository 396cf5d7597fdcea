//! What is to be written, with the forms that TOML and JSON tell apart.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::scenario::number::hex_text;

/// A value to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum Out {
    Text(String),
    /// A number best read in hexadecimal; text in JSON, and in TOML where it does not fit.
    Hex(u64),
    Int(i64),
    Bool(bool),
    Array(Vec<Out>),
    Table(Vec<(String, Out)>),
}

impl Serialize for Out {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => s.serialize_str(text),
            Self::Hex(0) => s.serialize_u64(0),
            Self::Hex(value) => s.serialize_str(&hex_text(*value)),
            Self::Int(value) => s.serialize_i64(*value),
            Self::Bool(value) => s.serialize_bool(*value),
            Self::Array(items) => {
                let mut seq = s.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Table(entries) => {
                let mut map = s.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}
