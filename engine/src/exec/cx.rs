//! [`Cx`]: what kernel code on one CPU is handed, and the scheduling point.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::run::{Run, Stop};
use crate::revision::Decision;
use crate::state::kernel::{Failure, FaultSite};
use crate::trace::{Class, Event, Warning};

/// The one door of kernel code to everything it shares with other CPUs and with the machine.
#[derive(Clone, Copy)]
pub struct Cx<'r> {
    pub(super) run: &'r Run,
    pub(super) cpu: u8,
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
        self.run.count(self.cpu, |tally| match tally.warnings.iter_mut().find(|(known, _)| *known == warning) {
            Some((_, count)) => *count += times,
            None => tally.warnings.push((warning, times)),
        });
        self.emit(Event::Warn { warning, times });
    }

    /// Whether an armed failure strikes here; the call is counted.
    pub fn strike(self, site: FaultSite) -> Option<Failure> {
        let failure = self.run.world.borrow_mut().kernel.strike(site);
        if failure.is_some() {
            self.emit(Event::Injected { site: site.name() });
        }
        failure
    }

    /// The real kernel gets no further: stops every task of the run.
    pub async fn stop(self, stop: Stop) -> Infallible {
        self.run.set_stop(self.cpu, stop);
        std::future::pending().await
    }

    /// Uses up budget of the step, or stops the run.
    #[inline]
    pub(super) async fn spend(self, amount: u64) {
        if !self.run.spend(amount) {
            self.stop(Stop::TooMuchWork).await;
        }
    }

    /// Lets another task go first, if there is one.
    #[inline]
    pub fn point(self) -> Point<'r> {
        Point { run: self.run, passed: false }
    }

    pub(super) fn emit(self, event: Event) {
        self.run.emit(self.cpu, event);
    }
}

/// A scheduling point: ready at once for a task that runs alone.
pub struct Point<'r> {
    run: &'r Run,
    passed: bool,
}

impl Future for Point<'_> {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.passed || self.run.is_alone() {
            return Poll::Ready(());
        }
        self.passed = true;
        Poll::Pending
    }
}
