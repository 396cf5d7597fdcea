//! TOML to values.

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::super::form::hex_text;
use super::report::Report;
use super::value::{Key, Kind, Span, Value};

/// Reads a document; reports every syntax error and then returns nothing.
pub(super) fn read(text: &str, report: &mut Report) -> Option<Value> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let code = if error.message().contains("recursion limit") { "S006" } else { "S001" };
        report.error(code, error.span().as_ref(), error.message().to_owned());
    }
    let span = table.span();
    errors.is_empty().then(|| from_table(table.into_inner(), span, report))
}

fn from_table(table: DeTable<'_>, span: Span, report: &mut Report) -> Value {
    let mut entries: Vec<_> = table
        .into_iter()
        .map(|(key, value)| {
            let key = Key { span: Some(key.span()), name: key.into_inner().into_owned() };
            (key, from_value(value, report))
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.span.as_ref().map(|s| s.start));
    Value { kind: Kind::Table(entries), span: Some(span) }
}

fn from_value(value: Spanned<DeValue<'_>>, report: &mut Report) -> Value {
    let span = value.span();
    let kind = match value.into_inner() {
        DeValue::String(text) => Kind::Str(text.into_owned()),
        DeValue::Integer(integer) => Kind::Int(from_integer(&integer, &span, report)),
        DeValue::Float(_) => Kind::Float,
        DeValue::Boolean(value) => Kind::Bool(value),
        DeValue::Datetime(_) => Kind::Date,
        DeValue::Array(array) => Kind::Array(array.into_iter().map(|v| from_value(v, report)).collect()),
        DeValue::Table(table) => return from_table(table, span, report),
    };
    Value { kind, span: Some(span) }
}

fn from_integer(integer: &DeInteger<'_>, span: &Span, report: &mut Report) -> i128 {
    let limit = if integer.as_str().starts_with('-') { i128::MIN } else { i128::MAX };
    let value = i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(limit);
    if i64::try_from(value).is_ok() {
        return value;
    }
    report.error("S013", Some(span), "TOML integers are between -2^63 and 2^63-1".to_owned());
    if let Ok(value) = u64::try_from(value) {
        report.help(format!("write it as text: \"{}\"", hex_text(value)));
    }
    // Reported already: nothing more is to be said about this value.
    0
}
