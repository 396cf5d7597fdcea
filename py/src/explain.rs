//! What codes and names mean, in the engine's words.

use pyo3::prelude::*;
use s390_iommu::exec::Stop;
use s390_iommu::hw::fault::FaultKind;
use s390_iommu::link::LinkError;
use s390_iommu::revision::PatchId;
use s390_iommu::scenario;
use s390_iommu::session::Refusal;
use s390_iommu::trace::Warning;

/// What a diagnostic's, refusal's or link error's code, a fault, a kernel warning, a stop or a patch means; `None` for anything else.
#[pyfunction]
pub(crate) fn explain(code: &str) -> Option<String> {
    let diagnostic = || scenario::explain(code).map(str::to_owned);
    let fault = || FaultKind::from_name(code).map(|kind| kind.explain().to_owned());
    let warning = Warning::ALL.into_iter().find(|(warning, _)| warning.name() == code);
    let stop = Stop::ALL.into_iter().find(|stop| stop.name() == code);
    let patch = || code.parse::<PatchId>().ok().map(PatchId::patch);
    let refusal = || Refusal::explain(code).or_else(|| LinkError::explain(code)).map(str::to_owned);
    diagnostic()
        .or_else(refusal)
        .or_else(fault)
        .or_else(|| warning.map(|(_, text)| format!("Kernel warning: {text}.")))
        .or_else(|| stop.map(|stop| stop.explain().to_owned()))
        .or_else(|| {
            patch().map(|patch| format!("{}. Before: {} After: {}", patch.title, patch.before, patch.after))
        })
}
