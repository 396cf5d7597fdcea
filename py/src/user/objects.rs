//! Objects of an iommufd: address spaces and page tables.

use pyo3::prelude::*;
use s390_iommu::addr::Iova;
use s390_iommu::lab::{UserOp, Value};
use s390_iommu::linux::driver::Prot;
use s390_iommu::linux::iommufd::{CopyRequest, MapRequest};
use s390_iommu::state::iommufd;
use s390_iommu::state::users;
use serde_json::json;

use super::Handle;
use super::memory::Memory;
use crate::machine::System;
use crate::{errors, options, plain};

/// An object by its number.
#[derive(Clone)]
pub(super) struct Object {
    pub(super) iommufd: Handle,
    pub(super) id: u32,
}

impl Object {
    fn context(&self) -> String {
        self.iommufd.name()
    }

    fn destroy(&self, py: Python<'_>) -> PyResult<()> {
        let op = UserOp::Destroy { context: self.context(), id: self.id };
        self.iommufd.perform(py, op, "destroy in").map(drop)
    }

    fn number(&self, py: Python<'_>, op: UserOp, verb: &str) -> PyResult<u64> {
        self.iommufd.number(py, op, &format!("{verb} {} in", self.id))
    }
}

/// An object, or its number.
#[derive(FromPyObject)]
pub(super) enum Target<'py> {
    Ioas(PyRef<'py, Ioas>),
    Hwpt(PyRef<'py, Hwpt>),
    Number(u32),
}

impl Target<'_> {
    /// Its number, for an operation of this very machine.
    pub(super) fn number(&self, system: &System) -> PyResult<u32> {
        let object = match self {
            Self::Ioas(ioas) => &ioas.0,
            Self::Hwpt(hwpt) => &hwpt.0,
            Self::Number(number) => return Ok(*number),
        };
        object.iommufd.of(system).map(|_| object.id)
    }
}

/// An address space of an iommufd. `Iommufd.ioas` allocates one.
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct Ioas(pub(super) Object);

#[pymethods]
impl Ioas {
    /// Addresses that may be mapped, and what they have to be multiples of: `IoasRanges` (`IOMMU_IOAS_IOVA_RANGES`).
    fn ranges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let op = UserOp::Ranges { context: self.0.context(), ioas: self.0.id };
        match self.0.iommufd.perform(py, op, &format!("ranges of {} in", self.0.id))?.value {
            Value::Ranges(ranges) => plain::value(py, "IoasRanges", &ranges),
            _ => Err(errors::internal("ranges were expected")),
        }
    }

    /// Maps user memory, in each page table there is (`IOMMU_IOAS_MAP`); gives the device's address. Without `iova`, the
    /// lowest free place with the alignment of `vaddr` is taken.
    ///
    /// `phys` and `prot` are as for `Container.user_map`. Raises `DriverError`: EINVAL for reserved addresses, EEXIST over
    /// another mapping, ENOSPC without a place, EFAULT without memory, and what a domain's map returns.
    #[pyo3(signature = (iova, phys, size, prot="rw", *, vaddr=0))]
    fn map(
        &self,
        py: Python<'_>,
        iova: Option<u64>,
        phys: Memory,
        size: u64,
        prot: &str,
        vaddr: u64,
    ) -> PyResult<u64> {
        let prot = options::word(prot, &Prot::NAMED)?;
        let request = MapRequest { iova: iova.map(Iova::new), vaddr, size, prot, memory: phys.runs(size)? };
        let op = UserOp::IoasMap { context: self.0.context(), ioas: self.0.id, request };
        self.0.number(py, op, "map in")
    }

    /// Unmaps whole mappings (`IOMMU_IOAS_UNMAP`); gives the bytes. Address 0 and a size of 2^64-1 mean everything.
    ///
    /// Raises `DriverError`: ENOENT where nothing is mapped, or where a mapping would be cut.
    fn unmap(&self, py: Python<'_>, iova: u64, size: u64) -> PyResult<u64> {
        let iova = Iova::new(iova);
        let op = UserOp::IoasUnmap { context: self.0.context(), ioas: self.0.id, iova, size };
        self.0.number(py, op, "unmap in")
    }

    /// Maps what is mapped here once more, in `to`, at `at` or any place (`IOMMU_IOAS_COPY`); gives the device's address.
    ///
    /// Raises `DriverError`: ENOENT where it is not mapped throughout, EPERM for writing to memory that was mapped for
    /// reading; as `map`.
    #[pyo3(signature = (iova, size, to, at=None, prot="rw"))]
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn copy(
        &self,
        py: Python<'_>,
        iova: u64,
        size: u64,
        to: Target<'_>,
        at: Option<u64>,
        prot: &str,
    ) -> PyResult<u64> {
        let request = CopyRequest {
            source: self.0.id,
            from: Iova::new(iova),
            target: to.number(&self.0.iommufd.system)?,
            to: at.map(Iova::new),
            size,
            prot: options::word(prot, &Prot::NAMED)?,
        };
        self.0.number(py, UserOp::IoasCopy { context: self.0.context(), request }, "copy of")
    }

    /// What is mapped, in order of address: `UserMapping` objects.
    #[getter]
    fn mappings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let mappings = self.0.iommufd.look(py, |users, handle| {
            let users::Handle::Context(context) = handle else { return Vec::new() };
            match users.iommufd.contexts[context].objects.get(&self.0.id) {
                Some(iommufd::Object::Ioas(ioas)) => ioas
                    .areas
                    .iter()
                    .map(|(iova, area)| json!({ "iova": iova, "size": area.size, "read": area.read, "write": area.write }))
                    .collect(),
                _ => Vec::new(),
            }
        })?;
        Ok(plain::values(py, "UserMapping", &mappings.unwrap_or_default())?.into_any())
    }

    /// Destroys it (`IOMMU_DESTROY`). Raises `DriverError`: EBUSY while it is in use.
    fn destroy(&self, py: Python<'_>) -> PyResult<()> {
        self.0.destroy(py)
    }

    /// Its number.
    #[getter]
    fn id(&self) -> u32 {
        self.0.id
    }

    #[expect(clippy::unused_self, reason = "a method in Python")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(errors::not_picklable("an Ioas"))
    }

    fn __repr__(&self) -> String {
        format!("<Ioas {} of {}>", self.0.id, self.0.iommufd.name)
    }
}

/// A page table of an iommufd, with a domain of its own. `Iommufd.hwpt` allocates one.
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct Hwpt(pub(super) Object);

#[pymethods]
impl Hwpt {
    /// Destroys it (`IOMMU_DESTROY`). Raises `DriverError`: EBUSY while it is in use.
    fn destroy(&self, py: Python<'_>) -> PyResult<()> {
        self.0.destroy(py)
    }

    /// Its number.
    #[getter]
    fn id(&self) -> u32 {
        self.0.id
    }

    #[expect(clippy::unused_self, reason = "a method in Python")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(errors::not_picklable("a Hwpt"))
    }

    fn __repr__(&self) -> String {
        format!("<Hwpt {} of {}>", self.0.id, self.0.iommufd.name)
    }
}
