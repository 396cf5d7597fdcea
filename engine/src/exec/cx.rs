//! [`Cx`]: what kernel code on one CPU is handed, and the scheduling point.

use super::run::{CPUS, Stop, Tally};
use super::turn::{Halt, Progress, Turn};
use crate::hw::zpci::Answer;
use crate::revision::{Behavior, Decision};
use crate::state::World;
use crate::state::kernel::{Failure, FaultSite, Lock};
use crate::trace::{Class, Event, Trace, Warning};

/// The one door of kernel code to everything it shares with other CPUs and with the machine.
///
/// Whatever kernel code does through it goes one of four ways: `access`, where another CPU may come in
/// between; `change`, for what no other CPU looks at; `look`, for what is only read;
/// `tell`, for what is only reported.
#[derive(Clone, Debug)]
pub struct Cx {
    pub(super) world: World,
    pub(super) trace: Trace,
    pub(super) behavior: Behavior,
    pub(super) keeps: [bool; 3],
    /// Nobody else runs, and nothing has stopped the run: accesses act at once.
    pub(super) alone: bool,
    /// Whose task is running.
    pub(super) cpu: usize,
    /// The step that each CPU is in.
    pub(super) steps: [u32; CPUS],
    pub(super) tallies: [Tally; CPUS],
    pub(super) turns: [Turn; CPUS],
    pub(super) waiting: [Option<Lock>; CPUS],
    /// Steps of the list walk that each CPU is in.
    pub(super) walked: [usize; CPUS],
    pub(super) stop: Option<Stop>,
    /// What is left of the step's budget.
    pub(super) work: u64,
    /// What reaches the machine is noted.
    pub(super) watched: bool,
    /// Answers that instructions get instead of the machine's, as long as there are any.
    pub(super) script: Vec<Answer>,
}

impl Cx {
    /// What this kernel decides; the question is an event.
    #[inline]
    pub fn ask<D: Decision>(&mut self) -> D {
        let value = D::of(&self.behavior);
        if self.keeps(Class::Detail) {
            self.asked(D::NAME, value.label());
        }
        value
    }

    /// The kernel warns.
    pub fn warn(&mut self, warning: Warning) {
        self.tell(|cx| cx.warn_times(warning, 1));
    }

    /// Whether an armed failure strikes here; the call is counted.
    #[inline]
    pub fn strike(&mut self, site: FaultSite) -> Progress<Option<Failure>> {
        if self.alone && self.world.kernel.faults.is_empty() {
            return Ok(None);
        }
        self.strike_armed(site)
    }

    #[cold]
    fn strike_armed(&mut self, site: FaultSite) -> Progress<Option<Failure>> {
        self.change(|cx| cx.struck(site))
    }

    /// One access to something shared: a scheduling point, then `act`, which may say that it has to wait.
    #[inline(always)]
    pub(super) fn access<T: Clone + Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Progress<T>,
    ) -> Progress<T> {
        let shared = !self.alone;
        if shared && let Some(seen) = self.arrive_in_turn()? {
            return Ok(seen);
        }
        let done = act(self);
        if shared { self.depart(done) } else { done }
    }

    /// An access that never waits.
    #[inline(always)]
    pub(super) fn at_once<T: Clone + Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut Self) -> T,
    ) -> Progress<T> {
        self.once(Self::arrive_in_turn, act)
    }

    /// Changes what no other CPU looks at: no scheduling point.
    #[inline(always)]
    pub(super) fn change<T: Clone + Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut Self) -> T,
    ) -> Progress<T> {
        self.once(Self::arrive, act)
    }

    // Here and in `access` what acts appears once, and the bookkeeping around it knows only its result: while a task is
    // alone, nothing has to lie in memory for that.
    #[inline(always)]
    fn once<T: Clone + Send + 'static>(
        &mut self,
        arrive: impl FnOnce(&mut Self) -> Progress<Option<T>>,
        act: impl FnOnce(&mut Self) -> T,
    ) -> Progress<T> {
        let shared = !self.alone;
        if shared && let Some(seen) = arrive(self)? {
            return Ok(seen);
        }
        let done = Ok(act(self));
        if shared { self.depart(done) } else { done }
    }

    /// Reads what changes only with the operation's own steps: no scheduling point.
    #[inline(always)]
    pub(super) fn look<T: Clone + Send + 'static>(&mut self, read: impl Fn(&Self) -> T + Copy) -> T {
        if self.alone { read(self) } else { self.look_between_turns(read) }
    }

    /// Reports something, once.
    #[inline]
    pub(super) fn tell(&mut self, act: impl FnOnce(&mut Self)) {
        // When the turn is over there is nothing to report.
        let _ = self.change(act);
    }
}

impl Cx {
    /// The real kernel gets no further: stops every task of the run.
    #[cold]
    pub(super) fn halt<T>(&mut self, stop: Stop) -> Progress<T> {
        self.set_stop(stop);
        Err(Halt::new())
    }

    #[cold]
    fn asked(&mut self, decision: &'static str, value: &'static str) {
        self.tell(|cx| cx.push(Class::Detail, Event::Ask { decision, value }));
    }

    #[inline]
    pub(super) fn warn_times(&mut self, warning: Warning, times: u64) {
        if times > 0 {
            self.warned(warning, times);
        }
    }

    #[cold]
    fn warned(&mut self, warning: Warning, times: u64) {
        self.count_up(|tally| match tally.warnings.iter_mut().find(|(known, _)| *known == warning) {
            Some((_, count)) => *count += times,
            None => tally.warnings.push((warning, times)),
        });
        self.emit(Class::Outcome, || Event::Warn { warning, times });
    }

    pub(super) fn struck(&mut self, site: FaultSite) -> Option<Failure> {
        let failure = self.world.kernel.faults.strike(site)?;
        self.emit(Class::Detail, || Event::Injected { site: site.name() });
        Some(failure)
    }

    /// Keeps an event, if events of its class are kept. Only then it is made.
    #[inline(always)]
    pub(super) fn emit(&mut self, class: Class, event: impl FnOnce() -> Event) {
        if self.keeps(class) {
            self.push(class, event());
        }
    }
}
