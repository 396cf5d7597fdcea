//! What a run shows: plain data for every front end.

use serde::Serialize;

use crate::addr::Phys;
use crate::check::{ExposureSummary, Judgement, Violation, Window};
use crate::hw::event::ErrorEvent;
use crate::hw::walk::Access;
use crate::lab::{CachedRun, DomainView, FunctionView, Lab, MachineWalk, OpResult, Registers};
use crate::scenario::bytes_text;
use crate::trace::{Event, Record};

/// A run of one scenario on one kernel.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The scenario's title.
    pub title: String,
    /// The kernel: `p3`, `v6.1-rc2+p1,p4`.
    pub revision: String,
    /// Patches whose requirements are not met, as sentences.
    pub unmet: Vec<String>,
    /// What this kernel decides, as (decision, value).
    pub decisions: Vec<(&'static str, &'static str)>,
    /// Step by step.
    pub steps: Vec<StepOutcome>,
    /// Expectations of the end.
    pub checks: Vec<Check>,
    /// Every expectation held.
    pub held: bool,
    /// What stopped the system before the end: a crash of the real kernel, or a limit.
    pub stop: Option<&'static str>,
    /// The schedule that was run, where steps were interleaved.
    pub schedule: Option<String>,
    /// The events in their text form; the first line is the version.
    pub trace: Vec<String>,
    /// Hash of those lines, 16 hex digits: equal on every host.
    pub trace_hash: String,
    /// Domains at the end.
    pub domains: Vec<DomainView>,
    /// Functions at the end.
    pub functions: Vec<FunctionView>,
    /// Sums over all steps.
    pub counters: Counters,
    /// Exposure windows, function by function.
    pub exposure: Vec<ExposureSummary>,
    /// Each of them: the first hundred.
    pub windows: Vec<NamedWindow>,
    /// The machine's side of each function at the end.
    pub machine: Vec<MachineView>,
}

/// An exposure window with the name of its function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedWindow {
    /// Whose.
    pub function: String,
    /// The window.
    #[serde(flatten)]
    pub window: Window,
}

/// The machine's side of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachineView {
    /// Its name.
    pub function: String,
    /// Its registers.
    pub registers: Registers,
    /// What is cached for it: the first hundred runs.
    pub iotlb: Vec<CachedRun>,
}

/// What became of a device's read or write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceOutcome {
    /// Name of the function.
    pub function: String,
    /// The address.
    pub iova: u64,
    /// It was a write.
    pub write: bool,
    /// Bytes moved.
    pub moved: u64,
    /// What was read, in hexadecimal: the first 256 bytes.
    pub bytes: String,
    /// Where the first byte led.
    pub phys: Option<u64>,
    /// The machine had that cached.
    pub cached: bool,
    /// The fault that ended it.
    pub fault: Option<&'static str>,
    /// The error event that the fault made.
    pub event: Option<ErrorEvent>,
    /// The three answers and their verdict.
    pub judgement: Option<Judgement>,
}

impl DeviceOutcome {
    /// An access in the words of an outcome; `None` for a result of something else.
    pub fn of(lab: &Lab, result: &OpResult) -> Option<Self> {
        let device = result.device.as_deref()?;
        Some(Self {
            function: lab.names().function(device.function),
            iova: device.iova.get(),
            write: device.access == Access::Write,
            moved: device.moved as u64,
            bytes: bytes_text(&device.bytes[..device.bytes.len().min(256)]),
            phys: device.phys().map(Phys::get),
            cached: device.is_cached(),
            fault: device.fault.map(|fault| fault.kind.name()),
            event: device.fault.and_then(|fault| fault.event),
            judgement: result.judgement.as_deref().cloned(),
        })
    }
}

/// One step of a run.
#[derive(Clone, Debug, Serialize)]
pub struct StepOutcome {
    /// Its number, from 1.
    pub number: u32,
    /// Its line in the scenario's source, from 1; 0 where it has none.
    pub line: u32,
    /// The CPU it ran on, where that was chosen.
    pub cpu: Option<u8>,
    /// What was done: `map 0x100000000 phys 0x80000000 size 1 MiB rw in d0`.
    pub text: String,
    /// The scenario's remark.
    pub note: Option<String>,
    /// 0 or a negative errno.
    pub rc: i32,
    /// Its name: `EINVAL`; empty for 0.
    pub errno: &'static str,
    /// Bytes unmapped or mapped, an address, a condition code.
    pub value: Option<u64>,
    /// A function's range, first and last address.
    pub range: Option<(u64, u64)>,
    /// Reserved regions as (start, bytes).
    pub regions: Option<Vec<(u64, u64)>>,
    /// Warnings: `label` or `label*N`.
    pub warnings: Vec<String>,
    /// Driver operations called.
    pub calls: u64,
    /// Refresh wrappers called.
    pub refreshes: u64,
    /// Translation tables allocated.
    pub allocates: u64,
    /// Translation tables given back.
    pub frees: u64,
    /// Times that the kernel waited for a busy machine.
    pub waits: u64,
    /// What reached the hardware's door: `register f0 d0`, `rpcit f0 0x100000000 0x1000 -> -EIO`.
    pub hw: Vec<String>,
    /// The machine's walk, for a walk step.
    pub walk: Option<MachineWalk>,
    /// The device's access, for a read or write.
    pub device: Option<DeviceOutcome>,
    /// Invariants that do not hold any more.
    pub violations: Vec<Violation>,
    /// Why it was not done at all: something it names does not exist.
    pub skipped: Option<String>,
    /// What stopped the system in this step.
    pub stop: Option<&'static str>,
    /// Lines of the trace that belong to the step: first, and one past the last.
    pub events: (u32, u32),
    /// Its expectations.
    pub checks: Vec<Check>,
}

/// One expectation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What is expected of: `rc`, `functions.f0.registered`.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What is.
    pub got: String,
    /// They are equal.
    pub held: bool,
}

/// Sums over the steps of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Calls of the driver's map and unmap operations and look-ups.
    pub driver_calls: u64,
    /// Registrations.
    pub registers: u64,
    /// Deregistrations.
    pub unregisters: u64,
    /// Refreshes.
    pub rpcits: u64,
    /// Warnings.
    pub warnings: u64,
    /// Translation tables allocated.
    pub tables_allocated: u64,
    /// Translation tables given back.
    pub tables_freed: u64,
}

impl Counters {
    /// Counts these events.
    pub fn of(records: &[Record]) -> Self {
        let mut counters = Self::default();
        for Record { event, .. } in records {
            match event {
                Event::DriverCall { .. } => counters.driver_calls += 1,
                Event::Register { .. } => counters.registers += 1,
                Event::Unregister { .. } => counters.unregisters += 1,
                Event::Refresh { .. } => counters.rpcits += 1,
                Event::Warn { times, .. } => counters.warnings += times,
                Event::TableAlloc { .. } => counters.tables_allocated += 1,
                Event::TableFree { .. } => counters.tables_freed += 1,
                _ => {}
            }
        }
        counters
    }
}
