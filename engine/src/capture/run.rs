//! A captured run, fed line by line.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::block;
use super::checkpoint::Stale;
use super::judge::Judge;
use super::model::{About, Line, Problem, parse};
use super::refresh::{self, Watched};
use super::report::{Report, Run};
use super::tables;
use crate::addr::{Iova, IovaRange, Phys};
use crate::hw::event::ErrorEvent;
use crate::hw::function::{Function, FunctionState, Machine};
use crate::hw::profile::{Caching, Designations, Profile};
use crate::hw::zpci::{Fib, Outcome, Refresh, Request, load_store, mpcifc, rpcit, rpcit_watched};
use crate::mem::Memory;
use crate::table::{Iota, Level};

/// Functions that a run may have: a limit against logs that are none.
const MOST_FUNCTIONS: usize = 1024;
/// Error events that wait for their counterpart.
const MOST_WAITING: usize = 1024;

/// A captured run in progress.
///
/// ```
/// use s390_iommu::capture::{Capture, Report};
/// let about = r#"{"name":"run","functions":[{"fid":1,"sdma":4294967296,"edma":8589934591}],
///     "group":{"noi":128,"version":0,"fr":1,"maxstbl":128,"mui":4000,"dtsm":64,"dasm":0,"msia":0}}"#;
/// let mut run = Capture::new(about)?;
/// let line = r#"{"s":9,"e":"rpcit","fid":1,"fh":2147614720,"start":4294967296,"len":4096,"walk":[],"inv":[],"cc":3,"st":0}"#;
/// assert_eq!(run.line(line)?, None);
/// let mut report = Report::default();
/// run.finish(&mut report);
/// assert_eq!(report.to_string(), "1 runs, 5 checks, 0 mismatches");
/// # Ok::<(), s390_iommu::capture::Problem>(())
/// ```
#[derive(Debug)]
pub struct Capture {
    pub(super) machine: Machine,
    pub(super) memory: Memory,
    pub(super) judge: Judge,
    pub(super) run: Run,
    /// Place of each function in the machine.
    pub(super) places: BTreeMap<u32, usize>,
    /// Table memory that is known in full since the last checkpoint, by blocks.
    pub(super) known: BTreeSet<u64>,
    pub(super) stale: Stale,
    pub(super) about: About,
    pub(super) now: u64,
    /// Nothing is known of tables: refreshes find none.
    pub(super) without_tables: bool,
    number: u64,
    /// Functions whose handles are known from a list.
    pub(super) listed: BTreeSet<u32>,
    pub(super) planted: u64,
    recorded_events: VecDeque<(u64, ErrorEvent)>,
    events: VecDeque<ErrorEvent>,
}

impl Capture {
    /// A run, from its `run.json`.
    ///
    /// # Errors
    /// It is not a description of a run.
    pub fn new(about: &str) -> Result<Self, Problem> {
        let about: About = parse(about, 0, "a description of a captured run")?;
        let mut machine = Machine::new(Profile::Qemu);
        // Runs of an extended model say how it was extended.
        if about.group.dtsm != 0x40 {
            machine.rules.designations = Designations::Regions;
        }
        if about.lab_env.iter().any(|setting| setting == "ZLAB_WALK=1") {
            machine.rules.caching = Caching::Nothing;
        }
        let mut capture = Self {
            machine,
            memory: Memory::new(),
            judge: Judge { run: about.name.clone(), file: "events.jsonl".to_owned(), ..Judge::default() },
            run: Run { name: about.name.clone(), kernel: about.kernel.clone(), ..Run::default() },
            places: BTreeMap::new(),
            known: BTreeSet::new(),
            stale: Stale::default(),
            about,
            now: 0,
            without_tables: false,
            number: 0,
            listed: BTreeSet::new(),
            planted: 0,
            recorded_events: VecDeque::new(),
            events: VecDeque::new(),
        };
        let functions: Vec<_> =
            capture.about.functions.iter().map(|f| (f.fid, f.sdma, f.edma, f.uid)).collect();
        for (fid, sdma, edma, uid) in functions {
            let place = capture.place(fid)?;
            let attributes = &mut capture.machine.functions[place].attributes;
            *attributes = attributes.with_sdma(sdma).with_edma(edma).with_uid(uid);
        }
        Ok(capture)
    }

    /// Replays one line of the log. If it is a checkpoint, this gives its name: the caller then hands in the files of
    /// that name with [`Self::checkpoint`].
    ///
    /// # Errors
    /// It is not a line of such a log.
    pub fn line(&mut self, text: &str) -> Result<Option<String>, Problem> {
        self.number += 1;
        if text.trim().is_empty() {
            return Ok(None);
        }
        let line: Line<'_> = parse(text, self.number, "a line of a captured run")?;
        self.event(&line, self.number)
    }

    pub(super) fn event(&mut self, line: &Line<'_>, number: u64) -> Result<Option<String>, Problem> {
        (self.judge.line, self.judge.event) = (number, Some(line.s));
        self.now = self.now.max(line.t);
        self.run.events += 1;
        match &*line.e {
            "clp" => self.clp(line)?,
            "mpcifc" => self.mpcifc(line)?,
            "rpcit" => self.rpcit(line)?,
            "xlate" => self.access(line)?,
            "error_event" => self.error_event(line),
            "pcilg" => self.load(line)?,
            "mutation" => self.mutation(line),
            "checkpoint" => return Ok(line.name.as_deref().map(str::to_owned)),
            "pcistg" | "pcistb" | "msi" | "marker" => {}
            // A log may hold more than the machine is concerned with.
            _ => self.run.skipped += 1,
        }
        Ok(None)
    }

    /// The run ends: its report goes into `into`.
    pub fn finish(mut self, into: &mut Report) {
        self.judge.event = None;
        self.judge.check("error events without a record", &0, &self.events.len());
        self.judge.check("recorded error events that did not happen", &0, &self.recorded_events.len());
        self.totals();
        into.add(self.run, self.judge);
    }

    /// The machine's place of a function, which is made if it is new.
    pub(super) fn place(&mut self, fid: u32) -> Result<usize, Problem> {
        if let Some(place) = self.places.get(&fid) {
            return Ok(*place);
        }
        let place = self.machine.functions.len();
        if place >= MOST_FUNCTIONS {
            return Err(Problem::new(self.number, "C006", format!("more than {MOST_FUNCTIONS} functions")));
        }
        let range = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x01ff_ffff_ffff_ffff));
        let mut function = Function::new(0x0002_0000 + place as u32, fid, range);
        function.state = FunctionState::Disabled;
        function.group = block::group(self.about.group);
        self.machine.functions.push(function);
        self.places.insert(fid, place);
        Ok(place)
    }

    /// The place of the function that a line is about.
    pub(super) fn place_of(&mut self, line: &Line<'_>) -> Result<usize, Problem> {
        match line.fid {
            Some(fid) => self.place(fid),
            None => Err(Problem::new(self.judge.line, "C005", "the event names no function")),
        }
    }

    fn mpcifc(&mut self, line: &Line<'_>) -> Result<(), Problem> {
        let place = self.place_of(line)?;
        let number = self.judge.line;
        let fib: Fib = match &line.fib {
            Some(record) => block::fib(&mut self.judge, record, number)?,
            None => block::fib_of(line),
        };
        let request = Request::new(self.machine.functions[place].handle, 0, line.oc);
        match mpcifc(&mut self.machine, request, &fib) {
            Ok(outcome) => self.outcome(line, outcome),
            Err(exception) => self.judge.differ("mpcifc", &(line.cc, line.st), &exception),
        }
        self.stale.refreshed_all(&self.machine, self.now, &mut self.run);
        Ok(())
    }

    /// Condition code, status, and the event that an instruction caused.
    fn outcome(&mut self, line: &Line<'_>, outcome: Outcome) {
        self.judge.check("cc/st", &(line.cc, line.st), &(outcome.answer.cc, outcome.answer.status));
        if let Some(event) = outcome.event {
            self.happened(event);
        }
    }

    fn rpcit(&mut self, line: &Line<'_>) -> Result<(), Problem> {
        let place = self.place_of(line)?;
        let function = &self.machine.functions[place];
        let handle = line.fh.unwrap_or(function.handle);
        let ioat = function.ioat;
        let iota = ioat.map_or(Iota::from_bits(0), |ioat| ioat.iota);
        let refresh = Refresh { handle, start: Iova::new(line.start), len: line.len };
        let outcome = if self.without_tables {
            rpcit(&mut self.machine, refresh, |_| Level::Segment.invalid_entry())
        } else {
            refresh::tell(&mut self.memory, line, iota, &mut self.planted, self.judge.line)?;
            tables::bounded(&self.memory, self.judge.line)?;
            let (memory, judge) = (&self.memory, &mut self.judge);
            let mut watched = Watched::new(line);
            // The recorded model walks even where it keeps nothing of it.
            let caching = std::mem::replace(&mut self.machine.rules.caching, Caching::OnRefresh);
            let read = |at: Phys| memory.read(at);
            let outcome =
                rpcit_watched(&mut self.machine, refresh, read, |looked| watched.walk(judge, looked));
            watched.end(judge);
            self.machine.rules.caching = caching;
            if caching == Caching::Nothing {
                self.machine.functions[place].iotlb.purge();
            }
            outcome
        };
        self.outcome(line, outcome);
        let pages = line.len / 4096;
        let whole = ioat.is_some_and(|ioat| {
            ioat.range.start.get() == line.start && ioat.range.wrapping_len() == line.len
        });
        let run = &mut self.run;
        let kind = match () {
            () if outcome.answer.cc != 0 => &mut run.refused,
            () if whole => &mut run.global,
            () if line.walk.is_empty() && !line.inv.is_empty() => &mut run.unmap,
            () => &mut run.map,
        };
        kind.add(pages);
        self.stale.refreshed(place, &self.machine.functions[place], self.now, &mut self.run);
        Ok(())
    }

    fn error_event(&mut self, line: &Line<'_>) {
        self.run.error_events += 1;
        let (Some(fid), handle) = (line.fid, line.fh) else { return };
        let known = self.places.get(&fid).map_or(0, |place| self.machine.functions[*place].handle);
        let event = ErrorEvent {
            code: line.pec,
            handle: handle.unwrap_or(known),
            fid,
            address: Iova::new(line.faddr),
            level: None,
            write: false,
        };
        if self.recorded_events.len() < MOST_WAITING {
            self.recorded_events.push_back((line.s, event));
        }
        self.meet();
    }

    /// An event happened here.
    pub(super) fn happened(&mut self, event: ErrorEvent) {
        if self.events.len() < MOST_WAITING {
            self.events.push_back(event);
        }
        self.meet();
    }

    /// An event of a refresh is recorded before the refresh, one of a device after its access: whichever comes first
    /// waits for the other.
    fn meet(&mut self) {
        while let (Some((at, recorded)), Some(here)) = (self.recorded_events.front(), self.events.front()) {
            let before = self.judge.event.replace(*at);
            let ccdf = here.ccdf();
            self.judge.check("error event", &recorded.ccdf(), &ccdf);
            self.judge.event = before;
            self.recorded_events.pop_front();
            self.events.pop_front();
        }
    }

    fn load(&mut self, line: &Line<'_>) -> Result<(), Problem> {
        let place = self.place_of(line)?;
        let handle = self.machine.functions[place].handle;
        let answer = load_store(&mut self.machine, handle);
        self.judge.check("cc", &line.cc, &answer.cc);
        Ok(())
    }

    /// The host changed a doubleword. Where it is one of a table, it had to be what our tables say.
    fn mutation(&mut self, line: &Line<'_>) {
        if self.known.contains(&(line.addr & !0x7ff)) {
            let at = Phys::new(line.addr);
            self.judge.check("mutation old", &line.old, &self.memory.read(at));
            self.memory.write(at, line.new);
        }
    }
}
