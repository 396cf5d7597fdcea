//! Scenario files: what is set up, what is done step by step, and what is expected.
//!
//! `model`, `step` and `expect` are plain data. Names of functions and domains are strings here;
//! what they stand for, and what the steps do, is decided by those who run a scenario.

pub mod args;
pub mod codes;
pub mod diagnostic;
pub mod expect;
mod form;
pub mod model;
pub mod parse;
pub mod print;
pub mod schema;
pub mod step;
mod verbs;

pub use args::{Access, DomainKind, InjectPoint, Injection, Prot};
pub use codes::{CODES, explain};
pub use diagnostic::{Diagnostic, Severity};
pub use expect::{
    Condition, DomainExpect, FinalExpect, FunctionExpect, KernelRange, StepExpect, TableCounts, Translation,
};
pub use model::{Function, Place, Profile, SCHEMA, Scenario};
pub use parse::{Known, MAX_BYTES, MAX_DOMAINS, MAX_FUNCTIONS, MAX_STEPS, parse, parse_bytes, parse_with};
pub use print::{step_to_toml, to_json, to_toml};
pub use step::{Action, Step};
pub use verbs::VERBS;
