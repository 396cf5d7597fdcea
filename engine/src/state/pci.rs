//! What the kernel's PCI code keeps about functions: drivers, resets, slots, error events.

use crate::ids::FunctionId;

/// The driver of a function, as far as it makes a difference here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Driver {
    /// vfio-pci: the function is for user space.
    Vfio,
    /// Any driver that uses the DMA API.
    Native,
}

/// Work on a function that waits until nobody has it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// Its slot is to be powered off.
    PowerOff,
    /// Its driver is to be unbound.
    Unbind,
}

/// A function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PciFunction {
    /// It can reset itself (function level reset).
    pub flr: bool,
    /// The reset of its slot is among the methods found when it appeared.
    pub slot_reset: bool,
    /// Its slot was powered off before.
    pub was_off: bool,
    /// Its driver.
    pub driver: Option<Driver>,
    /// How often it was enabled.
    pub enabled: u32,
    /// What waits for it to be closed.
    pub waiting: Option<Waiting>,
}

/// An error event that the kernel has not handled yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PciEvent {
    /// Whom it is about.
    pub function: FunctionId,
    /// What went wrong.
    pub code: u16,
}

/// All functions and events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pci {
    /// By [`FunctionId`].
    pub functions: Vec<PciFunction>,
    /// In order of arrival.
    pub events: Vec<PciEvent>,
}

impl Pci {
    /// A function.
    pub fn function(&self, id: FunctionId) -> &PciFunction {
        &self.functions[id.index()]
    }

    /// The same, to be changed.
    pub fn function_mut(&mut self, id: FunctionId) -> &mut PciFunction {
        &mut self.functions[id.index()]
    }
}
