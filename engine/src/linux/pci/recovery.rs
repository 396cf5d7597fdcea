//! Error events of functions that user space has, and what the kernel makes of them (`pci_event.c`).

use crate::exec::{Control, Cx, Progress};
use crate::ids::FunctionId;
use crate::revision::Recovery;

/// Events that say a function is broken for good.
const PERMANENT: [u16; 2] = [0x3b, 0x40];

/// Handles every error event that came in; gives how many.
pub fn handle_error_events(cx: &mut Cx) -> Progress<u64> {
    let mut handled = 0;
    while let Some(event) = cx.take_error_event()? {
        handled += 1;
        recover(cx, event.function, event.code)?;
    }
    Ok(handled)
}

fn recover(cx: &mut Cx, function: FunctionId, code: u16) -> Progress {
    match cx.ask::<Recovery>() {
        Recovery::SkipsDomains => Ok(()),
        Recovery::NeedsFullDriver => cx.clp_list(function),
        Recovery::ResetsError => {
            cx.clp_list(function)?;
            if PERMANENT.contains(&code) {
                return Ok(());
            }
            // One that fails makes the failure permanent.
            if cx.mpcifc_control(function, Control::ResetBlock)?.cc == 0 {
                cx.mpcifc_control(function, Control::ResetError)?;
            }
            Ok(())
        }
    }
}
