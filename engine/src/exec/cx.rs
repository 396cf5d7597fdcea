//! [`Cx`]: what kernel code on one CPU is handed, and [`Access`], the scheduling point.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::run::{Run, Stop};
use crate::revision::Decision;
use crate::state::kernel::{Failure, FaultSite};
use crate::trace::{Class, Event, Warning};

/// The one door of kernel code to everything it shares with other CPUs and with the machine.
///
/// One word, for it travels into every call: which CPU is running is the run's to know.
#[derive(Clone, Copy)]
pub struct Cx<'r> {
    pub(super) run: &'r Run,
}

impl<'r> Cx<'r> {
    /// What this kernel decides; the question is an event.
    #[inline]
    pub fn ask<D: Decision>(self) -> D {
        let value = D::of(&self.run.behavior);
        if self.run.keeps(Class::Detail) {
            self.emit(Event::Ask { decision: D::NAME, value: value.label() });
        }
        value
    }

    /// The kernel warns.
    pub fn warn(self, warning: Warning) {
        self.warn_times(warning, 1);
    }

    /// The kernel warns so often in a row; nothing for 0.
    pub fn warn_times(self, warning: Warning, times: u64) {
        if times == 0 {
            return;
        }
        self.run.count(|tally| match tally.warnings.iter_mut().find(|(known, _)| *known == warning) {
            Some((_, count)) => *count += times,
            None => tally.warnings.push((warning, times)),
        });
        self.emit(Event::Warn { warning, times });
    }

    /// Whether an armed failure strikes here; the call is counted.
    pub fn strike(self, site: FaultSite) -> Option<Failure> {
        let failure = self.run.world.borrow_mut().kernel.faults.strike(site);
        if failure.is_some() {
            self.emit(Event::Injected { site: site.name() });
        }
        failure
    }

    /// The real kernel gets no further: stops every task of the run. What is returned never becomes ready.
    pub(super) fn stop<T>(self, stop: Stop) -> Poll<T> {
        self.run.set_stop(stop);
        Poll::Pending
    }

    /// One access to something shared: a scheduling point, then `act`, which may say that it has to wait.
    #[inline]
    pub(super) fn access<T, F: FnMut(Self) -> Poll<T>>(self, act: F) -> Access<'r, F> {
        Access { cx: self, act, passed: false }
    }

    /// An access that never waits.
    #[inline]
    pub(super) fn at_once<T>(self, mut act: impl FnMut(Self) -> T) -> impl Future<Output = T> {
        self.access(move |cx| Poll::Ready(act(cx)))
    }

    #[expect(clippy::inline_always, reason = "measured: a third of the time of mapping a page")]
    #[inline(always)]
    pub(super) fn emit(self, event: Event) {
        if self.run.keeps(event.class()) {
            self.run.push(event);
        }
    }
}

/// An access in progress. A task that runs alone acts at once; others stop before it, once.
///
/// This is a hand-written future because every step of the driver goes through it: an `async fn` for each would
/// triple the cost of mapping a page.
pub struct Access<'r, F> {
    cx: Cx<'r>,
    act: F,
    passed: bool,
}

impl<F> Unpin for Access<'_, F> {}

impl<'r, T, F: FnMut(Cx<'r>) -> Poll<T>> Future for Access<'r, F> {
    type Output = T;

    #[expect(clippy::inline_always, reason = "measured: a third of the time of mapping a page")]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        if !self.passed && !self.cx.run.is_alone() {
            self.passed = true;
            return Poll::Pending;
        }
        let cx = self.cx;
        (self.act)(cx)
    }
}
