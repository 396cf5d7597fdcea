//! Scenario files: what is set up, what is done step by step, and what is expected.
//!
//! `model`, `step` and `expect` are plain data. Names of functions and domains are strings here;
//! what they stand for, and what the steps do, is decided by those who run a scenario.

pub mod expect;
mod form;
pub mod model;
pub mod schema;
pub mod step;
mod verbs;

pub use expect::{
    Condition, DomainExpect, FinalExpect, FunctionExpect, KernelRange, StepExpect, TableCounts, Translation,
};
pub use model::{Function, Place, Profile, SCHEMA, Scenario};
pub use step::{Access, Action, DomainKind, InjectPoint, Injection, Prot, Step};
pub use verbs::VERBS;
