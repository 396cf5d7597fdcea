//! The types of a scenario from any serde format, read as strictly as a file.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::names::{Known, Names};
use super::reader::Reader;
use super::report::Report;
use super::value::{Key, Kind, Value};
use crate::scenario::expect::{
    DomainExpect, FinalExpect, FunctionExpect, StepExpect, TableCounts, Translation,
};
use crate::scenario::model::{Function, Scenario};
use crate::scenario::step::Step;

impl<'de> Deserialize<'de> for Scenario {
    /// The first mistake is the error; `parse` tells them all.
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(d)?;
        let (scenario, report) = super::read(&value, Known::default(), Report::default());
        scenario.ok_or_else(|| first(report))
    }
}

/// Parts of a scenario: names are not checked, and what a file may leave out because only one
/// domain is declared must be there.
macro_rules! part {
    ($($name:ty: $read:expr;)*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let value = Value::deserialize(d)?;
                let mut reader = Reader::new(Names::default());
                let found = ($read)(&mut reader, &value).filter(|_| reader.report.is_empty());
                found.ok_or_else(|| first(reader.report))
            }
        }
    )*};
}

part! {
    Function: Reader::function_set_up;
    Step: |r: &mut Reader<'_>, v| r.step(0, v);
    StepExpect: Reader::step_expect;
    FinalExpect: Reader::final_expect;
    DomainExpect: Reader::domain_expect;
    FunctionExpect: Reader::function_expect;
    TableCounts: Reader::table_counts;
    Translation: Reader::translation;
}

fn first<E: Error>(report: Report) -> E {
    let text = report.finish(None).first().map(ToString::to_string);
    E::custom(text.unwrap_or_default())
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Visit).map(|kind| Self { kind, span: None })
    }
}

struct Visit;

impl<'de> Visitor<'de> for Visit {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scenario")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Int(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Int(value.into()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Kind, E> {
        Ok(Kind::Float)
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Str(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Kind, D::Error> {
        d.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, d: D) -> Result<Kind, D::Error> {
        d.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Kind, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(Kind::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some((name, value)) = map.next_entry()? {
            entries.push((Key { name, span: None }, value));
        }
        Ok(Kind::Table(entries))
    }
}
