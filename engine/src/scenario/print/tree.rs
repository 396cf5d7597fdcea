//! A serde serializer that keeps the order of keys and knows numbers written as text.

use std::fmt;

use serde::ser::{self, Impossible, Serialize};

use crate::scenario::form::MARK;

/// What the types of a scenario serialize to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    /// Absent.
    None,
    Bool(bool),
    Int(i128),
    Str(String),
    /// A number as text: `0x1_0000_0000`, `4 KiB`.
    Number(String),
    Array(Vec<Tree>),
    Table(Vec<(String, Tree)>),
}

/// The tree of a part of a scenario.
pub(super) fn tree<T: Serialize>(value: &T) -> Tree {
    value.serialize(ToTree).expect("scenarios consist of what trees have")
}

/// Something that no scenario contains: floats, bytes, variants with data.
#[derive(Debug)]
pub(super) struct Unsupported(String);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsupported {}

impl ser::Error for Unsupported {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

type Done = Result<Tree, Unsupported>;

fn unsupported<T>(what: &str) -> Result<T, Unsupported> {
    Err(Unsupported(what.to_owned()))
}

struct ToTree;

macro_rules! integers {
    ($($name:ident: $type:ty,)*) => {$(
        fn $name(self, value: $type) -> Done {
            Ok(Tree::Int(value.into()))
        }
    )*};
}

impl ser::Serializer for ToTree {
    type Ok = Tree;
    type Error = Unsupported;
    type SerializeSeq = Elements;
    type SerializeTuple = Elements;
    type SerializeTupleStruct = Impossible<Tree, Unsupported>;
    type SerializeTupleVariant = Impossible<Tree, Unsupported>;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Impossible<Tree, Unsupported>;

    integers! {
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
    }

    fn serialize_bool(self, value: bool) -> Done {
        Ok(Tree::Bool(value))
    }

    fn serialize_f32(self, _: f32) -> Done {
        unsupported("f32")
    }

    fn serialize_f64(self, _: f64) -> Done {
        unsupported("f64")
    }

    fn serialize_char(self, value: char) -> Done {
        Ok(Tree::Str(value.into()))
    }

    fn serialize_str(self, value: &str) -> Done {
        Ok(Tree::Str(value.to_owned()))
    }

    fn serialize_bytes(self, _: &[u8]) -> Done {
        unsupported("bytes")
    }

    fn serialize_none(self) -> Done {
        Ok(Tree::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        Ok(Tree::None)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        Ok(Tree::None)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        Ok(Tree::Str(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Done {
        match value.serialize(self)? {
            Tree::Str(text) if name == MARK => Ok(Tree::Number(text)),
            other => Ok(other),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Done {
        unsupported(variant)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements, Unsupported> {
        Ok(Elements(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Elements, Unsupported> {
        Ok(Elements(Vec::new()))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unsupported> {
        unsupported(name)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unsupported> {
        unsupported(variant)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Unsupported> {
        Ok(Entries(Vec::new(), String::new()))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries, Unsupported> {
        Ok(Entries(Vec::new(), String::new()))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unsupported> {
        unsupported(variant)
    }
}

/// An array in the making.
pub(super) struct Elements(Vec<Tree>);

impl ser::SerializeSeq for Elements {
    type Ok = Tree;
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.0.push(value.serialize(ToTree)?);
        Ok(())
    }

    fn end(self) -> Done {
        Ok(Tree::Array(self.0))
    }
}

impl ser::SerializeTuple for Elements {
    type Ok = Tree;
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Done {
        Ok(Tree::Array(self.0))
    }
}

/// A table in the making, and the key whose value is next.
pub(super) struct Entries(Vec<(String, Tree)>, String);

impl ser::SerializeMap for Entries {
    type Ok = Tree;
    type Error = Unsupported;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unsupported> {
        match key.serialize(ToTree)? {
            Tree::Str(key) => {
                self.1 = key;
                Ok(())
            }
            _ => unsupported("a key that is not text"),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.0.push((std::mem::take(&mut self.1), value.serialize(ToTree)?));
        Ok(())
    }

    fn end(self) -> Done {
        Ok(Tree::Table(self.0))
    }
}

impl ser::SerializeStruct for Entries {
    type Ok = Tree;
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        self.0.push((key.to_owned(), value.serialize(ToTree)?));
        Ok(())
    }

    fn end(self) -> Done {
        Ok(Tree::Table(self.0))
    }
}
