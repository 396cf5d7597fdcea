//! PCI functions as Linux handles them: drivers, resets, slots, errors (`arch/s390/pci`, `drivers/pci`).

mod bind;
mod events;
mod guest;
mod handlers;
mod recovery;
mod reset;
mod slot;

pub use bind::{bind, unbind};
pub use events::handle_events;
pub use guest::{enter_guest, leave_guest};
pub use reset::{has_reset, reset, reset_methods, slot_reset};
pub use slot::{power_off, power_on, proceed, recover};

use crate::exec::{Control, Cx, Progress};
use crate::ids::FunctionId;

/// What became of a request that may have to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It is done.
    Now,
    /// It waits until nobody has the function open.
    Later,
}

/// `pci_enable_device`: the first one begins measurements.
pub fn enable(cx: &mut Cx, function: FunctionId) -> Progress {
    let before = cx.change_users(|users| {
        let function = users.pci.function_mut(function);
        function.enabled += 1;
        function.enabled - 1
    })?;
    if before == 0 {
        cx.mpcifc_control(function, Control::Measure)?;
    }
    Ok(())
}

/// `pci_disable_device`.
pub fn disable(cx: &mut Cx, function: FunctionId) -> Progress {
    let left = cx.change_users(|users| {
        let function = users.pci.function_mut(function);
        function.enabled = function.enabled.saturating_sub(1);
        function.enabled
    })?;
    if left == 0 {
        cx.mpcifc_control(function, Control::StopMeasuring)?;
    }
    Ok(())
}
