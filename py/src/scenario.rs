//! Scenarios as Python sees them.

use pyo3::prelude::*;
use s390_iommu::scenario;

use crate::{errors, plain};

/// A scenario: what is set up, what is done step by step, and what is expected. `parse` makes one.
///
/// Two are equal if they mean the same; how they were written does not count.
#[pyclass(frozen, eq, module = "s390_iommu")]
pub(crate) struct Scenario {
    pub(crate) inner: scenario::Scenario,
    source: String,
}

impl PartialEq for Scenario {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

/// Reads a scenario from TOML, or from JSON of the same shape. Raises `ScenarioError` with every mistake.
///
/// >>> from s390_iommu import parse
/// >>> text = "schema = 1\ntitle = 'One'\nfunctions = [{ name = 'f0', dma = [0x1000, 0xffff] }]\n"
/// >>> parse(text).title
/// 'One'
#[pyfunction]
pub(crate) fn parse(py: Python<'_>, text: String) -> PyResult<Scenario> {
    let parsed = errors::engine(py, || scenario::parse(&text))?;
    match parsed.scenario {
        Some(inner) => Ok(Scenario { inner, source: text }),
        None => Err(errors::scenario(py, &text, &parsed.diagnostics)),
    }
}

/// The JSON Schema of scenario files, as text.
#[pyfunction]
pub(crate) fn schema_text(py: Python<'_>) -> PyResult<String> {
    errors::engine(py, || scenario::json_schema().to_string())
}

#[pymethods]
impl Scenario {
    /// The text it was read from.
    #[getter]
    fn source(&self) -> &str {
        &self.source
    }

    /// What it shows, in a few words.
    #[getter]
    fn title(&self) -> &str {
        &self.inner.title
    }

    /// What happens and why it matters.
    #[getter]
    fn about(&self) -> Option<&str> {
        self.inner.about.as_deref()
    }

    /// Topics for the gallery.
    #[getter]
    fn topics(&self) -> Vec<String> {
        self.inner.topics.clone()
    }

    /// The kernel it runs on unless told otherwise.
    #[getter]
    fn kernel(&self) -> &str {
        &self.inner.kernel
    }

    /// Exactly these patches instead of those the kernel contains.
    #[getter]
    fn patches(&self) -> Option<Vec<String>> {
        self.inner.patches.clone()
    }

    /// Names of its functions.
    #[getter]
    fn functions(&self) -> Vec<String> {
        self.inner.functions.iter().map(|function| function.name.clone()).collect()
    }

    /// Names of the domains that are there from the start.
    #[getter]
    fn domains(&self) -> Vec<String> {
        self.inner.domains.clone()
    }

    /// How many steps it has.
    fn __len__(&self) -> usize {
        self.inner.steps.len()
    }

    /// As a TOML file.
    fn to_toml(&self, py: Python<'_>) -> PyResult<String> {
        errors::engine(py, || scenario::to_toml(&self.inner))
    }

    /// As a JSON file.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        errors::engine(py, || scenario::to_json(&self.inner))
    }

    /// As dictionaries, lists, numbers and text.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain::plain(py, &self.inner)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (&str,))> {
        Ok((py.import("s390_iommu")?.getattr("parse")?, (&self.source,)))
    }

    fn __repr__(&self) -> String {
        format!("<Scenario {:?}: {} steps>", self.inner.title, self.inner.steps.len())
    }
}
