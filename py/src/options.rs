//! Names of kernels, patches and machines.

use pyo3::prelude::*;
use s390_iommu::check::{Check, Checks};
use s390_iommu::hw::profile::Profile;
use s390_iommu::revision::{PatchSet, Revision};
use s390_iommu::scenario::check_name;

use crate::errors;

/// The kernel of this name, with exactly these patches if any are given.
pub(crate) fn revision(kernel: &str, set: Option<&[String]>) -> PyResult<Revision> {
    let revision: Revision = kernel.parse().map_err(errors::unknown)?;
    match set {
        None => Ok(revision),
        Some(names) => revision.with_set(patches(names)?).map_err(errors::unknown),
    }
}

/// The set of these patches.
pub(crate) fn patches(names: &[String]) -> PyResult<PatchSet> {
    names.iter().map(|name| name.parse().map_err(errors::unknown)).collect()
}

/// The machine of this name.
pub(crate) fn profile(name: &str) -> PyResult<Profile> {
    word(name, &Profile::NAMED)
}

/// The checks of these names; all of them unless any are given.
pub(crate) fn checks(names: Option<&[String]>) -> PyResult<Checks> {
    let Some(names) = names else { return Ok(Checks::ALL) };
    let known = Check::ALL.map(|(check, _)| (check.name(), check));
    let checks: PyResult<Vec<_>> = names.iter().map(|name| word(name, &known)).collect();
    Ok(Checks::of(&checks?))
}

/// Checks the name of something new. Raises `ValueError` for one that is taken or cannot be a name.
pub(crate) fn new_name(name: &str, taken: &[String]) -> PyResult<()> {
    check_name(name).map_err(errors::unknown)?;
    if taken.iter().any(|known| known == name) {
        return Err(errors::unknown(format!("{name:?} is there already")));
    }
    Ok(())
}

/// What a word stands for. Raises `ValueError` with the words that are known.
pub(crate) fn word<T: Copy>(word: &str, known: &[(&str, T)]) -> PyResult<T> {
    known.iter().find(|(name, _)| *name == word).map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        errors::unknown(format!("unknown word {word:?}; one of: {}", known.join(", ")))
    })
}
