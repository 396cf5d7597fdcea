//! The verdict: three answers about one access, and the name of what they disagree in.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Check;
use crate::addr::Phys;

macro_rules! verdicts {
    ($($(#[$doc:meta])* $value:ident = $name:literal, $check:expr, $text:literal;)+) => {
        /// Whether intent, tables and cache agree about an access, or in what they do not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Verdict { $($(#[$doc])* $value,)+ }

        impl Verdict {
            /// Every verdict with what it means and where to look.
            pub const ALL: [(Self, &str); [$($name),+].len()] = [$((Self::$value, $text),)+];

            /// Stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$value => $name,)+ }
            }

            /// The check that it violates; `None` for what may be.
            pub const fn check(self) -> Option<Check> {
                match self { $(Self::$value => $check,)+ }
            }
        }
    };
}

verdicts! {
    /// All is as wanted: it leads where it should, or nowhere if it should not lead anywhere.
    Agree = "agree", None,
        "Intent, tables and cache agree: the access leads where its caller was told, or it is refused because nothing was mapped.";
    /// The function's state stops it.
    Stopped = "stopped", None,
        "The address is mapped, but the function is in error, disabled or gone, so its accesses are dropped. Look for the error \
         event before, and for the reset that has to follow.";
    /// Mapped beyond what the function may use.
    BeyondRange = "beyond-range", None,
        "The address is mapped, but it lies outside of what was registered for the function. From patch 3 on the driver does not \
         refuse such a mapping. Look at the function's range and its reserved regions.";
    /// Unmapped, and the caller knows that the machine will be told later.
    Deferred = "deferred", None,
        "The address was unmapped without a sync, and the machine still has it cached. That is the price of lazy flushing, and \
         allowed until the refresh that follows. Look at the exposure window.";
    /// The machine uses what it has cached, although that is over.
    Stale = "stale", Some(Check::Stale),
        "The machine uses a translation that it cached before the page was unmapped or mapped anew, and no refresh covers it. Look \
         for the refresh that failed, or that nobody sent.";
    /// Mapped, and a hypervisor was not told.
    NotVisible = "not-visible", Some(Check::Agree),
        "The tables have the page, but the hypervisor shadows them and was not told. Look for the refresh after the map: from v6.2 \
         on it is only sent for functions whose group asks for it.";
    /// Mapped, and nothing is registered.
    Unregistered = "unregistered", Some(Check::Agree),
        "The function's user was told that it is attached, and the machine has nothing registered. Look for an attach that failed, \
         or that was accepted while the function was in error.";
    /// Mapped, and the tables have nothing.
    Lost = "lost", Some(Check::Agree),
        "The caller was told that the address is mapped, and the tables say no. Look for a failed map that was taken back over an \
         older mapping, or for an unmap that returned less than it did.";
    /// Unmapped, and the tables still translate it.
    StillMapped = "still-mapped", Some(Check::Agree),
        "The caller was told that the address is unmapped, and the tables still translate it.";
    /// The entry was written for another address.
    Aliased = "aliased", Some(Check::Agree),
        "The tables translate the address because of a mapping of another one: an address beyond what the tables cover was masked \
         instead of refused. Look for a map whose end wraps around.";
    /// The tables say what nobody asked for.
    Damaged = "damaged", Some(Check::Agree),
        "The tables say something that no call asked for. Look for memory that was changed by hand, for a failed map that was not \
         taken back, or for a table that another processor replaced.";
    /// The permission is not the one asked for.
    WrongPermission = "wrong-permission", Some(Check::Agree),
        "The address leads where it should, with another permission than was asked for. From v6.7 on mappings without read \
         permission are accepted, and entries have no way to say that.";
    /// The machine has other tables registered.
    WrongTables = "wrong-tables", Some(Check::Agree),
        "The machine walks the tables of another domain than the one the function's user was told. Look for an attach that failed \
         after its registration.";
    /// Out of its domain, and still registered to it.
    Leaked = "leaked", Some(Check::Leak),
        "The function has left the domain, and the machine still walks its tables. Look for a deregistration that failed or was \
         left out.";
    /// The machine walks freed tables.
    FreedTables = "freed-tables", Some(Check::Leak),
        "The tables that the machine walks were given back: whoever gets the memory next decides what the device reaches. Look for \
         a domain that was freed while a function was registered to it.";
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What the caller was told, as far as one access is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It leads to this frame, if the access is allowed.
    Page {
        /// The frame.
        frame: Phys,
        /// This kind of access is allowed.
        allowed: bool,
    },
    /// It was unmapped.
    Gone {
        /// The machine may be told later.
        deferred: bool,
    },
    /// It never was mapped.
    Never,
    /// The function may not access anything.
    Nowhere,
}

/// What a walk of the tables says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// Nobody asks them: the function's state stops its accesses.
    Stopped,
    /// Nothing is registered.
    Unregistered,
    /// The address is outside of what is registered.
    OutOfRange,
    /// They were given back.
    Freed,
    /// It leads to this frame.
    Frame {
        /// The frame.
        frame: Phys,
        /// This kind of access is allowed.
        allowed: bool,
    },
    /// An entry is invalid.
    Nothing,
    /// An entry is malformed.
    Wrong,
}

/// Whose tables are registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of the function's place.
    Own,
    /// Those of a place that it left.
    Left,
    /// Somebody else's.
    Other,
}

/// The answers about one access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Intent.
    pub wanted: Wanted,
    /// Tables.
    pub tables: Tables,
    /// Cache: something is cached for the page.
    pub cached: bool,
    /// The frame that the access gets.
    pub got: Option<Phys>,
    /// Whose tables they are.
    pub whose: Whose,
    /// What the tables say was mapped, for another address.
    pub aliased: bool,
}

/// Names what the answers agree or disagree in.
pub fn judge(answers: Answers) -> Verdict {
    let Answers { wanted, tables, cached, got, .. } = answers;
    let allowed = match wanted {
        Wanted::Page { frame, allowed: true } => Some(frame),
        _ => None,
    };
    match (allowed, got) {
        _ if tables == Tables::Freed => Verdict::FreedTables,
        (None, None) => Verdict::Agree,
        (Some(page), Some(frame)) if page == frame => match tables {
            Tables::Frame { frame, allowed: true } if frame == page => Verdict::Agree,
            Tables::Frame { frame, allowed: false } if frame == page => Verdict::WrongPermission,
            _ => missing(answers),
        },
        (Some(page), None) => match tables {
            Tables::Stopped => Verdict::Stopped,
            Tables::Unregistered => Verdict::Unregistered,
            Tables::OutOfRange => Verdict::BeyondRange,
            Tables::Frame { frame, allowed: true } if frame == page && cached => Verdict::Stale,
            Tables::Frame { frame, allowed: true } if frame == page => Verdict::NotVisible,
            Tables::Frame { frame, allowed: false } if frame == page => Verdict::WrongPermission,
            _ => missing(answers),
        },
        // It gets what it should not get: because the tables say so, or only because that is cached.
        (_, Some(frame)) if tables == (Tables::Frame { frame, allowed: true }) => match wanted {
            Wanted::Page { frame: page, .. } if page == frame && answers.whose == Whose::Own => {
                Verdict::WrongPermission
            }
            Wanted::Gone { .. } if answers.whose == Whose::Own && !answers.aliased => Verdict::StillMapped,
            _ => foreign(answers),
        },
        (_, Some(_)) => match wanted {
            Wanted::Gone { deferred: true } if answers.whose == Whose::Own => Verdict::Deferred,
            Wanted::Nowhere => foreign(answers),
            _ => Verdict::Stale,
        },
    }
}

/// The tables say what they should not.
const fn foreign(answers: Answers) -> Verdict {
    match answers.whose {
        Whose::Left => Verdict::Leaked,
        Whose::Other => Verdict::WrongTables,
        Whose::Own if answers.aliased => Verdict::Aliased,
        Whose::Own => Verdict::Damaged,
    }
}

/// The tables do not say what they should.
const fn missing(answers: Answers) -> Verdict {
    match answers.tables {
        Tables::Nothing if matches!(answers.whose, Whose::Own) => Verdict::Lost,
        _ => foreign(answers),
    }
}
