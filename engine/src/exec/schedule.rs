//! Who runs next: the scheduler's question, and schedules as values.

use std::fmt;
use std::str::FromStr;

/// Decides who runs next at each scheduling point.
pub trait Scheduler {
    /// One of `runnable`, which is never empty and sorted.
    fn next(&mut self, runnable: &[u8]) -> u8;
}

/// Runs the lowest CPU to its end, then the next one.
#[derive(Clone, Copy, Debug, Default)]
pub struct FirstRunnable;

impl Scheduler for FirstRunnable {
    fn next(&mut self, runnable: &[u8]) -> u8 {
        runnable[0]
    }
}

/// Which CPU ran from point to point. Text form: `0x12 1x30 0`, "CPU 0 for twelve points, CPU 1 for thirty, …".
///
/// ```
/// use s390_iommu::exec::Schedule;
/// let schedule: Schedule = "0x3 1 0".parse()?;
/// assert_eq!(schedule.choices, [0, 0, 0, 1, 0]);
/// assert_eq!(schedule.to_string(), "0x3 1 0");
/// # Ok::<(), s390_iommu::exec::ScheduleError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Schedule {
    /// The CPU chosen at each point, in order.
    pub choices: Vec<u8>,
}

impl Schedule {
    /// Longest schedule that is read.
    pub const LIMIT: usize = 100_000;
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, run) in self.choices.chunk_by(|a, b| a == b).enumerate() {
            let space = if i > 0 { " " } else { "" };
            match run.len() {
                1 => write!(f, "{space}{}", run[0])?,
                times => write!(f, "{space}{}x{times}", run[0])?,
            }
        }
        Ok(())
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let mut choices = Vec::new();
        for word in text.split_whitespace() {
            let (cpu, times) = word.split_once('x').unwrap_or((word, "1"));
            let bad = || ScheduleError(format!("{word:?} is not CPU or CPUxTIMES"));
            let cpu = cpu.parse::<u8>().map_err(|_| bad())?;
            let times = times.parse::<usize>().map_err(|_| bad())?;
            if choices.len() + times > Self::LIMIT {
                return Err(ScheduleError(format!("a schedule has at most {} points", Self::LIMIT)));
            }
            choices.extend(std::iter::repeat_n(cpu, times));
        }
        Ok(Self { choices })
    }
}

/// A schedule that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleError(String);

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ScheduleError {}

/// Replays a schedule and records what was done.
///
/// Where the schedule is at its end or names a CPU that cannot run, the CPU that ran last goes on, or else the lowest.
#[derive(Clone, Debug, Default)]
pub struct Pinned {
    planned: Schedule,
    /// What was done.
    pub done: Schedule,
}

impl Pinned {
    /// To replay this schedule.
    pub fn new(planned: Schedule) -> Self {
        Self { planned, done: Schedule::default() }
    }
}

impl Scheduler for Pinned {
    fn next(&mut self, runnable: &[u8]) -> u8 {
        let planned = self.planned.choices.get(self.done.choices.len());
        let last = self.done.choices.last();
        let cpu = *planned.into_iter().chain(last).find(|cpu| runnable.contains(cpu)).unwrap_or(&runnable[0]);
        self.done.choices.push(cpu);
        cpu
    }
}
