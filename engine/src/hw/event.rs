//! Error events: how a machine tells that a device's access, or a refresh, went wrong.

use serde::Serialize;

use super::fault::FaultKind;
use super::function::Function;
use super::profile::{EventDetail, Rules};
use super::walk::Access;
use super::zpci::byte_block;
use crate::addr::Iova;
use crate::table::Level;

byte_block! {
    /// The content of an error event (CCDF, content code 1), 0x20 bytes.
    ///
    /// Source: `struct zpci_ccdf_err` of Linux's `pci_event.c`.
    Ccdf: 0x20 {
        /// Handle of the function.
        handle, with_handle: u32 = 0x04;
        /// Its id.
        fid, with_fid: u32 = 0x08;
        /// Four bits table type, twelve bits version, eight bits address space, and the bits `q` (2) and `rw` (1).
        detail, with_detail: u32 = 0x0c;
        /// The failing address.
        address, with_address: u64 = 0x10;
        /// What went wrong, see [`FaultKind::code`].
        code, with_code: u16 = 0x1e;
    }
}

/// The measurement block's address is not aligned (event 0x2c; Linux takes no notice of it).
pub const MEASUREMENT_PROTECTION: u16 = 0x2c;

/// An error event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ErrorEvent {
    /// What went wrong, see [`FaultKind::code`].
    pub code: u16,
    /// The function's handle at that time.
    pub handle: u32,
    /// Its id.
    pub fid: u32,
    /// The failing address.
    pub address: Iova,
    /// Where in the tables, if the machine tells.
    pub level: Option<Level>,
    /// Whether it was a write, if the machine tells.
    pub write: bool,
}

impl ErrorEvent {
    /// The event for a fault of this function; `None` for those that come without one.
    pub(super) fn new(
        rules: Rules,
        function: &Function,
        kind: FaultKind,
        address: Iova,
        level: Option<Level>,
        access: Access,
    ) -> Option<Self> {
        let told = rules.event_detail == EventDetail::Told;
        (kind.code() != 0).then(|| Self {
            code: kind.code(),
            handle: function.handle,
            fid: function.attributes.fid(),
            address,
            level: level.filter(|_| told),
            write: told && access == Access::Write,
        })
    }

    /// As the machine stores it.
    ///
    /// The table type counts as QEMU counts levels: 3, 2, 1 for region tables, 0 for a segment table, 15 for a page
    /// table; `rw` is 1 for a write (*assumed*, both).
    pub fn ccdf(&self) -> Ccdf {
        let table = match self.level {
            Some(Level::Page) => 0xf,
            Some(level) => u32::from(level.table_type()),
            None => 0,
        };
        Ccdf::default()
            .with_handle(self.handle)
            .with_fid(self.fid)
            .with_detail(table << 28 | u32::from(self.write))
            .with_address(self.address.get())
            .with_code(self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_as_bytes() {
        let event = ErrorEvent {
            code: 4,
            handle: 0x8002_0000,
            fid: 1,
            address: Iova::new(0x1_3ffe_0000),
            level: Some(Level::Page),
            write: true,
        };
        let mut bytes = [0; 0x20];
        bytes[0x04..0x10].copy_from_slice(&[0x80, 2, 0, 0, 0, 0, 0, 1, 0xf0, 0, 0, 1]);
        bytes[0x10..0x18].copy_from_slice(&0x1_3ffe_0000_u64.to_be_bytes());
        bytes[0x1f] = 4;
        assert_eq!(event.ccdf().bytes(), &bytes);
        assert_eq!(Ccdf::read(&bytes).unwrap().code(), 4);
        assert_eq!(Ccdf::read(&bytes[1..]), None);
    }
}
