//! Events of the machine, handled one after the other by one thread: errors, and functions that come and go
//! (`pci_event.c`).

use super::recovery;
use super::slot::{self, Removal};
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::state::pci::{PciEvent, Slot, Waiting};

/// Reserved or standby became configured.
const CONFIGURED: u16 = 0x301;
/// Reserved became standby.
const STANDBY: u16 = 0x302;
/// The machine would like to have the function back.
const DECONFIGURE: u16 = 0x303;
/// It has taken it away.
const GONE: u16 = 0x304;
/// Several functions have changed: see for yourself.
const ANY: u16 = 0x306;
/// Standby became reserved.
const RESERVED: u16 = 0x308;

/// Handles every event that came in; gives how many.
///
/// Events wait behind one that waits for a function to be closed, and behind those for a function that somebody is
/// taking away, for its lock is held.
pub fn handle_events(cx: &mut Cx) -> Progress<u64> {
    let mut handled = 0;
    while let Some(event) = cx.next_event() {
        let held = cx.users(move |users| {
            let locked = users.pci.function(event.function).waiting.is_some();
            let functions = &users.pci.functions;
            locked || functions.iter().any(|one| one.waiting.is_some_and(Waiting::holds_events))
        });
        if held {
            break;
        }
        cx.take_event()?;
        handled += 1;
        if event.is_availability() {
            availability(cx, event)?;
        } else {
            recovery::handle(cx, event)?;
        }
    }
    Ok(handled)
}

/// A function comes or goes (`zpci_event_availability`). Nobody looks whether what is done about it works.
fn availability(cx: &mut Cx, event: PciEvent) -> Progress {
    let function = event.function;
    let slot = slot_of(cx, function);
    match (event.code, slot) {
        // The event may be an old one.
        (CONFIGURED, Slot::Standby | Slot::Reserved) => {
            set_slot(cx, function, Slot::Configured)?;
            cx.set_handle(function, event.handle)?;
            let _ = slot::scan(cx, function);
        }
        (STANDBY, _) => {
            cx.set_handle(function, event.handle)?;
            if slot == Slot::Reserved {
                set_slot(cx, function, Slot::Standby)?;
            }
        }
        (DECONFIGURE | GONE, Slot::Configured) => {
            cx.set_handle(function, event.handle)?;
            let why = if event.code == GONE { Removal::Gone } else { Removal::Requested };
            let _ = slot::take_away(cx, function, why);
        }
        (RESERVED, _) => set_slot(cx, function, Slot::Reserved)?,
        (ANY, _) => rescan(cx)?,
        _ => {}
    }
    Ok(())
}

/// Compares what there is with what is known: functions that are reserved are forgotten, new ones are taken over, and
/// those that are configured appear on the bus (`zpci_remove_reserved_devices`, `zpci_scan_devices`).
fn rescan(cx: &mut Cx) -> Progress {
    for (index, listed) in cx.clp_list()?.into_iter().enumerate() {
        let function = FunctionId(index as u32);
        match (listed, slot_of(cx, function)) {
            (None, Slot::Standby) => set_slot(cx, function, Slot::Reserved)?,
            (Some(listed), Slot::Reserved) => {
                cx.set_handle(function, listed.handle)?;
                let slot = if listed.configured { Slot::Configured } else { Slot::Standby };
                set_slot(cx, function, slot)?;
                if listed.configured {
                    let _ = slot::scan(cx, function);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn slot_of(cx: &mut Cx, function: FunctionId) -> Slot {
    cx.users(|users| users.pci.function(function).slot)
}

fn set_slot(cx: &mut Cx, function: FunctionId, slot: Slot) -> Progress {
    cx.change_users(|users| users.pci.function_mut(function).slot = slot)
}
