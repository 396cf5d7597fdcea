//! The simulated system as plain data: memory, machine, and what the kernel keeps about both.

pub mod bitmap;
pub mod clock;
mod domain;
mod faults;
mod function;
pub mod group;
pub mod iommufd;
pub mod iova;
pub mod kernel;
pub mod legacy_dma;
mod list;
pub mod pci;
pub mod rcu;
pub mod tables;
pub mod users;
pub mod vfio;

pub use list::{Element, ElementKind, Link};

use crate::hw::function::Machine;
use crate::mem::Memory;

/// Everything there is: clone it for a snapshot, compare it to see whether two runs are in the same place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct World {
    /// Physical memory.
    pub mem: Memory,
    /// The machine.
    pub machine: Machine,
    /// The kernel's data.
    pub kernel: kernel::Kernel,
}
