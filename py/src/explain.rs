//! What codes and names mean, in the engine's words.

use pyo3::prelude::*;
use s390_iommu::explain as engine;

/// What a name or code means: see `s390_iommu.explain`; `None` for what has no meaning.
#[pyfunction]
pub(crate) fn explain(code: &str) -> Option<String> {
    engine::explain(code)
}

/// Everything that can be explained, as (kind, names).
pub(crate) fn names() -> Vec<(&'static str, Vec<String>)> {
    engine::KINDS.iter().map(|kind| (kind.title, kind.names())).collect()
}
