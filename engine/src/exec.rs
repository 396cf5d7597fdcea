//! How kernel code runs: straight-line functions, one door to everything they share, and a scheduler.
//!
//! Every [`Cx`] method that touches shared state is one scheduling point, seen in kernel code as a `?`. Running alone,
//! a task never stops at them; running with another, the [`Scheduler`] is asked at each who goes on. The same driver
//! code serves both: see [`Halt`] for how.

mod cx;
mod device;
mod domains;
mod group;
mod hand;
mod instructions;
mod iova;
mod legacy_dma;
mod lists;
mod locks;
mod memory;
mod pci;
mod run;
mod schedule;
mod turn;
mod users;
mod variables;

pub use cx::Cx;
pub use device::{Data, DeviceAccess};
pub use memory::PageRun;
pub use pci::Control;
pub use run::{CPUS, Crash, Limits, Run, Stop, Tally, Task};
pub use schedule::{FirstRunnable, Pinned, Schedule, ScheduleError, Scheduler};
pub use turn::{Halt, Progress};

pub use crate::hw::zpci::{Answer, Fib, Operation};
