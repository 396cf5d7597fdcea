//! Ranges that wait for a flush (`struct iova_fq`): their addresses are not handed out while a device may still use them.
//!
//! Each range carries the number of flushes that had been started when it was queued. It may go once more flushes than
//! that have been finished: then one began after it was queued.

use std::collections::VecDeque;

use crate::state::faults::{FaultSite, Faults};

/// Which queues a domain has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueueKind {
    /// One for each CPU, small and soon flushed.
    PerCpu,
    /// One for all, large and seldom flushed: where a flush is expensive.
    Single,
}

impl QueueKind {
    /// Slots of a queue; one always stays empty.
    pub const fn slots(self) -> usize {
        match self {
            Self::PerCpu => 256,
            Self::Single => 32768,
        }
    }

    /// Milliseconds from the first range queued to the flush.
    pub const fn timeout(self) -> u64 {
        match self {
            Self::PerCpu => 10,
            Self::Single => 1000,
        }
    }
}

/// A range that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Waiting {
    /// First page.
    pub page: u64,
    /// Pages.
    pub pages: u64,
    /// Flushes started before it was queued.
    started: u64,
}

/// The queues of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FlushQueue {
    kind: QueueKind,
    rings: Vec<VecDeque<Waiting>>,
    started: u64,
    finished: u64,
    timer_on: bool,
}

impl FlushQueue {
    /// Empty queues; `None` without memory.
    pub fn new(kind: QueueKind, cpus: u16, faults: &mut Faults) -> Option<Self> {
        let count = match kind {
            QueueKind::PerCpu => cpus.into(),
            QueueKind::Single => 1,
        };
        let queue =
            Self { kind, rings: vec![VecDeque::new(); count], started: 0, finished: 0, timer_on: false };
        faults.strike(FaultSite::AllocQueueMemory).is_none().then_some(queue)
    }

    /// Which queues these are.
    pub const fn kind(&self) -> QueueKind {
        self.kind
    }

    /// Flushes started.
    pub const fn started(&self) -> u64 {
        self.started
    }

    /// Flushes finished.
    pub const fn finished(&self) -> u64 {
        self.finished
    }

    /// Whether the timer is armed.
    pub const fn timer_on(&self) -> bool {
        self.timer_on
    }

    /// How many ranges wait in each queue.
    pub fn len(&self) -> impl ExactSizeIterator<Item = usize> {
        self.rings.iter().map(VecDeque::len)
    }

    /// Which queue a CPU uses.
    pub const fn ring_of(&self, cpu: u16) -> usize {
        match self.kind {
            QueueKind::PerCpu => cpu as usize,
            QueueKind::Single => 0,
        }
    }

    /// Whether a queue has no room.
    pub fn is_full(&self, ring: usize) -> bool {
        self.rings[ring].len() + 1 >= self.kind.slots()
    }

    /// Counts a flush as started; the caller flushes then.
    pub const fn begin_flush(&mut self) {
        self.started += 1;
    }

    /// Counts it as finished.
    pub const fn end_flush(&mut self) {
        self.finished += 1;
    }

    /// Takes the oldest range out of a queue if it may go.
    pub fn take_flushed(&mut self, ring: usize) -> Option<Waiting> {
        let finished = self.finished;
        self.rings[ring].pop_front_if(|first| first.started < finished)
    }

    /// Puts a range into a queue that has room.
    pub fn push(&mut self, ring: usize, page: u64, pages: u64) {
        self.rings[ring].push_back(Waiting { page, pages, started: self.started });
    }

    /// Whether the timer must be armed now; from then on it is.
    pub const fn needs_timer(&mut self) -> bool {
        !std::mem::replace(&mut self.timer_on, true)
    }

    /// The timer expired.
    pub const fn timer_expired(&mut self) {
        self.timer_on = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slot_stays_empty() {
        for (kind, usable) in [(QueueKind::PerCpu, 255), (QueueKind::Single, 32767)] {
            let mut queue = FlushQueue::new(kind, 2, &mut Faults::default()).unwrap();
            let room = (0..40_000).take_while(|page| {
                let room = !queue.is_full(0);
                queue.push(0, *page, 1);
                room
            });
            assert_eq!(room.count(), usable);
        }
    }

    #[test]
    fn a_range_queued_during_a_flush_waits_for_the_next_one() {
        let mut queue = FlushQueue::new(QueueKind::PerCpu, 1, &mut Faults::default()).unwrap();
        queue.push(0, 1, 1);
        queue.begin_flush();
        queue.push(0, 2, 1);
        assert_eq!(queue.take_flushed(0), None);
        queue.end_flush();
        assert_eq!(queue.take_flushed(0).map(|first| first.page), Some(1));
        assert_eq!(queue.take_flushed(0), None);
        queue.begin_flush();
        queue.end_flush();
        assert_eq!(queue.take_flushed(0).map(|first| first.page), Some(2));
    }
}
