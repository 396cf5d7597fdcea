//! Exposure windows: from the step that unmaps pages to the refresh that covers them, function by function.
//!
//! In between the device may still reach memory that has other uses by then, whether or not it has anything cached: a
//! machine may cache what it likes. The clock is logical: steps, and the kernel's milliseconds.

use serde::Serialize;

use super::intent::pages;
use crate::addr::PAGE_SIZE;
use crate::ids::FunctionId;
use crate::trace::Signal;

/// A moment: a step of the scenario, and the kernel's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Moment {
    /// The step.
    pub step: u32,
    /// Milliseconds since boot, which pass only where a step lets them.
    pub ms: u64,
}

/// How pages became exposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// They were unmapped, and the machine was to be told at once.
    Unmapped,
    /// They were unmapped, and the machine was to be told later.
    Deferred,
    /// They were mapped to something else while they were mapped.
    Replaced,
}

/// An exposure window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Window {
    /// Whose accesses.
    #[serde(skip)]
    pub function: FunctionId,
    /// First address.
    pub iova: u64,
    /// How many pages.
    pub pages: u64,
    /// What exposed them.
    pub kind: Exposure,
    /// Since when.
    pub opened: Moment,
    /// Until when; `None` while it is open.
    pub closed: Option<Moment>,
}

impl Window {
    const fn first(&self) -> u64 {
        self.iova / PAGE_SIZE
    }

    const fn last(&self) -> u64 {
        self.first() + (self.pages - 1)
    }
}

/// All windows of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Windows {
    open: Vec<Window>,
    closed: Vec<Window>,
    /// Windows that were not kept, for want of room.
    dropped: u64,
}

impl Windows {
    /// Windows that are kept, open and closed ones each.
    pub const LIMIT: usize = 4096;

    /// Open and closed, by when they were opened.
    pub fn all(&self) -> Vec<Window> {
        let mut all: Vec<_> = self.open.iter().chain(&self.closed).copied().collect();
        all.sort_by_key(|window| (window.opened.step, window.function, window.iova));
        all
    }

    /// Those that are open.
    pub fn open(&self) -> &[Window] {
        &self.open
    }

    /// Open windows over these pages.
    pub(super) fn over(&self, first: u64, last: u64) -> impl Iterator<Item = &Window> {
        self.open.iter().filter(move |window| window.first() <= last && first <= window.last())
    }

    /// How many more there were.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Pages `first` to `last` are exposed, except for what the signals of the same operation cover; gives whether
    /// anything is.
    pub(super) fn expose(
        &mut self,
        function: FunctionId,
        (first, last): (u64, u64),
        (kind, opened): (Exposure, Moment),
        signals: &[Signal],
    ) -> bool {
        let uncovered = uncovered(function, first, last, signals);
        for (first, last) in &uncovered {
            let (iova, pages) = (first * PAGE_SIZE, last - first + 1);
            if self.open.len() < Self::LIMIT {
                self.open.push(Window { function, iova, pages, kind, opened, closed: None });
            } else {
                self.dropped += 1;
            }
        }
        !uncovered.is_empty()
    }

    /// Signals close windows, or parts of them.
    pub(super) fn close(&mut self, signals: &[Signal], now: Moment) {
        if self.open.is_empty() || signals.is_empty() {
            return;
        }
        let mut open = Vec::new();
        for window in std::mem::take(&mut self.open) {
            let left = uncovered(window.function, window.first(), window.last(), signals);
            if left == [(window.first(), window.last())] {
                open.push(window);
                continue;
            }
            let mut next = window.first();
            for (first, last) in &left {
                self.shut(window, next, *first, now);
                open.push(Window { iova: first * PAGE_SIZE, pages: last - first + 1, ..window });
                next = last + 1;
            }
            self.shut(window, next, window.last() + 1, now);
        }
        open.truncate(2 * Self::LIMIT);
        self.open = open;
    }

    /// Pages from `first` to before `end` are covered.
    fn shut(&mut self, window: Window, first: u64, end: u64, now: Moment) {
        if first == end {
        } else if self.closed.len() < Self::LIMIT {
            let (iova, pages) = (first * PAGE_SIZE, end - first);
            self.closed.push(Window { iova, pages, closed: Some(now), ..window });
        } else {
            self.dropped += 1;
        }
    }
}

/// The parts of pages `first` to `last` that no signal covers.
pub(super) fn uncovered(function: FunctionId, first: u64, last: u64, signals: &[Signal]) -> Vec<(u64, u64)> {
    let mut left = vec![(first, last)];
    for signal in signals {
        match *signal {
            Signal::Dropped(other) if other == function => return Vec::new(),
            Signal::Refreshed(other, range) if other == function && range.start <= range.last => {
                let (from, to) = (range.start.get() / PAGE_SIZE, range.last.get() / PAGE_SIZE);
                left = left
                    .into_iter()
                    .flat_map(|(first, last)| {
                        let before = (first < from).then(|| (first, last.min(from.wrapping_sub(1))));
                        let after = (last > to).then(|| (first.max(to + 1), last));
                        before.into_iter().chain(after)
                    })
                    .collect();
            }
            _ => {}
        }
    }
    left
}

/// What exposure came to for one function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExposureSummary {
    /// Its name.
    pub function: String,
    /// How many windows there were.
    pub windows: u64,
    /// How many of them the caller had agreed to.
    pub deferred: u64,
    /// How many are open at the end.
    pub open: u64,
    /// Pages that were exposed, each as often as it was.
    pub pages: u64,
    /// Steps that the longest window lasted.
    pub longest_steps: u32,
    /// Milliseconds that the longest one lasted.
    pub longest_ms: u64,
}

impl ExposureSummary {
    /// Sums up the windows of a function; those that are open last until `end`.
    pub fn of(name: &str, function: FunctionId, windows: &[Window], end: Moment) -> Self {
        let mut sum = Self { function: name.to_owned(), ..Self::default() };
        for window in windows.iter().filter(|window| window.function == function) {
            let until = window.closed.unwrap_or(end);
            sum.windows += 1;
            sum.deferred += u64::from(window.kind == Exposure::Deferred);
            sum.open += u64::from(window.closed.is_none());
            sum.pages += window.pages;
            sum.longest_steps = sum.longest_steps.max(until.step.saturating_sub(window.opened.step));
            sum.longest_ms = sum.longest_ms.max(until.ms.saturating_sub(window.opened.ms));
        }
        sum
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let range = pages(self.first(), self.last());
        write!(f, "{range} from step {}", self.opened.step)?;
        match self.closed {
            Some(closed) => write!(f, " to step {}", closed.step),
            None => f.write_str(", still open"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{Iova, IovaRange};

    const F0: FunctionId = FunctionId(0);

    fn refreshed(first: u64, last: u64) -> Signal {
        Signal::Refreshed(F0, IovaRange::new(Iova::new(first << 12), Iova::new(last << 12 | 0xfff)))
    }

    #[test]
    fn a_refresh_in_the_middle_leaves_both_ends_open() {
        let at = |step| Moment { step, ms: 0 };
        let mut windows = Windows::default();
        assert!(windows.expose(F0, (10, 19), (Exposure::Unmapped, at(1)), &[refreshed(0, 9)]));
        windows.close(&[refreshed(12, 15)], at(2));
        windows.close(&[Signal::Refused(F0, 3, 0), Signal::Dropped(FunctionId(1))], at(3));
        let spans: Vec<_> = windows.all().iter().map(ToString::to_string).collect();
        assert_eq!(
            spans,
            [
                "0xa000..=0xbfff from step 1, still open",
                "0xc000..=0xffff from step 1 to step 2",
                "0x10000..=0x13fff from step 1, still open",
            ]
        );
        windows.close(&[Signal::Dropped(F0)], at(4));
        let sum = ExposureSummary::of("f0", F0, &windows.all(), at(9));
        assert_eq!((sum.windows, sum.open, sum.pages, sum.longest_steps), (3, 0, 10, 3));
        assert!(!windows.expose(F0, (10, 19), (Exposure::Unmapped, at(5)), &[refreshed(0, 30)]));
        assert_eq!(
            uncovered(F0, 0, 0, &[Signal::Refreshed(F0, IovaRange::new(Iova::new(1), Iova::new(0)))]),
            [(0, 0)]
        );
    }
}
