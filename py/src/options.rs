//! Names of kernels, patches and machines.

use pyo3::prelude::*;
use s390_iommu::hw::profile::Profile;
use s390_iommu::revision::{PatchSet, Revision};

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
    let found = Profile::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, profile)| profile);
    found.ok_or_else(|| errors::unknown(unknown_word(name, &Profile::NAMED)))
}

/// The message for a word that is none of these.
pub(crate) fn unknown_word<T>(word: &str, known: &[(&str, T)]) -> String {
    let known: Vec<_> = known.iter().map(|(name, _)| *name).collect();
    format!("unknown word {word:?}; one of: {}", known.join(", "))
}
