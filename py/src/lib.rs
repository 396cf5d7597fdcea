//! The native half of the Python package `s390_iommu`: thin, frozen wrappers around engine values.

mod capture;
mod domain;
mod dump;
mod errors;
mod explain;
mod function;
mod group;
mod kernels;
mod link;
mod machine;
mod options;
mod plain;
mod race;
mod replay;
mod results;
mod scenario;
mod session;
mod user;
mod word;

use pyo3::prelude::*;

/// Functions and classes of the engine. Import them from `s390_iommu`.
#[pymodule]
mod _engine {
    use pyo3::prelude::*;
    use s390_iommu::revision::{PatchId, Revision};

    #[pymodule_export]
    use crate::capture::CaptureReplay;
    #[pymodule_export]
    use crate::domain::Domain;
    #[pymodule_export]
    use crate::dump::Dump;
    #[pymodule_export]
    use crate::explain::explain;
    #[pymodule_export]
    use crate::function::Function;
    #[pymodule_export]
    use crate::group::Group;
    #[pymodule_export]
    use crate::kernels::{describe, kernels};
    #[pymodule_export]
    use crate::link::{decode_link, encode_link};
    #[pymodule_export]
    use crate::machine::Machine;
    #[pymodule_export]
    use crate::race::Exploration;
    #[pymodule_export]
    use crate::replay::Replay;
    #[pymodule_export]
    use crate::scenario::{Scenario, parse, schema_text};
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::user::{Container, Device, Hwpt, Ioas, Iommufd, VfioGroup};
    #[pymodule_export]
    use crate::word::decode;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::errors::keep_panics();
        module.add("KERNELS", Revision::line().map(|kernel| kernel.to_string()).collect::<Vec<_>>())?;
        module.add("PATCHES", PatchId::ALL.map(|id| (id.name(), id.patch().title)).to_vec())?;
        module.add("WHAT_IFS", crate::kernels::what_ifs())?;
        module.add("NAMES", crate::explain::names())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
