//! PCI functions as the machine knows them: handle, state, attributes, and the translation registered for them.

use serde::{Deserialize, Serialize};

use super::event::ErrorEvent;
use super::fault::FaultKind;
use super::iotlb::Iotlb;
use super::profile::{Profile, Rules, Sequence};
use super::walk::Access;
use super::zpci::clp::{FunctionAttributes, GroupAttributes};
use crate::addr::{Iova, IovaRange, Phys};
use crate::table::{Iota, Level};

/// Handle bit: the function is enabled (*from Linux*, zdev_enabled).
pub const HANDLE_ENABLED: u32 = 0x8000_0000;
/// Handle bits: the instance, which changes when the function is plugged anew (*from QEMU*).
pub const HANDLE_INSTANCE: u32 = 0x7f00_0000;

/// What state the machine holds a function in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionState {
    /// Known to the machine, not to this guest.
    Reserved,
    /// There, not configured.
    Standby,
    /// Configured, not enabled: CLP can enable it.
    Disabled,
    /// Working.
    Enabled,
    /// After an error its registers can be used again; DMA waits for the error to be reset.
    Blocked,
    /// Stopped by an error: DMA and load/store are blocked until it is reset.
    Error,
    /// Broken for good.
    PermanentError,
    /// Gone: its handle means nothing any more.
    Removed,
}

impl FunctionState {
    /// As in scenarios and traces.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Standby => "standby",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::Blocked => "blocked",
            Self::Error => "error",
            Self::PermanentError => "permanent-error",
            Self::Removed => "removed",
        }
    }

    /// Whether MPCIFC and RPCIT find it; to the others they answer with condition code 3.
    pub const fn is_operable(self) -> bool {
        matches!(self, Self::Enabled | Self::Blocked | Self::Error)
    }
}

/// A registered I/O address translation: where the tables are and which addresses may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ioat {
    /// The anchor of the tables.
    pub iota: Iota,
    /// PBA to PAL, both usable.
    pub range: IovaRange,
}

/// Registered adapter interrupts, as in the function information block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interrupts {
    /// Subclass, number, offsets.
    pub control: u32,
    /// Address of the bit vector.
    pub bit_vector: u64,
    /// Address of the summary bit.
    pub summary: u64,
}

/// A PCI function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    /// Its handle; instructions name it by this, in full.
    pub handle: u32,
    /// Its state.
    pub state: FunctionState,
    /// The translation registered for it, if any.
    pub ioat: Option<Ioat>,
    /// Its registered interrupts.
    pub interrupts: Option<Interrupts>,
    /// Where its measurements go.
    pub measurement: Option<Phys>,
    /// What CLP says about it.
    pub attributes: FunctionAttributes,
    /// What CLP says about its group. Functions of one group hold the same.
    pub group: GroupAttributes,
    /// What the machine has cached of its translations.
    pub iotlb: Iotlb,
    /// The container whose credits its mappings use, see [`Machine::credits`].
    pub container: Option<usize>,
}

impl Function {
    /// An enabled function that may use these addresses, in a group without peculiarities.
    pub fn new(handle: u32, fid: u32, dma: IovaRange) -> Self {
        Self {
            handle,
            state: FunctionState::Enabled,
            ioat: None,
            interrupts: None,
            measurement: None,
            attributes: FunctionAttributes::new(fid, dma),
            group: GroupAttributes::new(),
            iotlb: Iotlb::default(),
            container: None,
        }
    }

    /// The addresses the machine lets it use: SDMA to EDMA of its attributes.
    pub fn dma(&self) -> IovaRange {
        IovaRange::new(Iova::new(self.attributes.sdma()), Iova::new(self.attributes.edma()))
    }

    /// Drops what is registered, and with it what is cached.
    pub fn deregister(&mut self) {
        self.ioat = None;
        self.iotlb.purge();
    }

    /// Enables it: CLP does this to a disabled function.
    pub fn enable(&mut self) {
        self.handle |= HANDLE_ENABLED;
        self.state = FunctionState::Enabled;
    }

    /// Disables it: translation, interrupts and measurements are gone, and so is the error it may be in.
    pub fn disable(&mut self) {
        self.reset();
        self.handle &= !HANDLE_ENABLED;
        self.state = FunctionState::Disabled;
    }

    /// Configures a function that is on standby. Its handle stays (*observed* over slot power cycles).
    pub fn configure(&mut self) {
        if matches!(self.state, FunctionState::Standby | FunctionState::Reserved) {
            self.state = FunctionState::Disabled;
        }
    }

    /// Takes its configuration away: it is on standby, and its handle is that of a disabled function.
    pub fn deconfigure(&mut self) {
        self.disable();
        self.state = FunctionState::Standby;
    }

    /// It is gone.
    pub fn remove(&mut self) {
        self.reset();
        self.state = FunctionState::Removed;
    }

    /// A function is plugged where one was removed: another instance, with another handle (*from QEMU*).
    pub fn plug(&mut self) {
        let instance = self.handle.wrapping_add(0x0100_0000) & HANDLE_INSTANCE;
        self.handle = self.handle & !(HANDLE_ENABLED | HANDLE_INSTANCE) | instance;
        self.state = FunctionState::Disabled;
    }

    /// It is in error now, and this is the event about it, if the fault makes one.
    pub(super) fn fail(
        &mut self,
        rules: Rules,
        kind: FaultKind,
        address: Iova,
        level: Option<Level>,
        access: Access,
    ) -> Option<ErrorEvent> {
        let event = ErrorEvent::new(rules, self, kind, address, level, access);
        self.state = FunctionState::Error;
        event
    }

    fn reset(&mut self) {
        self.deregister();
        (self.interrupts, self.measurement) = (None, None);
    }
}

/// The machine: its rules and its functions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    /// Whose rules apply.
    pub rules: Rules,
    /// Its functions, by [`FunctionId`](crate::ids::FunctionId).
    pub functions: Vec<Function>,
    /// Host mappings left, by container, where the rules count them.
    pub credits: Vec<u64>,
}

impl Default for Machine {
    fn default() -> Self {
        Self::new(Profile::default())
    }
}

impl Machine {
    /// A machine without functions.
    pub const fn new(profile: Profile) -> Self {
        Self { rules: profile.rules(), functions: Vec::new(), credits: Vec::new() }
    }

    /// The function that an instruction with this handle is about: there, enabled, and not broken.
    pub fn by_handle(&mut self, handle: u32) -> Option<&mut Function> {
        operable(&mut self.functions, handle)
    }

    pub(super) const fn accepts_everything(&self) -> bool {
        matches!(self.rules.sequence, Sequence::AnyOrder)
    }
}

/// The function that has this handle, unless instructions do not reach it.
#[inline]
pub(super) fn operable(functions: &mut [Function], handle: u32) -> Option<&mut Function> {
    functions.iter_mut().find(|function| function.handle == handle && function.state.is_operable())
}

/// PBA and PAL as the machine keeps them: their low twelve bits do not count (*from QEMU*, reg_ioat).
pub(crate) fn page_granular(range: IovaRange) -> IovaRange {
    IovaRange::new(range.start.page(), Iova::new(range.last.get() | 0xfff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_tell_enabled_and_instance() {
        let dma = IovaRange::new(Iova::new(0), Iova::new(0xfff));
        let mut function = Function::new(0x8002_0000, 1, dma);
        function.disable();
        assert_eq!((function.handle, function.state), (0x0002_0000, FunctionState::Disabled));
        function.deconfigure();
        function.configure();
        function.enable();
        assert_eq!(function.handle, 0x8002_0000);
        function.remove();
        function.plug();
        assert_eq!((function.handle, function.state), (0x0102_0000, FunctionState::Disabled));
        function.handle |= HANDLE_INSTANCE;
        function.plug();
        assert_eq!(function.handle, 0x0002_0000, "instances wrap");
    }
}
