//! A system to play with: functions and domains, driven operation by operation.
//!
//! Scenarios, recordings and the Python API all come down to this: an [`Op`] in, an [`OpResult`] out.

mod device;
mod group;
mod observe;
mod op;
mod perform;
mod tree;
mod user;
mod view;
mod walk;

pub use crate::tree::{Row, RowKind, Tree};
pub use device::{CachedRun, Registers};
pub use group::{GroupOp, GroupView};
pub use op::{Op, OpResult, Value};
pub use user::UserOp;
pub use view::{DomainView, FunctionView, Translation};
pub use walk::MachineWalk;

use std::collections::BTreeMap;

use crate::addr::IovaRange;
use crate::check::Checker;
use crate::exec::{Cx, Limits, Progress, Run, Scheduler, Stop};
use crate::hw::function::{Function, Machine};
use crate::hw::profile::Profile;
use crate::hw::zpci::Answer;
use crate::hw::zpci::clp::FunctionAttributes;
use crate::ids::{DomainId, FunctionId, TableUse};
use crate::linux::dma::legacy;
use crate::revision::{self, Revision};
use crate::state::World;
use crate::state::group::DefaultType;
use crate::state::kernel::{Attributes, DmaApi, Kernel};
use crate::trace::{Names, Trace};

/// A simulated system: a kernel, a machine, and what has happened so far. Cheap to clone: a clone is a snapshot.
///
/// ```
/// use s390_iommu::addr::{Iova, IovaRange, Phys};
/// use s390_iommu::lab::{FunctionSpec, Lab, Op, Value};
/// use s390_iommu::linux::driver::Prot;
///
/// let mut lab = Lab::new("p6".parse()?);
/// let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
/// let f0 = lab.add_function(&FunctionSpec::new("f0", dma));
/// let d0 = lab.alloc_domain("d0", f0).expect("memory for a root table");
/// assert_eq!(lab.perform(&Op::Attach { function: f0, domain: d0 }).rc, 0);
/// let (iova, phys) = (Iova::new(0x1_0000_0000), Phys::new(0x8000_0000));
/// lab.perform(&Op::Map { domain: d0, iova, phys, size: 0x10_0000, prot: Prot { read: true, write: true } });
/// let found = lab.perform(&Op::IovaToPhys { domain: d0, iova: Iova::new(0x1_0000_5123) });
/// assert_eq!(found.value, Value::Number(0x8000_5000)); // the page: this driver leaves the offset out
/// # Ok::<(), s390_iommu::revision::UnknownRevision>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lab {
    revision: Revision,
    run: Run,
    limits: Limits,
    checker: Option<Box<Checker>>,
}

/// What a function is to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSpec {
    /// Name in scenarios and traces.
    pub name: String,
    /// Addresses it may use.
    pub dma: IovaRange,
    /// Function id; counted up from 0x10 where it is not given.
    pub fid: Option<u32>,
    /// Handle; counted up from 0x80010001 where it is not given.
    pub handle: Option<u32>,
    /// Its group wants a refresh after every change.
    pub refresh: bool,
    /// Relaxed translation is offered.
    pub relaxed: bool,
    /// Which top levels of tables it takes (`dtsm` of its CLP group). Linux reads 0x8 as region-second and 0x4 or 0x8 as
    /// region-first; QEMU publishes 0x40 for region-third.
    pub supported_tables: u8,
    /// It is an internal shared memory function.
    pub ism: bool,
    /// It can reset itself (function level reset).
    pub flr: bool,
    /// Pages that the machine caches or shadows for it at most; `None` for as many as there are.
    pub iotlb: Option<u64>,
    /// Starts with the DMA API's own tables, as every function of kernels to v6.6 does.
    pub dma_api: bool,
}

impl FunctionSpec {
    /// A function of this name and range, otherwise as in an LPAR.
    pub fn new(name: &str, dma: IovaRange) -> Self {
        Self {
            name: name.to_owned(),
            dma,
            fid: None,
            handle: None,
            refresh: false,
            relaxed: false,
            dma_api: true,
            supported_tables: 0x40,
            ism: false,
            flr: false,
            iotlb: None,
        }
    }
}

impl Lab {
    /// An empty system on an LPAR, that keeps no trace.
    pub fn new(revision: Revision) -> Self {
        Self::with(revision, Profile::Lpar, Trace::off())
    }

    /// An empty system on this machine, that keeps this much of its trace.
    pub fn with(revision: Revision, profile: Profile, trace: Trace) -> Self {
        let kernel = Kernel {
            dma_api: if profile == Profile::Recorder { DmaApi::StandIn } else { DmaApi::Real },
            ..Kernel::default()
        };
        let machine = Machine::new(profile);
        let world = World { machine, kernel, ..World::default() };
        let run = Run::new(world, trace, revision.behavior());
        Self { revision, run, limits: Limits::default(), checker: None }
    }

    /// How much memory the machine has, and how often its size the addresses of a function may span
    /// (`s390_iommu_aperture=`; 0 for any number). Counts for functions whose range is cut after this
    /// ([`Op::InitIommu`]); without it nothing is cut.
    pub fn set_memory(&mut self, bytes: u64, aperture_factor: u32) {
        self.world_mut().kernel.aperture_limit = match aperture_factor {
            0 => u64::MAX,
            factor => bytes.saturating_mul(factor.into()),
        };
    }

    /// The DMA API refreshes with every unmap (`s390_iommu=strict`, later `iommu.strict=1`).
    pub fn set_strict(&mut self) {
        let kernel = &mut self.world_mut().kernel;
        kernel.strict_dma = true;
        kernel.groups.default_type = DefaultType::Dma;
    }

    /// The kernel it runs.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Adds a function, enabled and, where asked, set up by the DMA API as at boot.
    pub fn add_function(&mut self, spec: &FunctionSpec) -> FunctionId {
        let world = self.run.world_mut();
        let number = world.machine.functions.len() as u32;
        let handle = spec.handle.unwrap_or(0x8001_0001 + number);
        let fid = spec.fid.unwrap_or(0x10 + number);
        let mut function = Function::new(handle, fid, spec.dma);
        function.iotlb.set_capacity(spec.iotlb);
        function.container = Some(0);
        let group = function.group.with_refresh(spec.refresh).with_relaxed(spec.relaxed);
        function.group = group.with_designations(spec.supported_tables);
        if spec.ism {
            function.attributes = function.attributes.with_kind(FunctionAttributes::ISM);
        }
        world.machine.functions.push(function);
        let attributes = Attributes {
            fid,
            handle,
            range: spec.dma,
            tlb_refresh: spec.refresh,
            supported_tables: spec.supported_tables,
            relaxed: spec.relaxed,
            ism: spec.ism,
        };
        let id = world.kernel.add_function(&spec.name, attributes);
        let pci = world.kernel.users.pci.function_mut(id);
        (pci.flr, pci.slot_reset) = (spec.flr, true);
        self.observe_function(id);
        if spec.dma_api && self.revision.behavior().dma_api == revision::DmaApi::OwnAllocator {
            let _ = self.run.alone(|cx| Ok(legacy::init_device(cx, id)));
        }
        id
    }

    /// Allocates an unmanaged domain; `None` for want of memory.
    pub fn alloc_domain(&mut self, name: &str, function: FunctionId) -> Option<DomainId> {
        let kind = crate::linux::driver::DomainType::Unmanaged;
        self.perform(&Op::Alloc { name: name.to_owned(), function, kind }).domain
    }

    /// Performs one operation before the first step.
    pub(crate) fn set_up(&mut self, op: &Op) -> OpResult {
        self.perform_as(0, op)
    }

    /// Performs one operation. After a stop nothing happens any more: the result then says so.
    pub fn perform(&mut self, op: &Op) -> OpResult {
        self.perform_as(self.run.step() + 1, op)
    }

    /// Performs one operation as the step with this number.
    pub(crate) fn perform_as(&mut self, step: u32, op: &Op) -> OpResult {
        self.run.begin(&[step], self.limits);
        if let Some(stop) = self.run.stop() {
            return OpResult::stopped(stop);
        }
        let done = self.run.alone(|cx| perform::perform(cx, op));
        let (mut result, signals) = self.run.after(|cx| perform::result(cx, done));
        if self.checker.is_some() {
            self.observe(step, op, &mut result, &signals);
        }
        result
    }

    /// Runs kernel code of the caller's own as one step on CPU 0; `None` if something stopped it.
    pub fn kernel<T>(&mut self, code: impl FnOnce(&mut Cx) -> Progress<T>) -> Option<T> {
        self.run.begin(&[self.run.step() + 1], self.limits);
        let done = self.run.alone(code);
        self.run.after(Cx::tally);
        done
    }

    /// The number of the last step.
    pub fn step(&self) -> u32 {
        self.run.step()
    }

    /// Performs operations side by side, those of `cpus[n]` one after another on CPU n; each comes with the number of
    /// its step. Gives their results in the same order.
    pub fn perform_together(
        &mut self,
        cpus: &[Vec<(u32, Op)>],
        scheduler: &mut dyn Scheduler,
    ) -> Vec<Vec<OpResult>> {
        let first: Vec<u32> = cpus.iter().map(|ops| ops.first().map_or(0, |(step, _)| *step)).collect();
        self.run.begin(&first, self.limits);
        if let Some(stop) = self.run.stop() {
            return cpus.iter().map(|ops| ops.iter().map(|_| OpResult::stopped(stop)).collect()).collect();
        }
        let before = self.checker.clone();
        let results = perform::together(&mut self.run, cpus, scheduler);
        self.observe_all(cpus, results, before.as_deref())
    }

    /// Answers that the next instructions get instead of the machine's.
    pub(crate) fn script(&mut self, answers: Vec<Answer>) {
        self.run.script(answers);
    }

    /// What stopped the system, if anything did.
    pub fn stopped(&self) -> Option<Stop> {
        self.run.stop()
    }

    /// The state of everything.
    pub fn world(&self) -> &World {
        self.run.world()
    }

    /// The state of everything, to be changed by hand: what a poke or a test does.
    pub fn world_mut(&mut self) -> &mut World {
        self.run.world_mut()
    }

    /// What was kept of the events.
    pub fn trace(&self) -> &Trace {
        self.run.trace()
    }

    /// Takes the events out, so that those of the next operation can be told apart.
    pub fn take_records(&mut self) -> Vec<crate::trace::Record> {
        self.run.take_records()
    }

    /// How many events were not kept since the last time, for want of room.
    pub(crate) fn take_dropped(&mut self) -> u64 {
        self.run.take_dropped()
    }

    /// The names of functions and domains.
    pub fn names(&self) -> Names {
        let kernel = &self.world().kernel;
        Names {
            functions: kernel.functions.iter().map(|function| function.name.clone()).collect(),
            domains: kernel.domains.iter().map(|domain| domain.name.clone()).collect(),
        }
    }

    /// The living domain with this name that was allocated last, or a static one.
    pub fn find_domain(&self, name: &str) -> Option<DomainId> {
        DomainId::static_named(name).or_else(|| self.world().kernel.domain_named(name))
    }

    /// Number of tables of each kind in use, by whose they are: for leak checks.
    pub fn live_tables(&self) -> BTreeMap<String, u64> {
        let names = self.names();
        let mut count = BTreeMap::new();
        for (_, block) in self.world().mem.blocks().filter(|(_, block)| !block.freed) {
            let user: TableUse = crate::state::tables::use_of(block.owner);
            *count.entry(names.table(Some(user))).or_default() += 1;
        }
        count
    }
}
