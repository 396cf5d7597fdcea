//! What happened, event by event: the same lines on every host, so that a hash of them compares hosts.

mod event;
mod signal;
mod text;
mod warning;

pub use event::{AddressUse, Call, Class, Entry, Event, Variable};
pub use signal::Signal;
pub use text::{Names, hash_lines};
pub use warning::Warning;

use crate::trace::event::Classes;

/// Version of the text form; in its first line.
pub const VERSION: u32 = 1;

/// An event, with the step and the CPU it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Step of the scenario, from 1; 0 before the first.
    pub step: u32,
    /// CPU that did it.
    pub cpu: u8,
    /// What it was.
    pub event: Event,
}

/// The events of a run, as far as they are kept.
#[derive(Clone, Debug)]
pub struct Trace {
    /// In order.
    pub records: Vec<Record>,
    /// How many came after the limit was reached.
    pub dropped: u64,
    classes: Classes,
    limit: usize,
}

impl Trace {
    /// Records kept before the rest is only counted.
    pub const LIMIT: usize = 200_000;

    /// Keeps every event.
    pub fn full() -> Self {
        Self::of(&[Class::Detail, Class::Outcome, Class::Instruction])
    }

    /// Keeps what comes out of a call: instructions' results and warnings.
    pub fn outcomes() -> Self {
        Self::of(&[Class::Outcome])
    }

    /// Keeps what comes out of a call, and every instruction that refreshes or registers.
    pub fn instructions() -> Self {
        Self::of(&[Class::Outcome, Class::Instruction])
    }

    /// Keeps nothing and costs nothing.
    pub fn off() -> Self {
        Self::of(&[])
    }

    fn of(classes: &[Class]) -> Self {
        Self { records: Vec::new(), dropped: 0, classes: Classes::of(classes), limit: Self::LIMIT }
    }

    /// Whether events of this class are kept.
    #[inline]
    pub fn keeps(&self, class: Class) -> bool {
        self.classes.contains(class)
    }

    /// Adds a record, or counts it when there is no room.
    pub fn push(&mut self, record: Record) {
        if self.records.len() < self.limit {
            self.records.push(record);
        } else {
            self.dropped += 1;
        }
    }

    /// The text form: a version line, then one line per record.
    ///
    /// ```
    /// use s390_iommu::trace::{Names, Trace};
    /// assert_eq!(Trace::full().lines(&Names::default()), ["#s390-iommu trace 1"]);
    /// ```
    pub fn lines(&self, names: &Names) -> Vec<String> {
        lines(&self.records, self.dropped, names)
    }
}

/// The text form of records, of which so many more were not kept.
pub(crate) fn lines(records: &[Record], dropped: u64, names: &Names) -> Vec<String> {
    let header = format!("#s390-iommu trace {VERSION}");
    let records = records.iter().map(|record| names.line(record));
    let dropped = (dropped > 0).then(|| format!("#{dropped} further events not kept"));
    std::iter::once(header).chain(records).chain(dropped).collect()
}
