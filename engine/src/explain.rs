//! What names and codes mean: everything that outcomes, traces and messages call by a stable name.
//!
//! ```
//! let text = s390_iommu::explain::explain("range-check").expect("a decision");
//! assert!(text.contains("inclusive-end (p4 to v7.3)"), "{text}");
//! assert_eq!(s390_iommu::explain::explain("weather"), None);
//! ```

mod kernels;

use crate::exec::Stop;
use crate::hw::fault::FaultKind;
use crate::link::LinkError;
use crate::revision::{Behavior, PatchId, Revision, VariantId};
use crate::scenario;
use crate::session::Refusal;
use crate::trace::Warning;

/// A kind of names.
pub struct Kind {
    /// What they are, in the plural: `"faults"`.
    pub title: &'static str,
    names: fn() -> Vec<String>,
    explain: fn(&str) -> Option<String>,
}

impl Kind {
    /// All of them, in order.
    pub fn names(&self) -> Vec<String> {
        (self.names)()
    }
}

/// Every kind, in the order in which names are looked up.
pub const KINDS: [Kind; 8] = [
    Kind {
        title: "patches",
        names: || PatchId::ALL.map(|id| id.name().to_owned()).to_vec(),
        explain: |name| name.parse().ok().map(kernels::patch),
    },
    Kind {
        title: "kernels",
        names: || Revision::line().map(|revision| revision.to_string()).collect(),
        explain: |name| name.parse().ok().map(kernels::revision),
    },
    Kind {
        title: "what-ifs",
        names: || VariantId::all().map(|id| id.to_string()).collect(),
        explain: |name| name.parse().ok().map(kernels::what_if),
    },
    Kind {
        title: "decisions",
        names: || Behavior::GLOSSARY.iter().map(|decision| decision.name.to_owned()).collect(),
        explain: kernels::decision,
    },
    Kind {
        title: "faults",
        names: || FaultKind::ALL.map(|kind| kind.name().to_owned()).to_vec(),
        explain: |name| FaultKind::from_name(name).map(|kind| format!("Fault: {}", kind.explain())),
    },
    Kind {
        title: "kernel warnings",
        names: || Warning::ALL.map(|(warning, _)| warning.name().to_owned()).to_vec(),
        explain: |name| {
            let found = Warning::ALL.into_iter().find(|(warning, _)| warning.name() == name);
            found.map(|(_, text)| format!("Kernel warning: {text}."))
        },
    },
    Kind {
        title: "crashes and limits",
        names: || Stop::ALL.map(|stop| stop.name().to_owned()).to_vec(),
        explain: |name| {
            Stop::ALL.into_iter().find(|stop| stop.name() == name).map(|stop| stop.explain().to_owned())
        },
    },
    Kind {
        title: "codes of messages",
        names: || {
            let codes = scenario::CODES.iter().map(|(code, _)| *code);
            codes.chain(Refusal::CODES).chain(LinkError::CODES).map(str::to_owned).collect()
        },
        explain: |code| {
            let text = scenario::explain(code).or_else(|| Refusal::explain(code));
            text.or_else(|| LinkError::explain(code)).map(str::to_owned)
        },
    },
];

/// What a name or code means, in one or several lines, with an empty line between two meanings (`p3` is a patch and a
/// kernel, `protection` a decision and a fault); `None` for what has none here.
pub fn explain(name: &str) -> Option<String> {
    let meanings: Vec<_> = KINDS.iter().filter_map(|kind| (kind.explain)(name)).collect();
    (!meanings.is_empty()).then(|| meanings.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_explained() {
        let mut names = 0;
        for kind in KINDS {
            for name in kind.names() {
                let text = (kind.explain)(&name).unwrap_or_default();
                assert!(text.len() > name.len() + 10 && !text.ends_with('\n'), "{name}: {text}");
                assert!(explain(&name).unwrap().contains(&text));
                names += 1;
            }
        }
        assert!(names > 90, "{names}");
    }
}
