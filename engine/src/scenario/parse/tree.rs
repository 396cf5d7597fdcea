//! What was read, before it means anything: TOML and JSON in one shape, with places.

use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Bytes of the source.
pub(in crate::scenario) type Span = Option<Range<usize>>;

/// A value with its place.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Node {
    pub(in crate::scenario) value: Value,
    pub(in crate::scenario) span: Span,
}

/// A value. Tables keep their order and their duplicates.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum Value {
    Bool(bool),
    Int(i128),
    /// A TOML integer that is not one by TOML's rules: beyond 63 bits.
    Wide,
    Text(String),
    Array(Vec<Node>),
    Table(Vec<Entry>),
    /// A kind that no key takes, by its name.
    Other(&'static str),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Entry {
    pub(in crate::scenario) key: String,
    pub(in crate::scenario) key_span: Span,
    pub(in crate::scenario) node: Node,
}

impl Value {
    /// What it is, for messages.
    pub(in crate::scenario) fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Wide => "an integer",
            Self::Text(_) => "a text",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
            Self::Other(kind) => kind,
        }
    }
}

/// From TOML. Keys come in order of the file.
pub(super) fn from_table(table: &DeTable<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_span: Some(key.span()),
            node: from_value(value),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.as_ref().map(|span| span.start));
    entries
}

fn from_value(value: &Spanned<DeValue<'_>>) -> Node {
    let span = Some(value.span());
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Int(number.into()),
            Err(_) => Value::Wide,
        },
        DeValue::Float(_) => Value::Other("a fraction"),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Array(items) => Value::Array(items.iter().map(from_value).collect()),
        DeValue::Table(table) => Value::Table(from_table(table)),
    };
    Node { value, span }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Json).map(|value| Self { value, span: None })
    }
}

/// Takes any JSON value.
struct Json;

impl<'de> Visitor<'de> for Json {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Int(value.into()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other("a fraction"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Other("null"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, node)) = map.next_entry()? {
            entries.push(Entry { key, key_span: None, node });
        }
        Ok(Value::Table(entries))
    }
}
