//! Engine data as the classes of `s390_iommu.values`.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use serde::Serialize;
use serde_json::Value;

/// The class of this name from `s390_iommu.values`, built from engine data.
pub(crate) fn value<'py>(py: Python<'py>, class: &str, data: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    py.import("s390_iommu.values")?.getattr(class)?.call_method1("of", (plain(py, data)?,))
}

/// One such value for each item.
pub(crate) fn values<'py>(
    py: Python<'py>,
    class: &str,
    items: &[impl Serialize],
) -> PyResult<Bound<'py, PyTuple>> {
    let class = py.import("s390_iommu.values")?.getattr(class)?;
    let values: PyResult<Vec<_>> =
        items.iter().map(|item| class.call_method1("of", (plain(py, item)?,))).collect();
    PyTuple::new(py, values?)
}

/// As [`value`], with its text under the key `text`.
pub(crate) fn value_with_text<'py>(
    py: Python<'py>,
    class: &str,
    data: &(impl Serialize + std::fmt::Display),
) -> PyResult<Bound<'py, PyAny>> {
    let dict = plain(py, data)?;
    dict.set_item("text", data.to_string())?;
    py.import("s390_iommu.values")?.getattr(class)?.call_method1("of", (dict,))
}

/// Engine data as dictionaries, lists, numbers and text.
pub(crate) fn plain<'py>(py: Python<'py>, data: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    let tree = serde_json::to_value(data).map_err(crate::errors::internal)?;
    object(py, tree)
}

/// Dictionaries, lists, numbers and text as JSON. Raises `TypeError` for anything else.
pub(crate) fn json(data: &Bound<'_, PyAny>) -> PyResult<String> {
    data.py().import("json")?.getattr("dumps")?.call1((data,))?.extract()
}

fn object(py: Python<'_>, tree: Value) -> PyResult<Bound<'_, PyAny>> {
    Ok(match tree {
        Value::Null => py.None().into_bound(py),
        Value::Bool(flag) => flag.into_pyobject(py)?.to_owned().into_any(),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => number.into_pyobject(py)?.into_any(),
            (None, Some(number)) => number.into_pyobject(py)?.into_any(),
            (None, None) => number.as_f64().into_pyobject(py)?.into_any(),
        },
        Value::String(text) => PyString::new(py, &text).into_any(),
        Value::Array(items) => {
            let items: Vec<_> = items.into_iter().map(|item| object(py, item)).collect::<PyResult<_>>()?;
            PyList::new(py, items)?.into_any()
        }
        Value::Object(entries) => {
            let dict = PyDict::new(py);
            for (key, item) in entries {
                dict.set_item(key, object(py, item)?)?;
            }
            dict.into_any()
        }
    })
}
