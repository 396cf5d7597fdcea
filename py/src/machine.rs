//! The live machine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use s390_iommu::addr::{Iova, IovaRange, Phys};
use s390_iommu::hw::profile::Profile;
use s390_iommu::ids::{DomainId, FunctionId};
use s390_iommu::lab::{FunctionSpec, Lab, Op, OpResult};
use s390_iommu::linux::driver::DomainType;
use s390_iommu::session::Counters;
use s390_iommu::state::kernel::{Armed, Failure, FaultSite};
use s390_iommu::trace::{Trace, hash_lines};

use crate::domain::Domain;
use crate::errors;
use crate::function::Function;
use crate::options;
use crate::plain;

/// A simulated system to be driven call by call.
///
/// `kernel` and `patches` say which driver runs, `profile` which machine: ``"lpar"``, ``"zvm"`` or ``"qemu"``.
/// With `trace=False` only what comes out of calls is kept. Raises `ValueError` for names that are not known.
/// Copies (`snapshot`, `copy.copy`, `copy.deepcopy`) are cheap and independent. It cannot be pickled.
///
/// >>> from s390_iommu import Machine
/// >>> machine = Machine("p6")
/// >>> f0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff))
/// >>> d0 = machine.domain("d0")
/// >>> f0.attach(d0)
/// >>> d0.map(0x1_0000_0000, 0x8000_0000, 0x10_0000)
/// >>> hex(f0.walk(0x1_0000_5123).phys)
/// '0x80005123'
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct Machine {
    pub(crate) system: System,
}

/// The system that a machine, its functions and its domains share.
#[derive(Clone)]
pub(crate) struct System(Arc<Mutex<State>>);

pub(crate) struct State {
    pub(crate) lab: Lab,
    last: OpResult,
}

impl System {
    /// Looks at the system with the GIL released.
    pub(crate) fn with<T: Send>(
        &self,
        py: Python<'_>,
        look: impl FnOnce(&mut State) -> T + Send,
    ) -> PyResult<T> {
        let done = errors::engine(py, || look(&mut self.lock()));
        py.check_signals()?;
        done
    }

    /// Performs an operation; one that fails is an exception.
    pub(crate) fn perform(&self, py: Python<'_>, op: &Op, what: &str) -> PyResult<OpResult> {
        let result = self.with(py, |state| {
            state.last = state.lab.perform(op);
            state.last.clone()
        })?;
        errors::operation(what, &result).map(|()| result)
    }

    /// Whether both are the same system.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Machine {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    #[pyo3(signature = (kernel="p6", patches=None, profile="lpar", trace=true))]
    fn new(kernel: &str, patches: Option<Vec<String>>, profile: &str, trace: bool) -> PyResult<Self> {
        let revision = options::revision(kernel, patches.as_deref())?;
        let profile: Profile = options::profile(profile)?;
        let trace = if trace { Trace::full() } else { Trace::outcomes() };
        Ok(Self::of(Lab::with(revision, profile, trace)))
    }

    /// Adds a PCI function that may use the addresses `dma`, first and last; the driver probes it.
    ///
    /// `refresh`: its group wants a refresh after every change. `relaxed`: a registration without tables is
    /// allowed. `dma_api`: it starts with the DMA API's own tables. `fid` and `handle` are chosen unless given.
    /// `probe=False` leaves the probe to the caller. Raises `DriverError` if the driver refuses it.
    #[pyo3(signature = (name, dma, *, refresh=false, relaxed=false, dma_api=true, fid=None, handle=None, probe=true))]
    #[expect(clippy::too_many_arguments, clippy::fn_params_excessive_bools, reason = "keywords in Python")]
    fn function(
        &self,
        py: Python<'_>,
        name: &str,
        dma: (u64, u64),
        refresh: bool,
        relaxed: bool,
        dma_api: bool,
        fid: Option<u32>,
        handle: Option<u32>,
        probe: bool,
    ) -> PyResult<Function> {
        let range = IovaRange::new(Iova::new(dma.0), Iova::new(dma.1));
        let spec = FunctionSpec { fid, handle, refresh, relaxed, dma_api, ..FunctionSpec::new(name, range) };
        let id = self.system.with(py, |state| state.lab.add_function(&spec))?;
        if probe {
            self.system.perform(py, &Op::Probe { function: id }, &format!("probe {name}"))?;
        }
        Ok(Function { system: self.system.clone(), id })
    }

    /// Allocates a domain: ``"unmanaged"``, or ``"dma"``, ``"dma_fq"``, ``"identity"``, ``"blocked"`` where the
    /// kernel knows such a type. Raises `DriverError` if it does not, or for want of memory.
    #[pyo3(signature = (name, kind="unmanaged"))]
    fn domain(&self, py: Python<'_>, name: &str, kind: &str) -> PyResult<Domain> {
        let kind = DomainType::from_name(kind)
            .ok_or_else(|| errors::unknown(format!("no type of domain is called {kind:?}")))?;
        let op = Op::Alloc { name: name.to_owned(), function: FunctionId(0), kind };
        let id = self.system.perform(py, &op, &format!("alloc {name}"))?.domain;
        let id = id.ok_or_else(|| errors::internal("an allocation without a domain"))?;
        Ok(Domain { system: self.system.clone(), id })
    }

    /// The functions by name, in the order they were added.
    #[getter]
    fn functions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let names = self.system.with(py, |state| state.lab.names().functions)?;
        let dict = PyDict::new(py);
        for (id, name) in (0..).map(FunctionId).zip(names) {
            dict.set_item(name, Function { system: self.system.clone(), id })?;
        }
        Ok(dict)
    }

    /// The domains by name, in the order they were allocated, freed ones too.
    #[getter]
    fn domains<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let names = self.system.with(py, |state| state.lab.names().domains)?;
        let dict = PyDict::new(py);
        for (id, name) in (0..).map(DomainId).zip(names) {
            dict.set_item(name, Domain { system: self.system.clone(), id })?;
        }
        Ok(dict)
    }

    /// Makes calls to come fail: after `after` good calls of `where`, the next `count` of them.
    ///
    /// `where` is one of ``alloc_table``, ``alloc_struct``, ``register_ioat``, ``unregister_ioat``, ``refresh_trans``,
    /// ``dma_init``, ``dma_exit``. `cc` (0 to 3) and `status` (0 to 255) answer where there is a condition code, `rc`
    /// (a negative errno) elsewhere.
    #[pyo3(
        signature = (r#where, *, after=0, count=1, cc=1, status=0, rc=-5),
        text_signature = "($self, where, *, after=0, count=1, cc=1, status=0, rc=-5)"
    )]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn inject(
        &self,
        py: Python<'_>,
        r#where: &str,
        after: u64,
        count: u64,
        cc: u8,
        status: u8,
        rc: i32,
    ) -> PyResult<()> {
        let site = FaultSite::ALL.into_iter().find(|(name, _)| *name == r#where).map(|(_, site)| site);
        let site = site.ok_or_else(|| errors::unknown(options::unknown_word(r#where, &FaultSite::ALL)))?;
        let armed = Armed { after, count, failure: Failure { cc, status, rc } };
        self.system.perform(py, &Op::Inject { site, armed }, "inject").map(drop)
    }

    /// Disarms everything that `inject` armed.
    fn clear_inject(&self, py: Python<'_>) -> PyResult<()> {
        self.system.perform(py, &Op::ClearInject, "clear_inject").map(drop)
    }

    /// Changes the doubleword of memory at `phys`, a multiple of 8.
    fn poke(&self, py: Python<'_>, phys: u64, value: u64) -> PyResult<()> {
        let op = Op::Poke { phys: Phys::new(phys), word: value };
        self.system.perform(py, &op, &format!("poke {phys:#x}")).map(drop)
    }

    /// The kernel's name: ``"p6"``, ``"v6.1-rc2+p1,p4"``.
    #[getter]
    fn kernel(&self, py: Python<'_>) -> PyResult<String> {
        self.system.with(py, |state| state.lab.revision().to_string())
    }

    /// The events so far, one line each; the first line is the version.
    #[getter]
    fn trace(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.system.with(py, |state| state.lab.trace().lines(&state.lab.names()))
    }

    /// Hash of those lines, 16 hex digits: equal on every host for equal events.
    #[getter]
    fn trace_hash(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("{:016x}", hash_lines(self.trace(py)?)))
    }

    /// What the last operation gave, whether it succeeded or not: an `OpResult`.
    #[getter]
    fn last<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let last = self.system.with(py, |state| state.last.clone())?;
        plain::value(py, "OpResult", &last)
    }

    /// Sums over everything so far: `Counters`.
    #[getter]
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let counters = self.system.with(py, |state| Counters::of(&state.lab.trace().records))?;
        plain::value(py, "Counters", &counters)
    }

    /// Translation tables in use, by whose they are: ``{"d0": 3}``.
    #[getter]
    fn live_tables<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let tables = self.system.with(py, |state| state.lab.live_tables())?;
        plain::plain(py, &tables)
    }

    /// An independent copy of everything as it is now.
    fn snapshot(&self, py: Python<'_>) -> PyResult<Self> {
        self.system
            .with(py, |state| Self::from_state(State { lab: state.lab.clone(), last: state.last.clone() }))
    }

    fn __copy__(&self, py: Python<'_>) -> PyResult<Self> {
        self.snapshot(py)
    }

    fn __deepcopy__(&self, py: Python<'_>, _memo: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.snapshot(py)
    }

    #[expect(clippy::unused_self, reason = "a method in Python")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(errors::not_picklable("a Machine"))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (kernel, names) = self.system.with(py, |state| (state.lab.revision(), state.lab.names()))?;
        let (functions, domains) = (names.functions.len(), names.domains.len());
        Ok(format!("<Machine {kernel}: {functions} functions, {domains} domains>"))
    }
}

impl Machine {
    fn of(lab: Lab) -> Self {
        Self::from_state(State { lab, last: OpResult::default() })
    }

    fn from_state(state: State) -> Self {
        Self { system: System(Arc::new(Mutex::new(state))) }
    }
}
