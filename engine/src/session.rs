//! One scenario on one kernel: the facade that every front end uses.
//!
//! A [`Session`] runs a scenario step by step, in slices as large as the caller likes, and keeps a snapshot of the
//! system after each step; [`Outcome`] is everything it shows, as plain data.

mod buffers;
mod checks;
mod compare;
mod lower;
mod lower_user;
mod outcome;
mod refusal;
mod steps;
mod text;
mod watched;

pub use buffers::Buffers;
pub use compare::{Comparison, Divergence, compare};
pub use outcome::{Check, Counters, DeviceOutcome, MachineView, NamedWindow, Outcome, StepOutcome};
pub use refusal::Refusal;
pub use steps::{Act, acts};
pub use watched::{exposure, windows};

use crate::addr::{Iova, IovaRange};
use crate::check::Checks;
use crate::exec::{Pinned, Schedule, Stop};
use crate::hw::profile::Profile;
use crate::lab::{FunctionSpec, Lab, MachineWalk, Op, OpResult, Value};
use crate::linux::Errno;
use crate::linux::driver::DomainType;
use crate::revision::{PatchSet, Revision};
use crate::scenario::{self, Diagnostic, Scenario, Step};
use crate::trace::{self, Record, Trace, hash_lines};

use lower::Lowered;

/// How a scenario is to be run, where that differs from what it says itself.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// On this kernel.
    pub revision: Option<Revision>,
    /// With exactly these patches.
    pub patches: Option<PatchSet>,
    /// On this machine.
    pub profile: Option<Profile>,
    /// With these checks instead of those the scenario asks for.
    pub checks: Option<Checks>,
    /// Keep the events.
    pub trace: bool,
    /// Keep the system after each step, for [`Session::lab_at`].
    pub snapshots: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { revision: None, patches: None, profile: None, checks: None, trace: true, snapshots: false }
    }
}

/// A scenario being run.
#[derive(Clone, Debug)]
pub struct Session {
    scenario: Scenario,
    revision: Revision,
    profile: scenario::Profile,
    lab: Lab,
    schedule: Schedule,
    ran: Schedule,
    next: usize,
    steps: Vec<StepOutcome>,
    records: Vec<Record>,
    dropped: u64,
    snapshots: Option<Vec<Lab>>,
    buffers: Buffers,
}

impl Session {
    /// Sets a scenario up: functions as after boot, probed, and its domains allocated.
    ///
    /// # Errors
    /// A kernel or patch that is not known, patches on a kernel that takes none, a schedule that cannot be read.
    pub fn new(scenario: &Scenario, options: Options) -> Result<Self, Refusal> {
        let refuse = |code, error: &dyn std::fmt::Display| Refusal { code, message: error.to_string() };
        let revision = refusal::revision(scenario, options)?;
        let schedule = match &scenario.schedule {
            Some(text) => text.parse().map_err(|error| refuse("R003", &error))?,
            None => Schedule::default(),
        };
        let profile = options.profile.unwrap_or(match scenario.profile {
            scenario::Profile::Lpar => Profile::Lpar,
            scenario::Profile::Zvm => Profile::Zvm,
            scenario::Profile::Qemu => Profile::Qemu,
        });
        let trace = if options.trace { Trace::full() } else { Trace::outcomes() };
        let mut session = Self {
            scenario: scenario.clone(),
            revision,
            profile: watched::profile(profile),
            lab: Lab::with(revision, profile, trace),
            schedule,
            ran: Schedule::default(),
            next: 0,
            steps: Vec::new(),
            records: Vec::new(),
            dropped: 0,
            snapshots: options.snapshots.then(Vec::new),
            buffers: Buffers::default(),
        };
        watched::set_up(&mut session.lab, scenario, options.checks);
        session.boot();
        Ok(session)
    }

    fn boot(&mut self) {
        if self.scenario.strict {
            self.lab.set_strict();
        }
        if let Some(memory) = self.scenario.memory {
            self.lab.set_memory(memory, self.scenario.aperture_factor);
        }
        let mut first = None;
        for function in &self.scenario.functions {
            let [start, last] = function.dma;
            let id = self.lab.add_function(&FunctionSpec {
                fid: function.fid,
                handle: function.fh,
                refresh: function.refresh,
                relaxed: function.rtr,
                dma_api: function.dma_api,
                flr: function.flr,
                supported_tables: function.dtsm,
                ism: function.ism,
                iotlb: function.iotlb,
                ..FunctionSpec::new(&function.name, IovaRange::new(Iova::new(start), Iova::new(last)))
            });
            self.lab.world_mut().kernel.functions[id.index()].dma_mask = function.dma_mask;
            self.lab.set_up(&Op::InitIommu { function: id });
            self.lab.set_up(&Op::Probe { function: id });
            first = first.or(Some(id));
        }
        if let Some(function) = first {
            for name in &self.scenario.domains {
                self.lab.set_up(&Op::Alloc { name: name.clone(), function, kind: DomainType::Unmanaged });
            }
        }
        self.keep_records();
        self.keep_snapshot();
    }

    /// Runs at most so many steps (steps side by side count as one); `true` when the run is over.
    pub fn advance(&mut self, steps: u32) -> bool {
        for _ in 0..steps {
            if self.is_done() {
                break;
            }
            self.step();
        }
        self.is_done()
    }

    /// Whether every step was run.
    pub fn is_done(&self) -> bool {
        self.next >= self.scenario.steps.len()
    }

    /// Steps that were run, and steps in all.
    pub fn position(&self) -> (usize, usize) {
        (self.next, self.scenario.steps.len())
    }

    /// The kernel it runs on.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The system after so many steps; 0 is before the first. `None` without snapshots, or if not yet run.
    pub fn lab_at(&self, step: usize) -> Option<&Lab> {
        self.snapshots.as_ref()?.get(step)
    }

    /// The system as it is now.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// One step, or all of a group of steps on named CPUs, which run side by side.
    fn step(&mut self) {
        let group = self.scenario.steps[self.next..].iter().take_while(|step| step.cpu.is_some()).count();
        let first_line = self.trace_len();
        let results = if group == 0 { vec![self.alone()] } else { self.side_by_side(group) };
        let mut records = self.lab.take_records();
        let names = self.lab.names();
        let from = self.next;
        self.next += results.len();
        let last_line = first_line + records.len() as u32;
        for (offset, (result, walk, skipped)) in results.into_iter().enumerate() {
            let step = &self.scenario.steps[from + offset];
            let number = (from + offset) as u32 + 1;
            if skipped.is_none() {
                self.buffers.note(&self.lab, &step.action, &result);
            }
            let skipped = skipped.or_else(|| {
                (result.value == Value::Unsupported).then(|| "this kernel has no such operation".to_owned())
            });
            let own = records.iter().filter(|record| record.step == number);
            let outcome = StepOutcome {
                number,
                line: step.line,
                cpu: step.cpu,
                text: text::describe(&step.action),
                note: step.note.clone(),
                rc: result.rc,
                errno: Errno::from_rc(result.rc).map_or("", Errno::name),
                value: result.value.number(),
                range: result.value.range(),
                regions: result.value.regions(),
                warnings: result
                    .warnings
                    .iter()
                    .map(|(warning, times)| text::label(*warning, *times))
                    .collect(),
                calls: result.calls.iter().sum(),
                refreshes: result.refreshes,
                allocates: result.allocates,
                frees: result.frees,
                waits: result.waits,
                hw: text::hardware(own, &names),
                walk,
                device: DeviceOutcome::of(&self.lab, &result),
                violations: result.violations.clone(),
                stop: result.stop.map(Stop::name),
                skipped,
                events: (first_line, last_line),
                checks: Vec::new(),
            };
            let checks = checks::step(step, &outcome, (self.revision, self.profile));
            self.steps.push(StepOutcome { checks, ..outcome });
        }
        self.store(&mut records);
        // A group leaves one state behind; each of its steps shows it.
        for _ in from..self.next {
            self.keep_snapshot();
        }
    }

    fn alone(&mut self) -> Done {
        let number = self.next as u32 + 1;
        match lower::lower(&self.lab, &self.buffers, &self.scenario.steps[self.next].action) {
            Ok(Lowered::Op(op)) => (self.lab.perform_as(number, &op), None, None),
            Ok(Lowered::Walk { function, iova, access }) => {
                let walk = self.lab.walk(function, iova, access);
                let value = walk.phys().map_or(Value::None, |phys| Value::Number(phys.get()));
                (OpResult { value, ..OpResult::default() }, Some(walk), None)
            }
            Err(reason) => (OpResult::default(), None, Some(reason)),
        }
    }

    fn side_by_side(&mut self, group: usize) -> Vec<Done> {
        let steps: Vec<Step> = self.scenario.steps[self.next..self.next + group].to_vec();
        let mut cpus: Vec<Vec<(u32, Op)>> = vec![Vec::new(); crate::exec::CPUS];
        let mut done: Vec<Option<Done>> = Vec::new();
        for (offset, step) in steps.iter().enumerate() {
            let cpu = usize::from(step.cpu.unwrap_or(0)).min(crate::exec::CPUS - 1);
            match lower::lower(&self.lab, &self.buffers, &step.action) {
                Ok(Lowered::Op(op)) => {
                    cpus[cpu].push(((self.next + offset) as u32 + 1, op));
                    done.push(None);
                }
                Ok(Lowered::Walk { .. }) => {
                    let reason = "a walk is not kernel code: it has no CPU".to_owned();
                    done.push(Some((OpResult::default(), None, Some(reason))));
                }
                Err(reason) => done.push(Some((OpResult::default(), None, Some(reason)))),
            }
        }
        let mut scheduler = Pinned::new(self.schedule.clone());
        let results = self.lab.perform_together(&cpus, &mut scheduler);
        self.ran.choices.extend(scheduler.done.choices);
        let numbered = cpus.iter().flatten().map(|(number, _)| *number).zip(results.into_iter().flatten());
        for (number, result) in numbered {
            done[number as usize - 1 - self.next] = Some((result, None, None));
        }
        done.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// Sums over all steps. What happens often is counted by the steps themselves, for a long trace is cut.
    fn counters(&self) -> Counters {
        let times =
            |warning: &String| warning.split_once('*').and_then(|(_, times)| times.parse().ok()).unwrap_or(1);
        Counters {
            driver_calls: self.steps.iter().map(|step| step.calls).sum(),
            rpcits: self.steps.iter().map(|step| step.refreshes).sum(),
            warnings: self.steps.iter().flat_map(|step| &step.warnings).map(times).sum::<u64>(),
            ..Counters::of(&self.records)
        }
    }

    fn trace_len(&self) -> u32 {
        // The version line comes first.
        self.records.len() as u32 + 1
    }

    fn keep_records(&mut self) {
        let mut records = self.lab.take_records();
        self.store(&mut records);
    }

    fn store(&mut self, records: &mut Vec<Record>) {
        let room = Trace::LIMIT.saturating_sub(self.records.len());
        let over = records.len().saturating_sub(room);
        records.truncate(room);
        self.records.append(records);
        self.dropped += over as u64 + self.lab.take_dropped();
    }

    fn keep_snapshot(&mut self) {
        if let Some(snapshots) = &mut self.snapshots {
            snapshots.push(self.lab.clone());
        }
    }

    /// Everything known so far.
    pub fn outcome(&self) -> Outcome {
        let names = self.lab.names();
        let trace = trace::lines(&self.records, self.dropped, &names);
        let (domains, functions) = (self.lab.domains(), self.lab.functions());
        let checks = if self.is_done() {
            {
                let on = (self.revision, self.profile);
                checks::last(&self.scenario.expect, &domains, &functions, &self.steps, &self.lab, on)
            }
        } else {
            Vec::new()
        };
        let held = self.steps.iter().flat_map(|step| &step.checks).chain(&checks).all(|check| check.held);
        Outcome {
            title: self.scenario.title.clone(),
            revision: self.revision.to_string(),
            unmet: self.revision.unmet().iter().map(ToString::to_string).collect(),
            decisions: self.revision.behavior().decisions(),
            steps: self.steps.clone(),
            checks,
            held,
            stop: self.lab.stopped().map(Stop::name),
            schedule: (!self.ran.choices.is_empty()).then(|| self.ran.to_string()),
            trace_hash: format!("{:016x}", hash_lines(&trace)),
            trace,
            exposure: self.exposure(),
            windows: self.windows(),
            machine: self.machine(),
            domains,
            functions,
            counters: self.counters(),
        }
    }
}

/// What a step gave: a result, a walk, or why it was skipped.
type Done = (OpResult, Option<MachineWalk>, Option<String>);

/// Reads a scenario and runs it to its end.
///
/// # Errors
/// Every mistake in the text, or the one reason for which it cannot be run, with a code that starts with `R`.
///
/// ```
/// use s390_iommu::session::{Options, run_text};
/// let outcome = run_text(
///     r#"
/// schema = 1
/// title = "The last page"
/// functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
/// domains = ["d0"]
/// steps = [
///   { attach = "f0", to = "d0" },
///   { map = 0x1_ffff_f000, phys = 0x8000_0000, size = "4 KiB", expect = { rc = "EINVAL" } },
/// ]
/// "#,
///     Options::default(),
/// ).unwrap();
/// assert!(outcome.held);
/// ```
pub fn run_text(text: &str, options: Options) -> Result<Outcome, Vec<Diagnostic>> {
    let parsed = scenario::parse(text);
    let scenario = parsed.scenario.ok_or(parsed.diagnostics)?;
    run(&scenario, options).map_err(|refusal| vec![refusal.into()])
}

/// Runs a scenario to its end.
///
/// # Errors
/// See [`Session::new`].
pub fn run(scenario: &Scenario, options: Options) -> Result<Outcome, Refusal> {
    let mut session = Session::new(scenario, options)?;
    while !session.advance(u32::MAX) {}
    Ok(session.outcome())
}
