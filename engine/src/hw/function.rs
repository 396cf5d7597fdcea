//! PCI functions as the machine knows them: handle, state, and the translation registered for them.

use serde::{Deserialize, Serialize};

use crate::addr::{Iova, IovaRange};
use crate::table::Iota;

/// Which machine answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// A logical partition: the machine walks the tables itself.
    #[default]
    Lpar,
    /// A guest of z/VM.
    Zvm,
    /// QEMU, by its literal rules.
    Qemu,
    /// What stood in for hardware while the driver was recorded: it accepts every instruction, in any order.
    Recorder,
}

impl Profile {
    /// The profiles a scenario can name.
    pub const NAMED: [(&'static str, Self); 3] =
        [("lpar", Self::Lpar), ("zvm", Self::Zvm), ("qemu", Self::Qemu)];
}

/// What state the machine holds a function in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FunctionState {
    /// Working.
    Enabled,
    /// Stopped by an error: DMA and load/store are blocked until it is reset.
    Error,
    /// Gone: its handle means nothing any more.
    Removed,
}

impl FunctionState {
    /// As in scenarios and traces.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Error => "error",
            Self::Removed => "removed",
        }
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

/// A PCI function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    /// Its handle; instructions name it by this, in full.
    pub handle: u32,
    /// Its state.
    pub state: FunctionState,
    /// The translation registered for it, if any.
    pub ioat: Option<Ioat>,
    /// The addresses the machine lets it use (SDMA to EDMA of its CLP attributes).
    pub dma: IovaRange,
    /// Relaxed translation is offered: a registration without tables is allowed.
    pub relaxed: bool,
}

/// The machine: its profile and its functions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Machine {
    /// Whose rules apply.
    pub profile: Profile,
    /// Its functions, by [`FunctionId`](crate::ids::FunctionId).
    pub functions: Vec<Function>,
}

impl Machine {
    /// The function that has this handle now, unless it was removed.
    pub fn by_handle(&mut self, handle: u32) -> Option<&mut Function> {
        self.functions
            .iter_mut()
            .find(|function| function.handle == handle && function.state != FunctionState::Removed)
    }
}

/// PBA and PAL as the machine keeps them: their low twelve bits do not count (*from QEMU*, reg_ioat).
pub(crate) fn page_granular(range: IovaRange) -> IovaRange {
    IovaRange::new(range.start.page(), Iova::new(range.last.get() | 0xfff))
}
