//! The live machine: what it is made of, and time. What it finds wrong, what two CPUs do to it and who uses it from user
//! space have files of their own.

mod faults;
mod user;
mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use s390_iommu::addr::{Iova, IovaRange};
use s390_iommu::hw::profile::Profile;
use s390_iommu::ids::{DomainId, FunctionId};
use s390_iommu::lab::{FunctionSpec, Lab, Op, OpResult};
use s390_iommu::linux::driver::DomainType;
use s390_iommu::session::{Buffers, Counters};
use s390_iommu::trace::{Trace, hash_lines};

use crate::domain::Domain;
use crate::function::Function;
use crate::race::{self, Exploration};
use crate::results::{Seen, Violations};
use crate::{errors, options, plain};

/// A simulated system to be driven call by call.
///
/// `kernel` and `patches` say which driver runs (see `KERNELS` and `WHAT_IFS`), `profile` which machine: ``"lpar"``,
/// ``"zvm"`` or ``"qemu"``. `memory` is the machine's size in bytes, 0 to 2^64-1, and `aperture_factor` how often that size
/// the addresses of a function may span (`s390_iommu_aperture=`; 0 for any number); without `memory`, no range is cut.
/// With `strict`, the DMA API refreshes with every unmap (`s390_iommu=strict`, later `iommu.strict=1`).
/// `dma_avail` is how many host mappings there are, on the machine that counts them (``"qemu"``). `checks` are the
/// invariants to be looked at after each call, all five unless told otherwise; see `checks`.
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

#[derive(Clone)]
pub(crate) struct State {
    pub(crate) lab: Lab,
    /// Those that steps named.
    pub(crate) buffers: Buffers,
    pub(crate) violations: Violations,
    /// What the last operation gave.
    pub(crate) last: Seen,
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
            let result = state.lab.perform(op);
            let step = state.lab.step();
            state.violations.add(step, &result);
            state.last = Seen::of(&state.lab, step, &result);
            result
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
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    #[pyo3(signature = (
        kernel="p6", patches=None, profile="lpar", trace=true, *,
        memory=None, aperture_factor=1, strict=false, dma_avail=None, checks=None
    ))]
    fn new(
        kernel: &str,
        patches: Option<Vec<String>>,
        profile: &str,
        trace: bool,
        memory: Option<u64>,
        aperture_factor: u32,
        strict: bool,
        dma_avail: Option<u64>,
        checks: Option<Vec<String>>,
    ) -> PyResult<Self> {
        let revision = options::revision(kernel, patches.as_deref())?;
        let profile: Profile = options::profile(profile)?;
        let trace = if trace { Trace::full() } else { Trace::outcomes() };
        let mut lab = Lab::with(revision, profile, trace);
        lab.watch(options::checks(checks.as_deref())?);
        if let Some(credits) = dma_avail {
            lab.set_credits(credits);
        }
        if let Some(memory) = memory {
            lab.set_memory(memory, aperture_factor);
        }
        if strict {
            lab.set_strict();
        }
        Ok(Self::of(lab))
    }

    /// Adds a PCI function that may use the addresses `dma`, first and last; the driver probes it.
    ///
    /// `refresh`: its group wants a refresh after every change. `relaxed`: a registration without tables is
    /// allowed. `dma_api`: it starts with the DMA API's own tables, where a kernel has those (before v6.7). `dtsm`, 0 to 255:
    /// which top levels of tables it takes; Linux reads 0x8 as region-second, 0x4 or 0x8 as region-first, and QEMU says 0x40.
    /// `ism`: it is an internal shared memory function. `flr`: it can reset itself. `iotlb`: how many pages the machine caches
    /// or shadows for it at most. `dma_mask`: the highest address that its driver says it can use. `fid` and `handle`, 32 bits
    /// each, are chosen unless given.
    /// `probe=False` leaves `init_iommu` and `probe` to the caller. Raises `DriverError` if the driver refuses it,
    /// `ValueError` for a name that is taken or cannot be one.
    #[pyo3(signature = (
        name, dma, *, refresh=false, relaxed=false, dma_api=true, dtsm=0x40, ism=false, flr=false, iotlb=None,
        dma_mask=None, fid=None, handle=None, probe=true
    ))]
    #[expect(clippy::too_many_arguments, clippy::fn_params_excessive_bools, reason = "keywords in Python")]
    fn function(
        &self,
        py: Python<'_>,
        name: &str,
        dma: (u64, u64),
        refresh: bool,
        relaxed: bool,
        dma_api: bool,
        dtsm: u8,
        ism: bool,
        flr: bool,
        iotlb: Option<u64>,
        dma_mask: Option<u64>,
        fid: Option<u32>,
        handle: Option<u32>,
        probe: bool,
    ) -> PyResult<Function> {
        let range = IovaRange::new(Iova::new(dma.0), Iova::new(dma.1));
        let spec = FunctionSpec {
            fid,
            handle,
            refresh,
            relaxed,
            dma_api,
            supported_tables: dtsm,
            ism,
            flr,
            iotlb,
            ..FunctionSpec::new(name, range)
        };
        let names = self.system.with(py, |state| state.lab.names().functions)?;
        options::new_name(name, &names)?;
        let id = self.system.with(py, |state| {
            let id = state.lab.add_function(&spec);
            if let Some(mask) = dma_mask {
                state.lab.world_mut().kernel.functions[id.index()].dma_mask = mask;
            }
            id
        })?;
        if probe {
            self.system.perform(py, &Op::InitIommu { function: id }, &format!("init_iommu {name}"))?;
            self.system.perform(py, &Op::Probe { function: id }, &format!("probe {name}"))?;
        }
        Ok(Function { system: self.system.clone(), id })
    }

    /// Allocates a domain: ``"unmanaged"``, or ``"dma"``, ``"dma_fq"``, ``"identity"``, ``"blocked"`` where the
    /// kernel knows such a type.
    ///
    /// It is allocated for `function`, the first one unless told otherwise: from v6.16 on the depth of its tables depends on
    /// that. Raises `DriverError` for a type that the kernel does not know and for want of memory, `ValueError` for a name
    /// that is taken or cannot be one, and while there is no function.
    #[pyo3(signature = (name, kind="unmanaged", *, function=None))]
    fn domain(
        &self,
        py: Python<'_>,
        name: &str,
        kind: &str,
        function: Option<&Function>,
    ) -> PyResult<Domain> {
        let kind = options::word(kind, &DomainType::NAMED)?;
        let (functions, domains) = self.system.with(py, |state| {
            let living = state.lab.domains().into_iter().filter(|domain| !domain.freed);
            (state.lab.names().functions, living.map(|domain| domain.name).collect::<Vec<_>>())
        })?;
        options::new_name(name, &domains)?;
        let function = match function {
            Some(function) => function.of(&self.system)?,
            None if functions.is_empty() => {
                return Err(errors::unknown("add a function first: a domain is for one"));
            }
            None => FunctionId(0),
        };
        let op = Op::Alloc { name: name.to_owned(), function, kind };
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

    /// Takes one step in the words of scenario files, such as ``{"attach": "f0", "to": "d0"}``; gives an `OpResult`.
    ///
    /// Raises `ScenarioError` for a mistake in it, and what the methods of functions and domains raise.
    fn step<'py>(&self, py: Python<'py>, step: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        for act in race::read(py, &self.system, PyList::new(py, [step])?.as_any())? {
            let result = self.system.perform(py, &act.op, &act.text)?;
            self.system.with(py, |state| state.buffers.note(&state.lab, &act.action, &result))?;
        }
        self.last(py)
    }

    /// Takes steps on two CPUs side by side; gives a `Race` with their results and the schedule that ran.
    ///
    /// Steps are dictionaries as in scenario files, such as ``{"release": "f0"}``. `schedule` says who runs from one
    /// scheduling point to the next: ``"0x7 1x14"``, CPU 0 for seven points, CPU 1 for fourteen; where it ends, whoever runs
    /// goes on. What fails is no exception here but in the results. Raises `ScenarioError` for mistakes in the steps,
    /// `ValueError` for a schedule that is none.
    ///
    /// >>> from s390_iommu import Machine
    /// >>> machine = Machine("base")
    /// >>> f0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff))
    /// >>> d0 = machine.domain("d0")
    /// >>> race = machine.together([{"attach": "f0", "to": "d0"}], [{"release": "f0"}], schedule="0x4 1x14")
    /// >>> [result.rc for results in race.results for result in results]
    /// [0, 0]
    #[pyo3(signature = (cpu0, cpu1, schedule=None))]
    fn together<'py>(
        &self,
        py: Python<'py>,
        cpu0: &Bound<'py, PyAny>,
        cpu1: &Bound<'py, PyAny>,
        schedule: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        race::together(py, &self.system, [cpu0, cpu1], schedule)
    }

    /// Every way in which the steps of two CPUs can interleave from here: an iterator over `Race`, each with a machine of
    /// its own. This machine stays as it is.
    ///
    /// `preemptions` is how often a CPU may be stopped that could go on; most races need one or two, and each more takes
    /// many times as long. Steps and errors as `together`.
    #[pyo3(signature = (cpu0, cpu1, preemptions=1))]
    fn explore<'py>(
        &self,
        py: Python<'py>,
        cpu0: &Bound<'py, PyAny>,
        cpu1: &Bound<'py, PyAny>,
        preemptions: u32,
    ) -> PyResult<Exploration> {
        race::explore(py, &self.system, [cpu0, cpu1], preemptions)
    }

    /// Lets `ms` milliseconds pass, 0 to 2^64-1: what is due is done, such as the flushes that the DMA API put off.
    fn advance(&self, py: Python<'_>, ms: u64) -> PyResult<()> {
        self.system.perform(py, &Op::Advance { ms }, &format!("advance {ms} ms")).map(drop)
    }

    /// Milliseconds that have passed: only `advance` moves the clock.
    #[getter]
    fn now(&self, py: Python<'_>) -> PyResult<u64> {
        self.system.with(py, |state| state.lab.world().kernel.clock.now())
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
        py.import("s390_iommu.values")?.getattr("OpResult")?.call_method1("of", (last.plain(py)?,))
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
        self.system.with(py, |state| Self::from_state(state.clone()))
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
    pub(crate) fn of(lab: Lab) -> Self {
        let (buffers, violations, last) = (Buffers::default(), Violations::default(), Seen::default());
        Self::from_state(State { lab, buffers, violations, last })
    }

    pub(crate) fn from_state(state: State) -> Self {
        Self { system: System(Arc::new(Mutex::new(state))) }
    }
}
