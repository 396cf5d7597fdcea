//! Kernels: their names, and what one of them is.

use pyo3::prelude::*;
use s390_iommu::revision::{VariantId, list};
use serde_json::json;

use crate::{errors, options, plain};

/// Says what a kernel is: a `Kernel` with its story and everything it decides.
///
/// `kernel` is any name of a kernel, a set of patches (``"base+p1,p4"``) or a what-if (``"p1~reattach-on-failure"``);
/// `patches`, exactly these patches on it. Raises `ValueError` for names that are not known.
///
/// >>> from s390_iommu import describe
/// >>> describe("p4").changes
/// {'range-check': ('exclusive-end', 'inclusive-end')}
/// >>> describe("v6.16").decisions.get("table-depth")
/// 'by-range-trusted'
#[pyfunction]
#[pyo3(signature = (kernel, patches=None))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub(crate) fn describe<'py>(
    py: Python<'py>,
    kernel: &str,
    patches: Option<Vec<String>>,
) -> PyResult<Bound<'py, PyAny>> {
    let revision = options::revision(kernel, patches.as_deref())?;
    let data = json!({
        "name": revision.to_string(),
        "kernel": revision.kernel(),
        "patches": revision.patches(),
        "what_if": revision.variant(),
        "story": revision.story(),
        "decisions": revision.behavior().decisions(),
        "changes": revision.changes(),
        "unmet": revision.unmet().iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    plain::value(py, "Kernel", &data)
}

/// The kernels that a text names, each once: ``"base,p6"``, ``"p1..p6"`` (both ends included), ``"v6.12.."``, ``"all"``.
///
/// The commas of a set belong to it: ``"base+p1,p4 p6"`` names two kernels. Raises `ValueError` for what names none.
///
/// >>> from s390_iommu import kernels
/// >>> print(*kernels("base, p5..v6.6 p1~plain-store"))
/// v6.1-rc2 p5 p6 v6.2 v6.6 p1~plain-store
#[pyfunction]
pub(crate) fn kernels(text: &str) -> PyResult<Vec<String>> {
    Ok(list(text).map_err(errors::unknown)?.iter().map(ToString::to_string).collect())
}

/// The what-ifs as (name, origin, what, why not, seen on).
pub(crate) fn what_ifs() -> Vec<[&'static str; 5]> {
    let parts = |id: VariantId| {
        let what_if = id.variant();
        [what_if.name, what_if.origin, what_if.what, what_if.why_not, what_if.seen_on]
    };
    VariantId::all().map(parts).collect()
}
