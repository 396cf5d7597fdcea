//! What the kernel's PCI code keeps about functions: drivers, resets, slots, events.

use crate::ids::FunctionId;

/// The driver of a function, as far as it makes a difference here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Driver {
    /// vfio-pci: the function is for user space. It hears of errors and leaves the rest to others.
    Vfio,
    /// One that uses the DMA API and has no error handlers.
    Native,
    /// One that uses the DMA API and wants a reset after an error, as nvme does.
    WantsReset,
    /// One that uses the DMA API and can do without a reset, but has no use for registers in between.
    CanRecover,
    /// One that uses the DMA API and looks at the registers before it goes on.
    Examines,
    /// One that uses the DMA API and gives up after an error.
    GivesUp,
}

/// Work on a function that waits until nobody has it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// Its slot is to be powered off.
    PowerOff,
    /// Its driver is to be unbound.
    Unbind,
    /// The machine asked to have it back (event 0x303).
    Requested,
    /// The machine has taken it away already (event 0x304).
    Gone,
}

impl Waiting {
    /// Whether it is the thread that handles events which waits: other events wait with it.
    pub const fn holds_events(self) -> bool {
        matches!(self, Self::Requested | Self::Gone)
    }
}

/// What the kernel thinks of a function's place in the machine (`enum zpci_state`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Slot {
    /// It is there for this guest.
    #[default]
    Configured,
    /// It is there, powered off.
    Standby,
    /// Somebody else has it: the kernel has forgotten it.
    Reserved,
}

/// What drivers are told of a function's registers (`pci_channel_state_t`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Channel {
    /// They answer.
    #[default]
    Normal,
    /// They do not, but may again.
    Frozen,
    /// They never will: they are not even asked any more.
    PermanentFailure,
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
    /// Its place.
    pub slot: Slot,
    /// Its registers, as its driver was told.
    pub channel: Channel,
    /// A guest of KVM has it (`kzdev`).
    pub guest: bool,
}

/// An event that the kernel has not handled yet, an error or a change of availability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PciEvent {
    /// Whom it is about.
    pub function: FunctionId,
    /// What happened.
    pub code: u16,
    /// The function's handle when it did.
    pub handle: u32,
}

impl PciEvent {
    /// Whether it is about availability: a function comes or goes.
    pub const fn is_availability(self) -> bool {
        matches!(self.code, 0x300..0x400)
    }
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
