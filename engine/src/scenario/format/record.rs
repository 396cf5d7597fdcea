//! Tables with fixed keys, lists, and the macros that say which keys a table has.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use super::codec::{Codec, wrong};
use super::out::Out;
use crate::scenario::parse::code;
use crate::scenario::parse::context::{Context, Table, clip};
use crate::scenario::parse::tree::{Node, Value};

/// A key of a table.
pub(in crate::scenario) struct Key {
    pub(in crate::scenario) name: &'static str,
    pub(in crate::scenario) required: bool,
    pub(in crate::scenario) schema: Json,
}

/// A table with fixed keys.
pub(in crate::scenario) trait Record: Sized {
    /// What it is, "a function".
    const WHAT: &str;
    /// Most of these in a list, with the code for more.
    const MOST: Option<(usize, &'static str)> = None;
    /// Its keys.
    fn keys() -> Vec<Key>;
    /// Takes its keys out of a table.
    fn read_keys(table: &mut Table<'_>, cx: &mut Context<'_>) -> Option<Self>;
    /// Adds what is not a default.
    fn write_keys(&self, out: &mut Vec<(String, Out)>);
}

/// Reads one field of a record by its presence: see [`record`].
macro_rules! read_field {
    ($key:literal, req $codec:ty, $table:ident, $cx:ident) => {
        $crate::scenario::format::record::required::<$codec>($table, $key, $cx)
    };
    ($key:literal, opt $codec:ty, $table:ident, $cx:ident) => {
        $crate::scenario::format::record::optional::<$codec>($table, $key, $cx)
    };
    ($key:literal, or{$default:expr} $codec:ty, $table:ident, $cx:ident) => {
        $crate::scenario::format::record::optional::<$codec>($table, $key, $cx)
            .map(|value| value.unwrap_or_else(|| $default))
    };
    ($key:literal, implied $codec:ty, $table:ident, $cx:ident) => {
        $crate::scenario::format::record::implied::<$codec>($table, $key, $cx)
    };
}

/// Writes one field, the other way round.
macro_rules! write_field {
    ($key:literal, opt $codec:ty, $value:expr, $out:ident) => {
        if let Some(value) = $value {
            $out.push(($key.to_owned(), <$codec as $crate::scenario::format::codec::Codec>::write(value)));
        }
    };
    ($key:literal, or{$default:expr} $codec:ty, $value:expr, $out:ident) => {
        if *$value != $default {
            $out.push(($key.to_owned(), <$codec as $crate::scenario::format::codec::Codec>::write($value)));
        }
    };
    ($key:literal, $presence:ident $codec:ty, $value:expr, $out:ident) => {
        $out.push(($key.to_owned(), <$codec as $crate::scenario::format::codec::Codec>::write($value)));
    };
}

/// Describes one field.
macro_rules! key_of {
    ($key:literal, $presence:ident $({$default:expr})? $codec:ty) => {
        $crate::scenario::format::record::Key {
            name: $key,
            required: stringify!($presence) == "req",
            schema: <$codec as $crate::scenario::format::codec::Codec>::schema(),
        }
    };
}

/// `record! { Type "a what" { "key" field: presence Codec; … } }`, where presence is `req`, `opt` (an `Option`),
/// `or{default}`, or `implied` (by what was declared). `+ field: Record` takes another record's keys from the same table.
macro_rules! record {
    ($type:ident $what:literal $(most($most:expr))? { $($key:literal $field:ident: $presence:ident $({$default:expr})? $codec:ty;)+ $(+ $flat:ident: $flat_type:ty;)? }) => {
        impl $crate::scenario::format::record::Record for $type {
            const WHAT: &str = $what;
            $(const MOST: Option<(usize, &'static str)> = Some($most);)?

            fn keys() -> Vec<$crate::scenario::format::record::Key> {
                #[allow(unused_mut, reason = "only records with a flattened part add to it")]
                let mut keys = vec![$($crate::scenario::format::record::key_of!($key, $presence $({$default})? $codec),)+];
                $(keys.extend(<$flat_type as $crate::scenario::format::record::Record>::keys());)?
                keys
            }

            fn read_keys(table: &mut Table<'_>, cx: &mut Context<'_>) -> Option<Self> {
                $(let $field = $crate::scenario::format::record::read_field!($key, $presence $({$default})? $codec, table, cx);)+
                $(let $flat = <$flat_type as $crate::scenario::format::record::Record>::read_keys(table, cx);)?
                Some(Self { $($field: $field?,)+ $($flat: $flat?,)? })
            }

            fn write_keys(&self, out: &mut Vec<(String, Out)>) {
                $($crate::scenario::format::record::write_field!($key, $presence $({$default})? $codec, &self.$field, out);)+
                $(self.$flat.write_keys(out);)?
            }
        }

        impl serde::Serialize for $type {
            /// In the shape of a file.
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                $crate::scenario::format::record::Rec::write(self).serialize(s)
            }
        }
    };
}
pub(super) use {key_of, read_field, record, write_field};

/// A value that must be there.
pub(super) fn required<C: Codec>(table: &mut Table<'_>, key: &str, cx: &mut Context<'_>) -> Option<C::Value> {
    match table.take(key) {
        Some(node) => cx.at_key(key, |cx| C::read(node, cx)),
        None => cx.error(code::MISSING_KEY, table.span, format!("`{key}` is missing"), None),
    }
}

/// A value that may be there.
#[expect(clippy::option_option, reason = "the outer one says whether reading went well")]
pub(super) fn optional<C: Codec>(
    table: &mut Table<'_>,
    key: &str,
    cx: &mut Context<'_>,
) -> Option<Option<C::Value>> {
    match table.take(key) {
        Some(node) => cx.at_key(key, |cx| C::read(node, cx)).map(Some),
        None => Some(None),
    }
}

/// A value that follows from what was declared, if it is not there.
pub(super) fn implied<C: Codec>(table: &mut Table<'_>, key: &str, cx: &mut Context<'_>) -> Option<C::Value> {
    if let Some(node) = table.take(key) {
        return cx.at_key(key, |cx| C::read(node, cx));
    }
    C::implied(cx).or_else(|| {
        let help = "it can be left out only where there is just one".to_owned();
        cx.error(code::MISSING_KEY, table.span, format!("`{key}` is missing"), Some(help))
    })
}

/// A record as a value of its own.
pub(in crate::scenario) struct Rec<R>(PhantomData<R>);

impl<R> Rec<R>
where
    R: Record,
{
    /// The record in a node.
    pub(in crate::scenario) fn read_node(node: &Node, cx: &mut Context<'_>) -> Option<R> {
        let mut table = Table::of(node, R::WHAT, cx)?;
        let record = R::read_keys(&mut table, cx);
        let names: Vec<_> = R::keys().iter().map(|key| key.name).collect();
        table.finish(&names, cx)?;
        record
    }

    /// The record as it is written.
    pub(in crate::scenario) fn write(record: &R) -> Out {
        let mut out = Vec::new();
        record.write_keys(&mut out);
        Out::Table(out)
    }
}

impl<R: Record> Codec for Rec<R> {
    type Value = R;
    const MOST: Option<(usize, &'static str)> = R::MOST;

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<R> {
        Self::read_node(node, cx)
    }

    fn write(value: &R) -> Out {
        Self::write(value)
    }

    fn schema() -> Json {
        object(R::keys(), R::WHAT)
    }
}

/// The schema of a table with these keys and no others.
pub(super) fn object(keys: Vec<Key>, what: &str) -> Json {
    let required: Vec<_> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let properties: BTreeMap<_, _> = keys.into_iter().map(|key| (key.name, key.schema)).collect();
    json!({
        "description": format!("{}{}.", what[..1].to_uppercase(), &what[1..]),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Any number of something.
pub(in crate::scenario) struct List<C>(PhantomData<C>);

impl<C: Codec> List<C> {
    fn items(items: &[Node], node: &Node, cx: &mut Context<'_>) -> Option<Vec<C::Value>> {
        if let Some((most, code)) = C::MOST.filter(|(most, _)| items.len() > *most) {
            cx.functions.incomplete = true;
            cx.domains.incomplete = true;
            return cx.error(code, &node.span, format!("{} are more than {most}", items.len()), None);
        }
        // All are read, so that all mistakes are found.
        let read: Vec<_> =
            items.iter().enumerate().map(|(i, item)| cx.at_index(i, |cx| C::read(item, cx))).collect();
        read.into_iter().collect()
    }
}

impl<C: Codec> Codec for List<C> {
    type Value = Vec<C::Value>;

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Vec<C::Value>> {
        match &node.value {
            Value::Array(items) => Self::items(items, node, cx),
            _ => wrong(node, "an array", cx),
        }
    }

    fn write(values: &Vec<C::Value>) -> Out {
        Out::Array(values.iter().map(C::write).collect())
    }

    fn schema() -> Json {
        let mut schema = json!({ "type": "array", "items": C::schema() });
        if let Some((most, _)) = C::MOST {
            schema["maxItems"] = most.into();
        }
        schema
    }
}

/// One table, or an array of them.
pub(in crate::scenario) struct Some1<C>(PhantomData<C>);

impl<C: Codec> Codec for Some1<C> {
    type Value = Vec<C::Value>;

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Vec<C::Value>> {
        match &node.value {
            Value::Array(items) => List::<C>::items(items, node, cx),
            _ => C::read(node, cx).map(|value| vec![value]),
        }
    }

    fn write(values: &Vec<C::Value>) -> Out {
        match values.as_slice() {
            [one] => C::write(one),
            _ => List::<C>::write(values),
        }
    }

    fn schema() -> Json {
        json!({ "anyOf": [C::schema(), { "type": "array", "items": C::schema() }] })
    }
}

/// Something by name, where the name is read by another codec.
pub(in crate::scenario) struct ByName<N, C>(PhantomData<(N, C)>);

impl<N: Codec<Value = String>, C: Codec> Codec for ByName<N, C> {
    type Value = BTreeMap<String, C::Value>;

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self::Value> {
        let table = Table::of(node, "what is expected by name", cx)?;
        let mut all = Some(BTreeMap::new());
        for entry in table.entries {
            let name = Node { value: Value::Text(entry.key.clone()), span: entry.key_span.clone() };
            let read = cx.at_key(&entry.key, |cx| {
                let (name, value) = (N::read(&name, cx), C::read(&entry.node, cx));
                Some((name?, value?))
            });
            let known =
                read.as_ref().is_some_and(|(name, _)| all.as_ref().is_some_and(|all| all.contains_key(name)));
            if known {
                let message = format!("`{}` is there twice", clip(&entry.key));
                all = cx.error(code::DUPLICATE_KEY, &entry.key_span, message, None);
            }
            all = all.zip(read).map(|(mut all, (name, value))| {
                all.insert(name, value);
                all
            });
        }
        all
    }

    fn write(values: &Self::Value) -> Out {
        Out::Table(values.iter().map(|(name, value)| (name.clone(), C::write(value))).collect())
    }

    fn schema() -> Json {
        json!({ "type": "object", "additionalProperties": C::schema() })
    }
}
