//! A domain of the live machine.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use s390_iommu::addr::{Iova, Phys};
use s390_iommu::ids::DomainId;
use s390_iommu::lab::{DomainView, Op, OpResult};
use s390_iommu::linux::driver::Prot;
use s390_iommu::state::kernel;

use crate::machine::System;
use crate::{errors, options, plain};

/// A domain: an address space that functions are attached to. `Machine.domain` makes one.
///
/// Addresses and sizes are bytes, 0 to 2^64-1; others raise `OverflowError`. Every operation can raise `KernelCrash` where
/// the real kernel would crash, and `LimitReached`.
///
/// >>> from s390_iommu import Machine
/// >>> machine = Machine("v6.8")
/// >>> f0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff))
/// >>> d0 = machine.domain("d0")
/// >>> f0.attach(d0)
/// >>> d0.map(0x1_0000_0000, phys=0x8000_0000, size=0x2000)
/// >>> d0.unmap(0x1_0000_0000, 0x1000)
/// 4096
/// >>> d0.translations
/// (Translation(iova=4294971392, phys=2147487744, writable=True, pages=1),)
/// >>> d0.counters.get("unmapped_pages")
/// 1
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct Domain {
    pub(crate) system: System,
    pub(crate) id: DomainId,
}

#[pymethods]
impl Domain {
    /// Maps `size` bytes from `iova` to `phys` through the IOMMU core.
    ///
    /// Addresses and sizes are bytes, 0 to 2^64-1; what is no multiple of the page size is refused as Linux does it.
    /// `prot` is ``"rw"``, ``"r"``, ``"w"`` or ``"none"``. Raises `DriverError` if it fails, with everything rolled back
    /// that Linux rolls back; `KernelCrash` or `LimitReached` if the system gets no further.
    #[pyo3(signature = (iova, phys, size, prot="rw"))]
    fn map(&self, py: Python<'_>, iova: u64, phys: u64, size: u64, prot: &str) -> PyResult<()> {
        let (domain, iova, phys) = (self.id, Iova::new(iova), Phys::new(phys));
        let prot = options::word(prot, &Prot::NAMED)?;
        self.perform(py, &Op::Map { domain, iova, phys, size, prot }, &format!("map {iova} in")).map(drop)
    }

    /// Unmaps `size` bytes from `iova` through the IOMMU core, with the refreshes that belong to it; gives the number of bytes
    /// unmapped, which may be more or less than was asked for: Linux has no other way to tell.
    fn unmap(&self, py: Python<'_>, iova: u64, size: u64) -> PyResult<u64> {
        self.number(py, &Op::Unmap { domain: self.id, iova: Iova::new(iova), size }, "unmap")
    }

    /// As `unmap`, without the sync, which `iotlb_sync` does later; `gather` says what waits for it.
    fn unmap_fast(&self, py: Python<'_>, iova: u64, size: u64) -> PyResult<u64> {
        self.number(py, &Op::UnmapFast { domain: self.id, iova: Iova::new(iova), size }, "unmap_fast")
    }

    /// Refreshes what `unmap_fast` gathered, on kernels that gather (from v6.2 on).
    fn iotlb_sync(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, &Op::IotlbSync { domain: self.id }, "iotlb_sync").map(drop)
    }

    /// Refreshes everything the domain translates.
    fn flush_iotlb_all(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, &Op::FlushIotlbAll { domain: self.id }, "flush_iotlb_all").map(drop)
    }

    /// Asks the driver to map `count` pages of `page_size` bytes, past the core and its checks; gives the number of bytes
    /// mapped. Before p6 the driver maps one page a call, and that is what is done. Raises `DriverError`.
    #[pyo3(signature = (iova, phys, page_size, count, prot="rw"))]
    fn map_pages(
        &self,
        py: Python<'_>,
        iova: u64,
        phys: u64,
        page_size: u64,
        count: u64,
        prot: &str,
    ) -> PyResult<u64> {
        let (domain, iova, phys) = (self.id, Iova::new(iova), Phys::new(phys));
        let prot = options::word(prot, &Prot::NAMED)?;
        self.number(py, &Op::MapPages { domain, iova, phys, page_size, count, prot }, "map_pages")
    }

    /// Asks the driver to unmap `count` pages of `page_size` bytes, past the core and without a sync; gives the number of
    /// bytes unmapped. Before p6 one page is unmapped.
    fn unmap_pages(&self, py: Python<'_>, iova: u64, page_size: u64, count: u64) -> PyResult<u64> {
        let op = Op::UnmapPages { domain: self.id, iova: Iova::new(iova), page_size, count };
        self.number(py, &op, "unmap_pages")
    }

    /// Asks the driver where the page of `iova` is mapped to, an absolute address; 0 where nothing is.
    fn iova_to_phys(&self, py: Python<'_>, iova: u64) -> PyResult<u64> {
        self.number(py, &Op::IovaToPhys { domain: self.id, iova: Iova::new(iova) }, "iova_to_phys")
    }

    /// Frees it. Functions that are still attached then use freed tables, and Linux warns.
    fn free(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, &Op::Free { domain: self.id }, "free").map(drop)
    }

    /// Its name.
    #[getter]
    fn name(&self, py: Python<'_>) -> PyResult<String> {
        self.kept(py, |domain| domain.name.clone())
    }

    /// Names of the functions on its list, newest first.
    #[getter]
    fn devices(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        Ok(self.look(py)?.devices)
    }

    /// First and last address of its aperture.
    #[getter]
    fn aperture(&self, py: Python<'_>) -> PyResult<(u64, u64)> {
        let aperture = self.kept(py, |domain| domain.geometry.aperture)?;
        Ok((aperture.start.get(), aperture.last.get()))
    }

    /// What its tables translate, neighbours merged, in order of address: `Translation` objects.
    #[getter]
    fn translations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.view(py)?.getattr("translations")
    }

    /// Levels of its tables, 3 to 5: region-third, segment and page tables, from v6.16 on maybe more above.
    #[getter]
    fn levels(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.look(py)?.levels)
    }

    /// What it counts, with Linux's names: ``{"mapped_pages": 256, "sync_rpcits": 1, …}``.
    #[getter]
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.view(py)?.getattr("counters")
    }

    /// What `unmap_fast` unmapped and nobody refreshed yet, as (first, last); `None` for nothing.
    #[getter]
    fn gather(&self, py: Python<'_>) -> PyResult<Option<(u64, u64)>> {
        Ok(self.look(py)?.gather.map(|range| (range.start.get(), range.last.get())))
    }

    /// Its region, segment and page tables, counted.
    #[getter]
    fn tables(&self, py: Python<'_>) -> PyResult<(u64, u64, u64)> {
        Ok(self.look(py)?.tables.into())
    }

    /// Whether its tables were given back.
    #[getter]
    fn freed(&self, py: Python<'_>) -> PyResult<bool> {
        self.kept(py, |domain| domain.freed)
    }

    /// Everything about it, now: a `DomainView`.
    fn view<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain::value(py, "DomainView", &self.look(py)?)
    }

    /// Its tables for reading, `rows` rows at most: a `Tree`, whose `str()` is the text.
    #[pyo3(signature = (rows=200))]
    fn tree<'py>(&self, py: Python<'py>, rows: usize) -> PyResult<Bound<'py, PyAny>> {
        let tree = self.system.with(py, |state| state.lab.tree(self.id, rows))?;
        plain::value_with_text(py, "Tree", &tree)
    }

    #[expect(clippy::unused_self, reason = "a method in Python")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(errors::not_picklable("a Domain"))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        self.kept(py, |domain| format!("<Domain {}, aperture {}>", domain.name, domain.geometry.aperture))
    }
}

impl Domain {
    /// Its number, for an operation of this very machine.
    pub(crate) fn of(&self, system: &System) -> PyResult<DomainId> {
        let same = self.system.is(system);
        same.then_some(self.id).ok_or_else(|| PyValueError::new_err("the domain belongs to another Machine"))
    }

    /// What the kernel itself keeps: no table is read for it.
    fn kept<T: Send>(&self, py: Python<'_>, read: impl FnOnce(&kernel::Domain) -> T + Send) -> PyResult<T> {
        self.system.with(py, |state| read(&state.lab.world().kernel.domains[self.id.index()]))
    }

    fn look(&self, py: Python<'_>) -> PyResult<DomainView> {
        self.system.with(py, |state| state.lab.domain(self.id))
    }

    fn perform(&self, py: Python<'_>, op: &Op, verb: &str) -> PyResult<OpResult> {
        let name = self.name(py)?;
        self.system.perform(py, op, &format!("{verb} {name}"))
    }

    fn number(&self, py: Python<'_>, op: &Op, verb: &str) -> PyResult<u64> {
        Ok(self.perform(py, op, verb)?.value.number().unwrap_or_default())
    }
}

/// A domain, or the name of one: ``"blocking"`` and ``"identity"`` are the static ones.
#[derive(FromPyObject)]
pub(crate) enum Target<'py> {
    /// An object.
    Domain(PyRef<'py, Domain>),
    /// A name.
    Name(String),
}

impl Target<'_> {
    /// Its number, for an operation of this very machine.
    pub(crate) fn of(&self, py: Python<'_>, system: &System) -> PyResult<DomainId> {
        match self {
            Self::Domain(domain) => domain.of(system),
            Self::Name(name) => system
                .with(py, |state| state.lab.find_domain(name))?
                .ok_or_else(|| errors::unknown(format!("there is no domain {name:?}"))),
        }
    }
}
