//! Playground links.

use pyo3::prelude::*;
use s390_iommu::link;

use crate::errors;

/// The link of a scenario and what is looked at: text that begins with ``#1``.
#[pyfunction]
#[pyo3(signature = (text, kernel=None, patches=None, compare=None, step=None, iova=None))]
pub(crate) fn encode_link(
    py: Python<'_>,
    text: String,
    kernel: Option<String>,
    patches: Option<Vec<String>>,
    compare: Option<String>,
    step: Option<u32>,
    iova: Option<u64>,
) -> PyResult<String> {
    let link = link::Link { text, kernel, patches, compare, step, iova };
    errors::engine(py, || link.encode())
}

/// What a link holds, as the arguments of `encode_link`. Raises `ValueError`.
#[pyfunction]
pub(crate) fn decode_link(py: Python<'_>, fragment: &str) -> PyResult<LinkParts> {
    let link = errors::engine(py, || link::Link::decode(fragment))?.map_err(errors::unknown)?;
    Ok((link.text, link.kernel, link.patches, link.compare, link.step, link.iova))
}

type LinkParts = (String, Option<String>, Option<Vec<String>>, Option<String>, Option<u32>, Option<u64>);
