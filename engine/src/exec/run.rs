//! One run: a world being changed, what is kept of the events, and the loop that polls the tasks.

use serde::{Serialize, Serializer};

use super::cx::Cx;
use super::schedule::Scheduler;
use super::turn::{Halt, Progress};
use crate::hw::zpci::Answer;
use crate::revision::Behavior;
use crate::state::World;
use crate::trace::{Call, Class, Event, Record, Signal, Trace, Warning};

/// A way in which the real kernel crashes or hangs: a modelled outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Crash {
    /// A list is walked that never leads back to its head: a function's one link is on two lists.
    ListNeverEnds,
    /// A lock is waited for that nobody will give back.
    Deadlock,
    /// A look-up in tables of five levels uses the table that is missing below the top one.
    NoTableAtTop,
    /// A function is to leave a domain without being in one.
    NoDomainToLeave,
    /// A group's first function is used, or a function's group, and there is none.
    EmptyGroup,
    /// A table is given back that was given back already.
    DoubleFree,
    /// Addresses are looked for that there cannot be, from the same place again and again.
    SearchNeverEnds,
    /// A bitmap is read or written where it is not.
    BesideBitmap,
}

impl Crash {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ListNeverEnds => "list-never-ends",
            Self::Deadlock => "deadlock",
            Self::NoTableAtTop => "no-table-at-top",
            Self::NoDomainToLeave => "no-domain-to-leave",
            Self::EmptyGroup => "empty-group",
            Self::DoubleFree => "double-free",
            Self::SearchNeverEnds => "search-never-ends",
            Self::BesideBitmap => "beside-bitmap",
        }
    }
}

/// Why a run ended before its step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The real kernel would not get further either.
    Crash(Crash),
    /// The step wants more table memory than the limit allows.
    TooMuchMemory,
    /// The step changes more pages than the limit allows.
    TooMuchWork,
}

impl Serialize for Stop {
    /// As its name.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
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
    pub const ALL: [Self; 10] = [
        Self::Crash(Crash::ListNeverEnds),
        Self::Crash(Crash::Deadlock),
        Self::Crash(Crash::NoTableAtTop),
        Self::Crash(Crash::NoDomainToLeave),
        Self::Crash(Crash::EmptyGroup),
        Self::Crash(Crash::DoubleFree),
        Self::Crash(Crash::SearchNeverEnds),
        Self::Crash(Crash::BesideBitmap),
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
            Self::Crash(Crash::EmptyGroup) => {
                "The kernel reads beside a structure: it takes the first function of a group, or the group of a function, for \
                 granted. Look for a function that was removed from the bus while its group was held."
            }
            Self::Crash(Crash::DoubleFree) => {
                "The kernel gives back a translation table that it gave back before: the allocator's lists are damaged from here \
                 on. Look for two owners of one table."
            }
            Self::Crash(Crash::SearchNeverEnds) => {
                "The kernel looks for addresses with a lock held, and never stops: more are wanted than lie between two of the \
                 boundaries that one mapping must not cross. Map less at once."
            }
            Self::Crash(Crash::BesideBitmap) => {
                "The kernel reads or writes beside the bitmap of a function's addresses. There is none while the function is in a \
                 domain of somebody else, it is empty for a range of 2^64 bytes, and an unmap outside the range is not checked."
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
    /// Translation tables allocated.
    pub allocates: u64,
    /// Translation tables given back.
    pub frees: u64,
    /// Times that the kernel waited for a busy machine.
    pub waits: u64,
    /// What reached the machine, in a run that is watched.
    pub signals: Vec<Signal>,
}

/// A world while code runs on it.
#[derive(Clone, Debug)]
pub struct Run {
    cx: Cx,
}

/// A task: takes a turn of one CPU's code and says whether it has come to its end. Operation by operation it goes on
/// as long as `Cx::end_operation` says that one is through.
pub type Task<'t> = Box<dyn FnMut(&mut Cx) -> bool + 't>;

impl Run {
    /// A run of `behavior` on a world.
    pub fn new(world: World, trace: Trace, behavior: Behavior) -> Self {
        let cx = Cx {
            keeps: [Class::Detail, Class::Outcome, Class::Instruction].map(|class| trace.keeps(class)),
            world,
            trace,
            behavior,
            alone: true,
            cpu: 0,
            steps: Default::default(),
            tallies: Default::default(),
            turns: Default::default(),
            waiting: Default::default(),
            walked: Default::default(),
            stop: None,
            work: 0,
            watched: false,
            script: Vec::new(),
        };
        Self { cx }
    }

    /// Begins a step on each CPU, with a budget for all; `steps` are their numbers.
    pub fn begin(&mut self, steps: &[u32], limits: Limits) {
        self.cx.work = limits.work;
        for (old, step) in self.cx.steps.iter_mut().zip(steps) {
            *old = *step;
        }
    }

    /// The step that CPU 0 is in.
    pub fn step(&self) -> u32 {
        self.cx.steps[0]
    }

    /// How many events were not kept since the last time, for want of room.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.cx.trace.dropped)
    }

    /// The world, between steps.
    pub fn world(&self) -> &World {
        &self.cx.world
    }

    /// The world, to be changed by hand.
    pub fn world_mut(&mut self) -> &mut World {
        &mut self.cx.world
    }

    /// Answers that the next instructions get instead of the machine's.
    pub(crate) fn script(&mut self, answers: Vec<Answer>) {
        self.cx.script = answers;
    }

    /// From now on notes what reaches the machine, in the tallies.
    pub(crate) fn watch(&mut self, watched: bool) {
        self.cx.watched = watched;
    }

    /// What was kept of the events.
    pub fn trace(&self) -> &Trace {
        &self.cx.trace
    }

    /// Takes the events out.
    pub fn take_records(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.cx.trace.records)
    }

    /// What stopped the run, if anything did.
    pub fn stop(&self) -> Option<Stop> {
        self.cx.stop
    }

    /// Runs one operation to its end; `None` if something stopped it (see [`Self::stop`]).
    pub fn alone<T>(&mut self, operation: impl FnOnce(&mut Cx) -> Progress<T>) -> Option<T> {
        self.cx.alone = self.stop().is_none();
        self.cx.cpu = 0;
        // A stop may have been dropped on the way.
        operation(&mut self.cx).ok().filter(|_| self.stop().is_none())
    }

    /// What an operation that ran alone did, counted and told.
    pub(crate) fn after<T>(&mut self, look: impl FnOnce(&mut Cx) -> T) -> T {
        look(&mut self.cx)
    }

    /// Runs tasks side by side, one per CPU from 0 on ([`CPUS`] at most), until all have ended or something stops them.
    pub fn together(&mut self, mut tasks: Vec<Task<'_>>, scheduler: &mut dyn Scheduler) {
        let cx = &mut self.cx;
        cx.alone = false;
        let mut done = vec![false; tasks.len()];
        let mut begun = vec![false; tasks.len()];
        let mut runnable = Vec::with_capacity(tasks.len());
        while cx.stop.is_none() {
            runnable.clear();
            runnable.extend(
                (0..tasks.len()).filter(|cpu| !done[*cpu] && !cx.is_blocked(*cpu)).map(|cpu| cpu as u8),
            );
            if runnable.is_empty() {
                if done.contains(&false) {
                    cx.set_stop(Stop::Crash(Crash::Deadlock));
                }
                break;
            }
            let cpu = usize::from(scheduler.next(&runnable));
            cx.cpu = cpu;
            cx.begin_turn(std::mem::replace(&mut begun[cpu], true));
            done[cpu] = tasks[cpu](cx);
        }
        // Operations that were stopped half-way are forgotten.
        cx.turns = Default::default();
        cx.alone = cx.stop.is_none();
    }
}

impl Cx {
    /// The next operation of the running task belongs to this step.
    pub(crate) fn set_step(&mut self, step: u32) {
        self.steps[self.cpu] = step;
    }

    /// What stopped the run, if anything did.
    pub(crate) fn stopped(&self) -> Option<Stop> {
        self.stop
    }

    /// What the running task did since the last time, counted.
    pub(crate) fn tally(&mut self) -> Tally {
        std::mem::take(&mut self.tallies[self.cpu])
    }

    /// The running task waits for a lock. Alone, nobody is there to give it back.
    #[cold]
    pub(super) fn wait<T>(&mut self) -> Progress<T> {
        if self.alone { self.halt(Stop::Crash(Crash::Deadlock)) } else { Err(Halt::new()) }
    }

    fn is_blocked(&self, cpu: usize) -> bool {
        self.waiting[cpu].is_some_and(|lock| self.world.kernel.holder(lock).is_some())
    }

    pub(super) fn set_stop(&mut self, stop: Stop) {
        self.stop = Some(stop);
        self.alone = false;
        self.emit(Class::Outcome, || Event::Crash { what: stop.name() });
    }

    #[inline]
    pub(super) fn keeps(&self, class: Class) -> bool {
        match class {
            Class::Detail => self.keeps[0],
            Class::Outcome => self.keeps[1],
            Class::Instruction => self.keeps[2],
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn push(&mut self, class: Class, event: Event) {
        debug_assert_eq!(event.class(), class, "{event:?}");
        self.trace.push(Record { step: self.steps[self.cpu], cpu: self.cpu as u8, event });
    }

    #[inline]
    pub(super) fn count_up(&mut self, change: impl FnOnce(&mut Tally)) {
        change(&mut self.tallies[self.cpu]);
    }

    /// Takes `amount` from the step's budget; `false` when it is used up.
    #[inline]
    pub(super) fn spend(&mut self, amount: u64) -> bool {
        match self.work.checked_sub(amount) {
            Some(left) => {
                self.work = left;
                true
            }
            None => false,
        }
    }
}
