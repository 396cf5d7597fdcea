//! [`Cx`]: what kernel code on one CPU is handed, and the scheduling point.

use super::run::{Run, Stop};
use super::turn::{Halt, Progress};
use crate::revision::Decision;
use crate::state::kernel::{Failure, FaultSite};
use crate::trace::{Class, Event, Warning};

/// The one door of kernel code to everything it shares with other CPUs and with the machine.
///
/// One word, for it travels into every call: which CPU is running is the run's to know. Whatever kernel code does
/// through it goes one of four ways: [`access`](Self::access), where another CPU may come in between;
/// [`change`](Self::change), for what no other CPU looks at; [`look`](Self::look), for what is only read;
/// [`tell`](Self::tell), for what is only reported.
#[derive(Clone, Copy)]
pub struct Cx<'r> {
    pub(super) run: &'r Run,
}

impl Cx<'_> {
    /// What this kernel decides; the question is an event.
    #[inline]
    pub fn ask<D: Decision>(self) -> D {
        let value = D::of(&self.run.behavior);
        if self.run.keeps(Class::Detail) {
            self.tell(|run| run.emit(Event::Ask { decision: D::NAME, value: value.label() }));
        }
        value
    }

    /// The kernel warns.
    pub fn warn(self, warning: Warning) {
        self.tell(|run| run.warn(warning, 1));
    }

    /// Whether an armed failure strikes here; the call is counted.
    #[inline]
    pub fn strike(self, site: FaultSite) -> Progress<Option<Failure>> {
        self.change(|run| run.strike(site))
    }

    /// One access to something shared: a scheduling point, then `act`, which may say that it has to wait.
    #[expect(clippy::inline_always, reason = "measured: every step of the driver comes through here")]
    #[inline(always)]
    pub(super) fn access<T: Clone + Send + 'static>(
        self,
        act: impl FnOnce(&Run) -> Progress<T>,
    ) -> Progress<T> {
        if self.run.is_alone() { act(self.run) } else { self.run.in_turn(act) }
    }

    /// An access that never waits.
    #[expect(clippy::inline_always, reason = "as `access`")]
    #[inline(always)]
    pub(super) fn at_once<T: Clone + Send + 'static>(self, act: impl FnOnce(&Run) -> T) -> Progress<T> {
        self.access(|run| Ok(act(run)))
    }

    /// Changes what no other CPU looks at: no scheduling point.
    #[inline]
    pub(super) fn change<T: Clone + Send + 'static>(self, act: impl FnOnce(&Run) -> T) -> Progress<T> {
        if self.run.is_alone() { Ok(act(self.run)) } else { self.run.between_turns(act) }
    }

    /// Reads what changes only with the operation's own steps: no scheduling point.
    #[inline]
    pub(super) fn look<T: Clone + Send + 'static>(self, read: impl Fn(&Run) -> T) -> T {
        if self.run.is_alone() { read(self.run) } else { self.run.look_between_turns(read) }
    }

    /// Reports something, once.
    #[inline]
    pub(super) fn tell(self, act: impl FnOnce(&Run)) {
        if self.run.is_alone() {
            act(self.run);
        } else {
            // When the turn is over there is nothing to report.
            let _ = self.run.between_turns(act);
        }
    }
}

impl Run {
    /// The real kernel gets no further: stops every task of the run.
    #[cold]
    pub(super) fn halt<T>(&self, stop: Stop) -> Progress<T> {
        self.set_stop(stop);
        Err(Halt::new())
    }

    pub(super) fn warn(&self, warning: Warning, times: u64) {
        if times == 0 {
            return;
        }
        self.count(|tally| match tally.warnings.iter_mut().find(|(known, _)| *known == warning) {
            Some((_, count)) => *count += times,
            None => tally.warnings.push((warning, times)),
        });
        self.emit(Event::Warn { warning, times });
    }

    pub(super) fn strike(&self, site: FaultSite) -> Option<Failure> {
        let failure = self.world.borrow_mut().kernel.strike(site);
        if failure.is_some() {
            self.emit(Event::Injected { site: site.name() });
        }
        failure
    }

    #[expect(clippy::inline_always, reason = "measured: a third of the time of mapping a page")]
    #[inline(always)]
    pub(super) fn emit(&self, event: Event) {
        if self.keeps(event.class()) {
            self.push(event);
        }
    }
}
