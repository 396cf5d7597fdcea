//! Steps in the words of scenario files, for a system that is there already.

use serde_json::{Value, json};

use super::lower::{Lowered, lower};
use super::{Buffers, Refusal, text};
use crate::lab::{Lab, Op};
use crate::scenario::{self, Action, Diagnostic};

/// A step that can be taken on a [`Lab`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What it does, in one line.
    pub text: String,
    /// The same as data; for [`Buffers::note`].
    pub action: Action,
    /// The CPU it names, 0 or 1.
    pub cpu: Option<u8>,
    /// The operation.
    pub op: Op,
}

/// Reads steps, a JSON array of objects with the keys of scenario files, for a system as it is now; `buffers` are those that
/// earlier steps named.
///
/// # Errors
/// Every mistake in them, with a path such as `steps[0].size`; `R004` for a step that is no operation.
///
/// ```
/// # use s390_iommu::addr::{Iova, IovaRange};
/// # use s390_iommu::lab::{FunctionSpec, Lab};
/// use s390_iommu::session::{Buffers, acts};
/// let mut lab = Lab::new("p6".parse()?);
/// let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
/// let f0 = lab.add_function(&FunctionSpec::new("f0", dma));
/// lab.alloc_domain("d0", f0);
/// let steps = acts(&lab, &Buffers::default(), r#"[{"attach": "f0", "to": "d0"}]"#).expect("steps without mistakes");
/// assert_eq!(lab.perform(&steps[0].op).rc, 0);
/// assert_eq!(acts(&lab, &Buffers::default(), r#"[{"attach": "f7"}]"#).unwrap_err()[0].path, "steps[0].attach");
/// # Ok::<(), s390_iommu::revision::UnknownRevision>(())
/// ```
pub fn acts(lab: &Lab, buffers: &Buffers, steps: &str) -> Result<Vec<Act>, Vec<Diagnostic>> {
    let refused = |message: String| vec![Diagnostic::from(Refusal { code: "R004", message })];
    let steps: Value = serde_json::from_str(steps).map_err(|error| refused(error.to_string()))?;
    let kernel = &lab.world().kernel;
    let functions: Vec<_> = kernel
        .functions
        .iter()
        .map(|function| json!({ "name": function.name, "dma": [function.range.start, function.range.last] }))
        .collect();
    let mut domains: Vec<_> =
        kernel.domains.iter().filter(|domain| !domain.freed).map(|domain| &*domain.name).collect();
    // Those that the IOMMU core allocated for itself can be named without being declared, or not at all.
    domains.retain(|name| scenario::check_name(name).is_ok());
    domains.sort_unstable();
    domains.dedup();
    let file = json!({
        "schema": scenario::SCHEMA, "title": "steps", "functions": functions, "domains": domains, "steps": steps,
    });
    let parsed = scenario::parse(&file.to_string());
    let Some(scenario) = parsed.scenario else {
        // The text it was read from is nobody's: a path says more than a column of it.
        return Err(parsed
            .diagnostics
            .into_iter()
            .map(|found| Diagnostic { line: 0, column: 0, ..found })
            .collect());
    };
    let act = |step: scenario::Step| match lower(lab, buffers, &step.action)? {
        Lowered::Op(op) => {
            Ok(Act { text: text::describe(&step.action), action: step.action, cpu: step.cpu, op })
        }
        Lowered::Walk { .. } => Err("a walk is the machine's, not an operation of the kernel".to_owned()),
    };
    scenario.steps.into_iter().map(act).collect::<Result<_, _>>().map_err(refused)
}
