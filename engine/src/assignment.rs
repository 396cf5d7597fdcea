//! Replays what real users of devices did: the recorded operations are performed by our clients, and each has to give
//! the recorded result and cause the recorded instructions.
//!
//! What is taken from the recording is what the kernel cannot know: which operation, the physical pages of user memory,
//! errors that devices make, and *when* another process or a kernel thread gets to run. Results, instructions with their
//! condition codes and ranges, and what is registered after each operation come from the clients and the machine alone.
//! Tables are compared by identity: what was registered as the same table has to be the same here.
//!
//! Some instructions are not those of clients. They are told apart by rule, and counted:
//!
//! - the enumeration of functions at boot;
//! - what a device driver other than vfio-pci does with its function, and the DMA API for it, from the time it may have
//!   been bound until it is unbound: refreshes, measurements, interrupts;
//! - translations, error events and checkpoints: these are no instructions.

mod expect;
mod lower;
mod memory;
mod model;
mod replay;
mod results;

pub use replay::Assignment;
