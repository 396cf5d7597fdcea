//! A value with its place, whichever notation it was written in.

/// First byte and byte after the last.
pub(super) type Span = std::ops::Range<usize>;

/// A value and where it stands; values that were never text have no span.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) kind: Kind,
    pub(super) span: Option<Span>,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// JSON's null: as if the key were absent.
    Null,
    Bool(bool),
    /// Saturated to what fits.
    Int(i128),
    /// A number with a fraction or exponent; no key takes one.
    Float,
    /// A date or time of TOML; no key takes one.
    Date,
    Str(String),
    Array(Vec<Value>),
    Table(Vec<(Key, Value)>),
}

/// A key and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) span: Option<Span>,
}

impl Value {
    /// The type, with an article, for messages.
    pub(super) fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Int(_) => "an integer",
            Kind::Float => "a number with a fraction",
            Kind::Date => "a date",
            Kind::Str(_) => "text",
            Kind::Array(_) => "an array",
            Kind::Table(_) => "a table",
        }
    }

    /// The value of a key of a table.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Table(entries) => entries.iter().find(|(k, _)| k.name == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The elements of an array; none of anything else.
    pub(super) fn elements(&self) -> &[Self] {
        match &self.kind {
            Kind::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The text of a string.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) => Some(text),
            _ => None,
        }
    }
}
