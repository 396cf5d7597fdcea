//! A recorded run, performed operation by operation.

use std::collections::{BTreeMap, VecDeque};

use super::expect::{self, Insn, Tables, What};
use super::lower::{Lowered, Names, lower};
use super::memory::UserMemory;
use super::model::{About, Record, Registered};
use crate::addr::{Iova, IovaRange};
use crate::capture::{Judge, Problem, Report, Run, parse};
use crate::hw::function::HANDLE_ENABLED;
use crate::hw::profile::Profile;
use crate::ids::TableUse;
use crate::lab::{FunctionSpec, Lab, Op, OpResult, UserOp};
use crate::revision::{DmaApi, Recovery, Revision};
use crate::state::group::DefaultType;
use crate::state::pci::Slot;
use crate::trace::Trace;

/// A recorded run in progress.
#[derive(Debug)]
pub struct Assignment {
    pub(super) lab: Lab,
    pub(super) judge: Judge,
    pub(super) run: Run,
    pub(super) names: Names,
    memory: UserMemory,
    tables: Tables,
    fids: Vec<u32>,
    /// Functions that a driver other than vfio-pci has, or may have.
    native: BTreeMap<u32, bool>,
    /// Instructions of ours that the recording has still to show.
    pending: VecDeque<(Insn, Option<TableUse>)>,
    /// The last of them are another process's, which may get to run later.
    late: bool,
    booted: bool,
    pub(super) uids: Vec<u32>,
    number: u64,
}

impl Assignment {
    /// A run, from its `run.json`.
    ///
    /// # Errors
    /// It is not a description of a run, or its kernel is not known.
    pub fn new(about: &str) -> Result<Self, Problem> {
        let about: About = parse(about, 0, "a description of a captured run")?;
        let revision = Revision::of_guest(&about.kernel).ok_or_else(|| Problem {
            line: 0,
            column: 0,
            code: "C008",
            text: format!("the clients know no kernel {:?}; known: 6.1, 6.12, 7.2", about.kernel),
        })?;
        let mut lab = Lab::with(revision, Profile::Qemu, Trace::instructions());
        options(&mut lab, &about);
        let mut names = Names::default();
        for function in &about.functions {
            let dma = IovaRange::new(Iova::new(function.sdma), Iova::new(function.edma));
            let id = lab.add_function(&FunctionSpec {
                fid: Some(function.fid),
                refresh: about.group.fr & 1 != 0,
                relaxed: about.model.relaxed_translation,
                supported_tables: about.group.dtsm,
                flr: function.kind == "nvme",
                dma_api: false,
                ..FunctionSpec::new(&format!("f{}", function.fid), dma)
            });
            let world = lab.world_mut();
            world.machine.functions[id.index()].disable();
            world.kernel.functions[id.index()].handle &= !HANDLE_ENABLED;
            // Boot does with each function what powering its slot on does.
            world.kernel.users.pci.function_mut(id).slot = Slot::Standby;
            names.functions.insert(function.fid, id);
        }
        Ok(Self {
            lab,
            judge: Judge { run: about.name.clone(), file: "vfio.jsonl".to_owned(), ..Judge::default() },
            run: Run { name: about.name.clone(), kernel: about.kernel.clone(), ..Run::default() },
            names,
            memory: UserMemory::default(),
            tables: Tables::default(),
            fids: about.functions.iter().map(|function| function.fid).collect(),
            native: about.functions.iter().map(|function| (function.fid, true)).collect(),
            pending: VecDeque::new(),
            late: false,
            booted: false,
            uids: about.functions.iter().map(|function| function.uid).collect(),
            number: 0,
        })
    }

    /// Performs one operation.
    ///
    /// # Errors
    /// It is not a line of such a log.
    pub fn line(&mut self, text: &str) -> Result<(), Problem> {
        self.number += 1;
        if text.trim().is_empty() {
            return Ok(());
        }
        let record: Record = parse(text, self.number, "an operation of a captured run")?;
        (self.judge.line, self.judge.event) = (self.number, None);
        let drivers = self.drivers(&record);
        if !self.booted {
            self.boot();
        }
        match lower(&record, &self.names, &mut self.memory) {
            Lowered::Op(op) => {
                self.run.operations += 1;
                self.client(&record, &op);
            }
            Lowered::Nothing => self.nothing(&record),
            Lowered::Device => self.device(&record),
            Lowered::Unknown(what) => self.judge.differ("operation", &what, &"none of ours"),
        }
        self.others(&record);
        self.instructions(&record, &drivers);
        for (fid, recorded) in &record.after {
            if self.pending.is_empty() {
                self.registered(*fid, *recorded);
            }
        }
        Ok(())
    }

    /// The log ends: its report goes into `into`.
    pub fn finish(mut self, into: &mut Report) {
        self.judge.event = None;
        let left = self.pending.len();
        self.judge.check("instructions left", &0, &left);
        into.add(self.run, self.judge);
    }

    fn perform(&mut self, op: &UserOp) -> OpResult {
        let result = self.lab.perform(&Op::User(op.clone()));
        for record in self.lab.take_records() {
            if let Some(insn) = expect::here(&record.event, &self.fids) {
                self.pending.push_back(insn);
            }
        }
        result
    }

    /// Each function is enabled and added to the bus.
    fn boot(&mut self) {
        self.booted = true;
        for function in self.names.functions.values().copied().collect::<Vec<_>>() {
            let result = self.perform(&UserOp::Power { function, on: true });
            self.judge.check("boot", &0, &result.rc);
        }
    }

    /// An operation of a client.
    fn client(&mut self, record: &Record, op: &UserOp) {
        let waiting = self.waiting();
        let result = self.perform(op);
        if self.waiting() < waiting {
            self.late = true;
        }
        let stop = result.stop.map(crate::exec::Stop::name);
        self.judge.check("stop", &None, &stop);
        if let Some(expected) = record.expected() {
            self.judge.check(&format!("{} rc", record.op), &expected, &result.rc);
        }
        if matches!(op, UserOp::Power { on: true, .. }) {
            let fid = record.number("fid").unwrap_or(0) as u32;
            self.native.insert(fid, true);
        }
        if record.op == "hotunplug" || record.op.ends_with("bg") {
            self.late = true;
        }
        self.results(record, op, &result);
    }

    /// What a device did by itself: only its errors concern the kernel.
    fn device(&mut self, record: &Record) {
        self.run.skipped += 1;
        let mut failed = false;
        for line in &record.instrs {
            match line.i.as_str() {
                "xlate" => failed = line.err != 0,
                "error_event" if failed => {
                    failed = false;
                    if let Some(function) = self.names.functions.get(&line.fid).copied() {
                        self.perform(&UserOp::DeviceError { function, code: line.pec });
                    }
                }
                _ => {}
            }
        }
    }

    /// The kernel thread that handles errors gets to run.
    fn others(&mut self, record: &Record) {
        let silent = self.lab.revision().behavior().recovery == Recovery::SkipsDomains;
        let listed = record.instrs.iter().any(|line| line.i == "clp" && line.op == "list");
        if silent || listed && !self.lab.world().kernel.users.pci.events.is_empty() {
            self.perform(&UserOp::HandleErrors);
        }
    }

    /// How many functions somebody waits for.
    fn waiting(&self) -> usize {
        let functions = &self.lab.world().kernel.users.pci.functions;
        functions.iter().filter(|function| function.waiting.is_some()).count()
    }

    /// Functions whose device driver may have a part in this operation's instructions.
    fn drivers(&mut self, record: &Record) -> Vec<u32> {
        let mut drivers: Vec<u32> =
            self.native.iter().filter(|(_, native)| **native).map(|(fid, _)| *fid).collect();
        let fid = record.number("fid").and_then(|fid| u32::try_from(fid).ok());
        match (record.op.as_str(), fid) {
            ("bind", Some(fid)) => {
                let native = record.text("driver") != Some("vfio-pci");
                self.native.insert(fid, native);
                if native {
                    drivers.push(fid);
                }
            }
            ("unbind", Some(fid)) => drop(self.native.insert(fid, false)),
            _ => {}
        }
        drivers
    }

    /// Compares the recorded instructions with ours.
    fn instructions(&mut self, record: &Record, drivers: &[u32]) {
        for line in &record.instrs {
            self.judge.event = Some(line.s);
            let Some((insn, table)) = expect::recorded(line) else { continue };
            self.run.events += 1;
            if is_enumeration(record, &insn) || is_drivers(&insn, drivers) {
                self.run.foreign += 1;
                continue;
            }
            let Some((here, ours)) = self.pending.pop_front() else {
                self.judge.differ(&format!("{} instruction", record.op), &insn, &"none");
                continue;
            };
            if !self.judge.check(&format!("{} instruction", record.op), &insn, &here) {
                self.pending.clear();
                break;
            }
            if let (Some(table), Some(ours)) = (table, ours) {
                let domains = &self.lab.world().kernel.domains;
                let alive = |domain: u32| domains.get(domain as usize).is_some_and(|domain| !domain.freed);
                let same = self.tables.same(ours, table, alive);
                self.judge.check("same table", &true, &same);
            }
            if here.what == What::Deregister {
                self.forget(here.fid);
            }
        }
        self.judge.event = None;
        if self.pending.is_empty() {
            self.late = false;
        } else if !self.late {
            let first = self.pending.pop_front();
            self.judge.differ(&format!("{} instruction", record.op), &"none", &first);
            self.pending.clear();
        }
    }

    /// The early DMA API frees its tables whenever it lets go of a function.
    fn forget(&mut self, fid: u32) {
        if self.lab.revision().behavior().dma_api == DmaApi::OwnAllocator
            && let Some(function) = self.names.functions.get(&fid)
        {
            self.tables.forget_dma_api(function.0);
        }
    }

    /// What is registered after the operation.
    fn registered(&mut self, fid: u32, recorded: Option<Registered>) {
        let Some(function) = self.names.functions.get(&fid) else { return };
        let ioat = self.lab.world().machine.functions[function.index()].ioat;
        let here = ioat.map(|ioat| (ioat.range.start.get(), ioat.range.last.get()));
        let recorded = recorded.map(|recorded| (recorded.pba, recorded.pal));
        self.judge.check("registered after", &recorded, &here);
    }
}

/// The boot's look at what functions there are.
fn is_enumeration(record: &Record, insn: &Insn) -> bool {
    match &insn.what {
        What::Other(what) => what.starts_with("query"),
        What::List => record.op == "(between)",
        _ => false,
    }
}

/// What a device driver and the DMA API do with a function that is the driver's.
fn is_drivers(insn: &Insn, drivers: &[u32]) -> bool {
    let kind = match &insn.what {
        What::Refresh(..) | What::Measure => true,
        What::Other(what) => what.ends_with("_int"),
        _ => false,
    };
    kind && drivers.contains(&insn.fid)
}

/// Memory and kernel options.
fn options(lab: &mut Lab, about: &About) {
    let early = lab.revision().behavior().dma_api == DmaApi::OwnAllocator;
    let kernel = &mut lab.world_mut().kernel;
    kernel.aperture_limit = about.memory;
    for option in about.kernel_options.split_whitespace() {
        match option {
            "iommu.strict=1" | "s390_iommu=strict" => {
                // The early DMA API knows its own option only.
                kernel.strict_dma |= !early || option == "s390_iommu=strict";
                kernel.groups.default_type = DefaultType::Dma;
            }
            "iommu.passthrough=1" => kernel.groups.default_type = DefaultType::Identity,
            _ => {
                let factor = option.strip_prefix("s390_iommu_aperture=").and_then(|text| text.parse().ok());
                match factor {
                    Some(0) => kernel.aperture_limit = u64::MAX,
                    Some(factor) => kernel.aperture_limit = about.memory.saturating_mul(factor),
                    None => {}
                }
            }
        }
    }
}
