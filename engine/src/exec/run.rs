//! One run: a world being changed, what is kept of the events, and the loop that polls the tasks.

use std::cell::{Cell, Ref, RefCell};

use serde::Serialize;

use super::cx::Cx;
use super::schedule::Scheduler;
use super::turn::{Halt, Progress, Turns};
use crate::revision::Behavior;
use crate::state::World;
use crate::state::kernel::Lock;
use crate::trace::{Call, Class, Event, Record, Trace, Warning};

/// A way in which the real kernel crashes or hangs: a modelled outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Crash {
    /// A list is walked that never leads back to its head: a function's one link is on two lists.
    ListNeverEnds,
    /// A lock is waited for that nobody will give back.
    Deadlock,
    /// A look-up in tables of five levels uses the table that is missing below the top one.
    NoTableAtTop,
    /// A function is to leave a domain without being in one.
    NoDomainToLeave,
}

impl Crash {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ListNeverEnds => "list-never-ends",
            Self::Deadlock => "deadlock",
            Self::NoTableAtTop => "no-table-at-top",
            Self::NoDomainToLeave => "no-domain-to-leave",
        }
    }
}

/// Why a run ended before its step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// The real kernel would not get further either.
    Crash(Crash),
    /// The step wants more table memory than the limit allows.
    TooMuchMemory,
    /// The step changes more pages than the limit allows.
    TooMuchWork,
}

impl Stop {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crash(crash) => crash.name(),
            Self::TooMuchMemory => "too-much-memory",
            Self::TooMuchWork => "too-much-work",
        }
    }

    /// Every way.
    pub const ALL: [Self; 6] = [
        Self::Crash(Crash::ListNeverEnds),
        Self::Crash(Crash::Deadlock),
        Self::Crash(Crash::NoTableAtTop),
        Self::Crash(Crash::NoDomainToLeave),
        Self::TooMuchMemory,
        Self::TooMuchWork,
    ];

    /// What it means, and where to look.
    pub const fn explain(self) -> &'static str {
        match self {
            Self::Crash(Crash::ListNeverEnds) => {
                "The kernel walks a list of functions that never leads back to its head, and hangs: one function is on the lists \
                 of two domains. Look for an attach without the detach before it."
            }
            Self::Crash(Crash::Deadlock) => {
                "The kernel waits for a lock that nobody will give back. Look at who holds it in the trace."
            }
            Self::Crash(Crash::NoTableAtTop) => {
                "The kernel dereferences a null pointer: a look-up in tables of five levels takes for granted that the entry \
                 of the top one is valid. v6.16 to v6.18; v7.3 looks first."
            }
            Self::Crash(Crash::NoDomainToLeave) => {
                "The kernel dereferences a null pointer: the function is to leave its domain and is in none. On v6.8 that is \
                 the release of a function that was never attached; from v6.12 on an attach without the probe before it."
            }
            Self::TooMuchMemory => {
                "The step wants more table memory than one run may have. This limit is ours: the real kernel would go on."
            }
            Self::TooMuchWork => {
                "The step changes more pages than one step may. This limit is ours: the real kernel would go on. Map less at once."
            }
        }
    }
}

/// CPUs of a simulated system.
pub const CPUS: usize = 2;

/// Bounds on one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pages changed and driver calls made, together.
    pub work: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { work: 1 << 26 }
    }
}

/// What one task did, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Warnings with how often, in order of first occurrence.
    pub warnings: Vec<(Warning, u64)>,
    /// Calls of each driver operation, in order of [`Call::ALL`].
    pub calls: [u64; Call::ALL.len()],
    /// Requests the core refused for their alignment.
    pub unaligned: u64,
    /// Refresh wrappers called.
    pub refreshes: u64,
}

/// A world while code runs on it.
#[derive(Clone, Debug)]
pub struct Run {
    pub(super) world: RefCell<World>,
    trace: RefCell<Trace>,
    pub(super) behavior: Behavior,
    steps: [Cell<u32>; CPUS],
    alone: Cell<bool>,
    /// Whose task is being polled.
    cpu: Cell<usize>,
    keeps: [bool; 2],
    tallies: RefCell<[Tally; CPUS]>,
    pub(super) turns: Turns,
    pub(super) waiting: [Cell<Option<Lock>>; CPUS],
    /// Steps of the list walk that each CPU is in.
    pub(super) walked: [Cell<usize>; CPUS],
    stop: Cell<Option<Stop>>,
    work: Cell<u64>,
}

/// A task: takes a turn of one CPU's code and says whether it has come to its end. Operation by operation it goes on
/// as long as [`Run::end_operation`] says that one is through.
pub type Task<'r> = Box<dyn FnMut(Cx<'r>) -> bool + 'r>;

impl Run {
    /// A run of `behavior` on a world.
    pub fn new(world: World, trace: Trace, behavior: Behavior) -> Self {
        Self {
            keeps: [trace.keeps(Class::Detail), trace.keeps(Class::Outcome)],
            world: RefCell::new(world),
            trace: RefCell::new(trace),
            behavior,
            steps: Default::default(),
            alone: Cell::new(true),
            cpu: Cell::new(0),
            tallies: RefCell::default(),
            turns: Turns::default(),
            waiting: Default::default(),
            walked: Default::default(),
            stop: Cell::new(None),
            work: Cell::new(0),
        }
    }

    /// Begins a step on each CPU, with a budget for all; `steps` are their numbers.
    pub fn begin(&self, steps: &[u32], limits: Limits) {
        self.work.set(limits.work);
        for (cell, step) in self.steps.iter().zip(steps) {
            cell.set(*step);
        }
    }

    /// The next operation of the running task belongs to this step.
    pub fn set_step(&self, step: u32) {
        self.steps[self.cpu()].set(step);
    }

    /// The step that CPU 0 is in.
    pub fn step(&self) -> u32 {
        self.steps[0].get()
    }

    /// How many events were not kept since the last time, for want of room.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.trace.get_mut().dropped)
    }

    /// The world, between steps.
    pub fn world(&self) -> Ref<'_, World> {
        self.world.borrow()
    }

    /// The world, to be changed by hand.
    pub fn world_mut(&mut self) -> &mut World {
        self.world.get_mut()
    }

    /// What was kept of the events.
    pub fn trace(&self) -> Ref<'_, Trace> {
        self.trace.borrow()
    }

    /// Takes the events out.
    pub fn take_records(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.trace.get_mut().records)
    }

    /// The door for kernel code.
    pub(super) fn cx(&self) -> Cx<'_> {
        Cx { run: self }
    }

    /// Runs one operation to its end; `None` if something stopped it (see [`Self::stop`]).
    pub fn alone<T>(&self, operation: impl FnOnce(Cx<'_>) -> Progress<T>) -> Option<T> {
        self.alone.set(self.stop().is_none());
        self.cpu.set(0);
        // A stop may have been dropped on the way.
        operation(self.cx()).ok().filter(|_| self.stop().is_none())
    }

    /// Runs tasks side by side, one per CPU from 0 on ([`CPUS`] at most), until all have ended or something stops them.
    pub fn together<'r>(&'r self, mut tasks: Vec<Task<'r>>, scheduler: &mut dyn Scheduler) {
        self.alone.set(false);
        let mut done = vec![false; tasks.len()];
        let mut begun = vec![false; tasks.len()];
        let mut runnable = Vec::with_capacity(tasks.len());
        while self.stop.get().is_none() {
            runnable.clear();
            runnable.extend(
                (0..tasks.len()).filter(|cpu| !done[*cpu] && !self.is_blocked(*cpu)).map(|cpu| cpu as u8),
            );
            if runnable.is_empty() {
                if done.contains(&false) {
                    self.set_stop(Stop::Crash(Crash::Deadlock));
                }
                break;
            }
            let cpu = usize::from(scheduler.next(&runnable));
            self.cpu.set(cpu);
            self.begin_turn(std::mem::replace(&mut begun[cpu], true));
            done[cpu] = tasks[cpu](self.cx());
        }
        self.end_turns();
        self.alone.set(self.stop().is_none());
    }

    /// The running task waits for a lock. Alone, nobody is there to give it back.
    #[cold]
    pub(super) fn wait<T>(&self) -> Progress<T> {
        if self.is_alone() { self.halt(Stop::Crash(Crash::Deadlock)) } else { Err(Halt::new()) }
    }

    fn is_blocked(&self, cpu: usize) -> bool {
        let waiting = self.waiting[cpu].get();
        waiting.is_some_and(|lock| self.world.borrow_mut().kernel.lock_slot(lock).is_some())
    }

    /// What stopped the run, if anything did.
    pub fn stop(&self) -> Option<Stop> {
        self.stop.get()
    }

    /// What the running task did since the last time, counted.
    pub fn tally(&self) -> Tally {
        std::mem::take(&mut self.tallies.borrow_mut()[self.cpu()])
    }

    pub(super) fn set_stop(&self, stop: Stop) {
        self.stop.set(Some(stop));
        self.alone.set(false);
        self.emit(Event::Crash { what: stop.name() });
    }

    /// The CPU whose task is being polled.
    #[inline]
    pub(super) fn cpu(&self) -> usize {
        self.cpu.get()
    }

    #[inline]
    pub(super) fn is_alone(&self) -> bool {
        self.alone.get()
    }

    #[inline]
    pub(super) fn keeps(&self, class: Class) -> bool {
        match class {
            Class::Detail => self.keeps[0],
            Class::Outcome => self.keeps[1],
        }
    }

    #[cold]
    pub(super) fn push(&self, event: Event) {
        let cpu = self.cpu();
        self.trace.borrow_mut().push(Record { step: self.steps[cpu].get(), cpu: cpu as u8, event });
    }

    #[inline]
    pub(super) fn count(&self, change: impl FnOnce(&mut Tally)) {
        change(&mut self.tallies.borrow_mut()[self.cpu()]);
    }

    /// Takes `amount` from the step's budget; `false` when it is used up.
    #[inline]
    pub(super) fn spend(&self, amount: u64) -> bool {
        match self.work.get().checked_sub(amount) {
            Some(left) => {
                self.work.set(left);
                true
            }
            None => false,
        }
    }
}
