//! How kernel code runs: straight-line `async fn`s, one door to everything they share, and a scheduler.
//!
//! Every [`Cx`] method that touches shared state is one scheduling point. Running alone, a task never stops at
//! them; running with another, the [`Scheduler`] is asked at each who goes on. The same driver code serves both.

mod cx;
mod hand;
mod instructions;
mod memory;
mod run;
mod schedule;
mod shared;

pub use cx::{Access, Cx};
pub use memory::PageRun;
pub use run::{CPUS, Crash, Limits, Run, Stop, Tally, Task};
pub use schedule::{FirstRunnable, Pinned, Schedule, ScheduleError, Scheduler};
pub(crate) use shared::{table_use, use_of};

pub use crate::hw::zpci::{Answer, Fib, Operation};
