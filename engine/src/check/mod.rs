//! What must hold: three independent answers to every access, the name of their disagreement, and invariants over the
//! state after each step.
//!
//! *Intent* is what the history of calls and their results says is mapped ([`intent`]), *tables* is a walk of memory now,
//! *cache* is what the machine still holds. Nothing here asks the driver, and nothing here changes what runs.

mod checker;
mod effect;
pub mod intent;
mod judgement;
mod scan;
mod state;
mod touched;
pub mod verdict;
pub mod windows;

pub use checker::Checker;
pub use effect::Effect;
pub use judgement::Judgement;
pub use verdict::Verdict;
pub use windows::{Exposure, ExposureSummary, Moment, Window};

use serde::{Serialize, Serializer};

use crate::addr::IovaRange;
use crate::ids::FunctionId;

macro_rules! checks {
    ($($(#[$doc:meta])* $value:ident = $name:literal, $text:literal;)+) => {
        /// An invariant over the state after a step.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Check { $($(#[$doc])* $value,)+ }

        impl Check {
            /// Every check with what it holds to.
            pub const ALL: [(Self, &str); [$($name),+].len()] = [$((Self::$value, $text),)+];

            /// Stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$value => $name,)+ }
            }

            /// The check with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().map(|(check, _)| check).find(|check| check.name() == name)
            }
        }
    };
}

checks! {
    /// The cache.
    Stale = "stale",
        "Whatever the machine has cached is what the tables say, except for pages whose refresh is deferred.";
    /// Intent and tables.
    Agree = "agree",
        "The tables, and what is registered, say what callers were told; and hypervisors were told of it.";
    /// What is left over.
    Leak = "leak",
        "No function is registered to a domain that it left or that was freed, and a freed domain leaves no table behind.";
    /// Lists and tables.
    Shape = "shape",
        "Every list of functions leads back to its head and holds each function once, and only those that are in its domain.";
    /// What comes before what.
    Order = "order",
        "A strict unmap returns after the refresh that covers it, and no instruction is refused for coming in the wrong order.";
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Which checks are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Checks(u8);

impl Checks {
    /// None; verdicts and windows are kept all the same.
    pub const NONE: Self = Self(0);
    /// All.
    pub const ALL: Self = Self(u8::MAX);

    /// These and no others.
    pub fn of(checks: &[Check]) -> Self {
        Self(checks.iter().fold(0, |bits, check| bits | 1 << *check as u8))
    }

    /// Those that are on.
    pub fn names(self) -> Vec<&'static str> {
        let on = Check::ALL.into_iter().map(|(check, _)| check).filter(|check| self.has(*check));
        on.map(Check::name).collect()
    }

    /// Whether a check is on.
    pub const fn has(self, check: Check) -> bool {
        self.0 & 1 << check as u8 != 0
    }
}

/// Names of violations that are not verdicts, with what they mean.
pub const OTHER_VIOLATIONS: [(&str, &str); 5] = [
    (
        "exposed",
        "An unmap that was to be strict, or a map over another mapping, returned before a refresh covered its pages: the device \
         may go on using what it had cached. Look at the exposure window.",
    ),
    (
        "out-of-order",
        "The machine refused an instruction because of what went before: something was registered already or not at all, or the \
         handle means nothing any more.",
    ),
    (
        "ghost",
        "A domain's list has a function that is not in the domain, or has it twice. Each entry costs a refresh.",
    ),
    ("broken-list", "A domain's list of functions never leads back to its head."),
    ("orphaned-tables", "A domain was freed, and some of its tables were not: nobody will give them back."),
];

/// An invariant that does not hold after a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which check found it.
    pub check: Check,
    /// Stable name of what is wrong: a verdict's, or one of [`OTHER_VIOLATIONS`].
    pub what: &'static str,
    /// Whom it concerns.
    #[serde(skip)]
    pub function: Option<FunctionId>,
    /// First and last address.
    #[serde(serialize_with = "as_pair")]
    pub range: Option<IovaRange>,
    /// The step behind it, as far as that is known.
    pub cause: Option<u32>,
    /// All of that in one line.
    pub text: String,
}

#[expect(clippy::ref_option, reason = "serde hands over what it is to write by reference")]
fn as_pair<S: Serializer>(range: &Option<IovaRange>, serializer: S) -> Result<S::Ok, S::Error> {
    range.map(|range| (range.start.get(), range.last.get())).serialize(serializer)
}
