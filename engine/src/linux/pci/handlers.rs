//! What drivers do about an error of their function (`struct pci_error_handlers`): each handler votes on how to go on.

use crate::state::pci::Driver;

/// An answer of an error handler (`pci_ers_result_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vote {
    /// The driver abstains.
    Abstain,
    /// It goes on without a reset.
    CanRecover,
    /// It needs one.
    NeedReset,
    /// It gives up.
    Disconnect,
    /// It works again.
    Recovered,
}

impl Vote {
    /// As in traces.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Abstain => "abstains",
            Self::CanRecover => "can-recover",
            Self::NeedReset => "need-reset",
            Self::Disconnect => "disconnect",
            Self::Recovered => "recovered",
        }
    }
}

/// A driver's handlers, as the votes they give; `None` for one it does not have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handlers {
    pub(super) error_detected: Vote,
    pub(super) mmio_enabled: Option<Vote>,
    pub(super) slot_reset: Option<Vote>,
    pub(super) resume: bool,
}

impl Driver {
    /// Its handlers, if it has any; a driver with any can at least be told of an error.
    pub(super) fn handlers(self) -> Option<Handlers> {
        let full = |error_detected, mmio_enabled| Handlers {
            error_detected,
            mmio_enabled,
            slot_reset: Some(Vote::Recovered),
            resume: true,
        };
        Some(match self {
            Self::Native => return None,
            Self::Vfio => Handlers {
                error_detected: Vote::CanRecover,
                mmio_enabled: None,
                slot_reset: None,
                resume: false,
            },
            Self::WantsReset => full(Vote::NeedReset, None),
            Self::CanRecover => full(Vote::CanRecover, None),
            Self::Examines => full(Vote::CanRecover, Some(Vote::Recovered)),
            Self::GivesUp => full(Vote::Disconnect, None),
        })
    }
}
