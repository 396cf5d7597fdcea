//! Scenarios that cannot be run as asked: the kernel, the patches or the schedule make no sense.

use super::Options;
use crate::revision::{PatchSet, Revision};
use crate::scenario::{Diagnostic, Scenario};

/// A scenario that cannot be run as asked.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Refusal {
    /// Stable code: `R001` kernel, `R002` patches, `R003` schedule, `R004` steps.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// Every code.
    pub const CODES: [&str; 4] = ["R001", "R002", "R003", "R004"];

    /// What a code means; `None` for what is no code of a refusal.
    pub fn explain(code: &str) -> Option<&'static str> {
        Some(match code {
            "R001" => {
                "The scenario or the caller names a kernel that is not modelled. The message lists those that are."
            }
            "R002" => {
                "The patches cannot be applied: one has no such name, or the kernel already contains the series. Patches are \
                 chosen on v6.1-rc2."
            }
            "R003" => "The schedule cannot be read. It is words of CPU or CPUxTIMES, such as `0x7 1x14 0x9`.",
            "R004" => {
                "The steps cannot be taken on a system that is there already: they are no list, something they name is not \
                 there, or one is a walk, which is the machine's."
            }
            _ => return None,
        })
    }
}

impl From<Refusal> for Diagnostic {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code,
            message: refusal.message,
            span: None,
            line: 0,
            column: 0,
            path: String::new(),
            help: None,
        }
    }
}

/// The kernel that a scenario and the options ask for.
pub(super) fn revision(scenario: &Scenario, options: Options) -> Result<Revision, Refusal> {
    let kernel =
        |error: crate::revision::UnknownRevision| Refusal { code: "R001", message: error.to_string() };
    let patches =
        |error: crate::revision::UnknownRevision| Refusal { code: "R002", message: error.to_string() };
    let revision = match (options.revision, &scenario.patches) {
        (Some(revision), _) => revision,
        (None, None) => scenario.kernel.parse().map_err(kernel)?,
        (None, Some(list)) => {
            let set: PatchSet =
                list.iter().map(|id| id.parse()).collect::<Result<_, _>>().map_err(patches)?;
            scenario.kernel.parse::<Revision>().map_err(kernel)?.with_set(set).map_err(patches)?
        }
    };
    match options.patches {
        Some(set) => revision.with_set(set).map_err(patches),
        None => Ok(revision),
    }
}
