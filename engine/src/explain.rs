//! What names and codes mean: everything that outcomes, traces, messages and the machine call by a stable name.
//!
//! This is the one place. Texts that belong to a type stay with it and are gathered here; the rest, what instructions
//! answer, events, error numbers, is written down in tables here. [`KINDS`] lists all names, [`find`] knows them and what
//! else people write for them, and the book's page of codes is [`page()`].
//!
//! ```
//! use s390_iommu::explain::{explain, find};
//! let text = explain("range-check").expect("a decision");
//! assert!(text.contains("inclusive-end (p4 to v7.3)"), "{text}");
//! assert_eq!(explain("weather"), None);
//!
//! let codes: Vec<_> = find("cc1/40").into_iter().map(|found| found.code).collect();
//! assert_eq!(codes, ["mpcifc cc1/40", "rpcit cc1/40", "stpcifc cc1/40", "load/store cc1/40"]);
//! assert_eq!(find("pec 0x4")[0].code, "protection");
//! ```

mod answers;
mod clp;
mod entry;
mod errors;
mod events;
mod gathered;
mod kernels;
mod messages;
mod page;

pub use entry::Explanation;
pub use page::page;

use entry::Entry;

/// A kind of names.
pub struct Kind {
    /// What they are, in the plural: `"faults"`.
    pub title: &'static str,
    /// Few and fixed, so that [`page()`] lists them; kernels and decisions have pages of their own.
    pub listed: bool,
    names: fn() -> Vec<String>,
    find: fn(&str) -> Vec<Explanation>,
}

impl Kind {
    /// All of them, in order.
    pub fn names(&self) -> Vec<String> {
        (self.names)()
    }

    /// Those of this kind that a text means.
    pub fn find(&self, name: &str) -> Vec<Explanation> {
        (self.find)(name)
    }
}

/// Every kind, in the order in which names are looked up.
pub const KINDS: [Kind; 15] = [
    kernels::PATCHES,
    kernels::KERNELS,
    kernels::WHAT_IFS,
    kernels::DECISIONS,
    gathered::FAULTS,
    Kind {
        title: "events",
        listed: true,
        names: || Entry::codes(&events::EVENTS),
        find: |name| Entry::find(&events::EVENTS, name),
    },
    answers::ANSWERS,
    Kind {
        title: "responses of CLP",
        listed: true,
        names: || Entry::codes(&clp::RESPONSES),
        find: |name| Entry::find(&clp::RESPONSES, name),
    },
    Kind {
        title: "error numbers",
        listed: true,
        names: || Entry::codes(&errors::NUMBERS),
        find: |name| Entry::find(&errors::NUMBERS, name),
    },
    gathered::WARNINGS,
    gathered::STOPS,
    gathered::FLAWS,
    gathered::VERDICTS,
    gathered::CHECKS,
    messages::CODES,
];

/// Everything that a name or code means, by itself or as what people write for it: `cc 1/40`, `pec 0x3a`, `0x105`,
/// `-EINVAL`, `InvalidEntry`. Exact names hide those that are merely alike.
pub fn find(name: &str) -> Vec<Explanation> {
    let found: Vec<_> = KINDS.iter().flat_map(|kind| kind.find(name)).collect();
    let exact = found.iter().any(|meaning| meaning.code == name);
    found.into_iter().filter(|meaning| !exact || meaning.code == name).collect()
}

/// What a name or code means, in one or several lines, with an empty line between two meanings (`p3` is a patch and a
/// kernel, `protection` a decision and a fault); `None` for what has none here.
pub fn explain(name: &str) -> Option<String> {
    let meanings: Vec<_> = find(name).iter().map(ToString::to_string).collect();
    (!meanings.is_empty()).then(|| meanings.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::Stop;
    use crate::hw::fault::FaultKind;
    use crate::hw::zpci::Answer;
    use crate::linux::Errno;
    use crate::trace::Warning;

    #[test]
    fn every_name_is_explained() {
        let mut names = Vec::new();
        for kind in KINDS {
            for name in kind.names() {
                let found = kind.find(&name);
                assert_eq!(found.iter().filter(|meaning| meaning.code == name).count(), 1, "{name}");
                assert!(found.iter().all(|meaning| meaning.text.len() > 10), "{name}");
                let text = explain(&name).unwrap();
                assert!(text.len() > name.len() + 10 && !text.ends_with('\n'), "{name}: {text}");
                if kind.listed {
                    assert!(!found[0].source.is_empty(), "{name} has no source");
                    names.push(name);
                }
            }
        }
        let listed = names.len();
        names.sort();
        names.dedup();
        assert!(names.len() == listed && listed > 180, "{listed}");
    }

    #[test]
    fn what_the_engine_calls_by_a_name_is_known() {
        let known = |name: &str| !find(name).is_empty();
        assert!(FaultKind::ALL.iter().all(|kind| known(kind.name())));
        assert!(
            FaultKind::ALL.iter().all(|kind| kind.code() == 0 || known(&format!("pec {:#x}", kind.code())))
        );
        assert!(Stop::ALL.iter().all(|stop| known(stop.name())));
        assert!(Warning::ALL.iter().all(|(warning, _)| known(warning.name())));
        for name in Errno::names() {
            assert!(known(name), "{name}");
        }
        for answer in Answer::ALL {
            assert!(known(&answer.to_string()), "{answer}");
        }
    }

    #[test]
    fn friendly_names() {
        let codes = |name: &str| find(name).into_iter().map(|found| found.code).collect::<Vec<_>>();
        for (written, code) in [
            ("pec 0x3a", "pec 0x3a"),
            ("0x003a", "pec 0x3a"),
            ("PEC 58", "pec 0x3a"),
            ("event 0x7", "invalid-entry"),
            ("INVALTE", "invalid-entry"),
            ("InvalidEntry", "invalid-entry"),
            ("invalid_entry", "invalid-entry"),
            ("-EINVAL", "EINVAL"),
            ("einval", "EINVAL"),
            ("errno 22", "EINVAL"),
            ("cc 2", "cc2"),
            ("RPCIT 1/16", "rpcit cc1/16"),
            ("rpcit cc 1 status 0x10", "rpcit cc1/16"),
            ("mpcifc cc1/0x18", "mpcifc cc1/24"),
            ("0x105", "clp 0x0105"),
            ("CLP_RC_SETPCIFN_ALRDY", "clp 0x0105"),
            ("t003", "T003"),
        ] {
            assert_eq!(codes(written), [code], "{written}");
        }
        assert_eq!(codes("1/40").len(), 4);
        assert_eq!(codes(""), Vec::<String>::new());
        assert_eq!(codes("0x"), Vec::<String>::new());
    }
}
