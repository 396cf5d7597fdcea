//! Words explained, bit by bit.

use pyo3::prelude::*;
use s390_iommu::table::{self, WordKind};

use crate::{errors, plain};

/// Explains `word` (0 to 2^64-1) as a word of this kind, a `Decoded`.
///
/// `kind` is ``iota``, ``region-first``, ``region-second``, ``region-third``, ``segment`` or ``page``; others raise `ValueError`.
/// Never fails for a word: bits without known meaning are shown as such.
///
/// >>> from s390_iommu import decode
/// >>> decode("page", 0x7fee_d200).meaning
/// 'page entry: frame 0x7feed000, read-only'
#[pyfunction]
pub(crate) fn decode<'py>(py: Python<'py>, kind: &str, word: u64) -> PyResult<Bound<'py, PyAny>> {
    let kind: WordKind = kind.parse().map_err(errors::unknown)?;
    let decoded = errors::engine(py, || table::decode(kind, word))?;
    plain::value_with_text(py, "Decoded", &decoded)
}
