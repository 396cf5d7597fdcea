//! Scenario files: what is set up, what is done step by step, and what is expected.
//!
//! [`Scenario`], [`Step`] and the expectations are plain data. Names of functions and domains are strings here; what they
//! stand for is decided by those who run a scenario.
//!
//! [`parse()`] reads a file and finds every mistake in it, [`to_toml`] and [`to_json`] write one, [`json_schema`]
//! describes them; all three follow the same tables of keys.

mod expect;
mod format;
mod model;
mod number;
mod parse;
mod print;
mod schema;
mod step;
mod words;

pub use expect::{
    Condition, CountersExpect, DomainExpect, FinalExpect, FunctionExpect, GroupExpect, StepExpect,
    TableCounts, Translation,
};
pub use format::names::check_name;
pub use model::{Function, Profile, SCHEMA, Scenario};
pub(crate) use number::bytes_text;
pub use parse::{CODES, Diagnostic, Parsed, explain, parse};
pub use print::{to_json, to_toml};
pub use schema::json_schema;
pub use step::{Action, Step};
pub use words::{Access, Capability, Direction, DomainKind, DriverKind, InjectPoint, Prot, TableLevel};
