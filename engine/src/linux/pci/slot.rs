//! Slots: functions are configured, enabled and added to the bus, or taken away; and work that waits for a function to be
//! closed (`s390_pci_hpc.c`, `pci.c`, `pci_bus.c`).

use super::{When, bind, reset};
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::core::group;
use crate::linux::dma::legacy;
use crate::linux::errno::{Errno, Outcome};
use crate::revision::{DmaApi, SlotReset};
use crate::state::pci::{Channel, Slot, Waiting};

/// Configures and enables a function, and adds it to the bus (`enable_slot`).
///
/// # Errors
/// -EIO if it is not on standby, if the machine does not have it, or if CLP refuses; what the DMA API or the IOMMU core
/// returns. It stays configured then.
pub fn power_on(cx: &mut Cx, function: FunctionId) -> Outcome {
    if cx.users(|users| users.pci.function(function).slot) != Slot::Standby {
        return Err(Errno::EIO);
    }
    if !cx.configure(function, true)? {
        return Err(Errno::EIO);
    }
    cx.change_users(|users| users.pci.function_mut(function).slot = Slot::Configured)?;
    scan(cx, function)
}

/// Adds a configured function to the bus; one whose handle says that it is enabled is believed to be
/// (`zpci_scan_configured_device`).
///
/// # Errors
/// -EIO if CLP refuses; what the DMA API or the IOMMU core returns.
pub(super) fn scan(cx: &mut Cx, function: FunctionId) -> Outcome {
    if cx.groups(|groups| groups.member(function).on_bus) {
        return Ok(());
    }
    if !reset::is_enabled(cx, function) {
        reset::enable(cx, function)?;
        if cx.ask::<DmaApi>() == DmaApi::OwnAllocator
            && let Err(errno) = legacy::init_device(cx, function)
        {
            // It may be disabled already.
            let _ = reset::disable(cx, function);
            return Err(errno);
        }
    }
    let survives = cx.ask::<SlotReset>() == SlotReset::Survives;
    cx.change_users(|users| {
        let function = users.pci.function_mut(function);
        function.slot_reset = survives || !function.was_off;
        function.channel = Channel::Normal;
    })?;
    group::plug(cx, function)
}

/// Takes a function off the bus, disables it and gives it back (`disable_slot`). One that is open has to be closed first.
///
/// # Errors
/// -EIO if it is not configured, if CLP refuses, or if the machine does not have it any more.
pub fn power_off(cx: &mut Cx, function: FunctionId) -> Outcome<When> {
    if cx.users(|users| users.pci.function(function).slot) != Slot::Configured {
        return Err(Errno::EIO);
    }
    take_away(cx, function, Removal::PowerOff)
}

/// Who takes a function away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removal {
    /// The administrator.
    PowerOff,
    /// The machine, politely.
    Requested,
    /// The machine has done so already.
    Gone,
}

/// Takes a function away, as soon as nobody has it open; the device's lock is held meanwhile.
///
/// # Errors
/// As [`power_off`].
pub(super) fn take_away(cx: &mut Cx, function: FunctionId, why: Removal) -> Outcome<When> {
    if why == Removal::Gone {
        cx.change_users(|users| users.pci.function_mut(function).channel = Channel::PermanentFailure)?;
    }
    if bind::is_open(cx, function) {
        let waiting = match why {
            Removal::PowerOff => Waiting::PowerOff,
            Removal::Requested => Waiting::Requested,
            Removal::Gone => Waiting::Gone,
        };
        wait(cx, function, waiting)?;
        return Ok(When::Later);
    }
    remove(cx, function, why == Removal::Gone)?;
    Ok(When::Now)
}

/// Notes work that waits for the function to be closed; it holds the device's lock meanwhile.
pub(super) fn wait(cx: &mut Cx, function: FunctionId, what: Waiting) -> Progress {
    cx.change_users(|users| users.pci.function_mut(function).waiting = Some(what))
}

/// Does what waited for functions to be closed, as far as they are.
pub fn proceed(cx: &mut Cx) -> Progress {
    for index in 0..cx.users(|users| users.pci.functions.len()) {
        let function = FunctionId(index as u32);
        if bind::is_open(cx, function) {
            continue;
        }
        match cx.change_users(|users| users.pci.function_mut(function).waiting.take())? {
            Some(Waiting::Unbind) => bind::now(cx, function)?,
            // Whoever waited is told whether it worked; here nobody is left to tell.
            Some(what) => drop(remove(cx, function, what == Waiting::Gone)),
            None => {}
        }
    }
    Ok(())
}

/// Takes a function away that nobody has open. One that is gone already is disabled only if its handle says otherwise
/// (`zpci_event_hard_deconfigured`), any other one is given back to the machine (`zpci_deconfigure_device`).
fn remove(cx: &mut Cx, function: FunctionId, gone: bool) -> Outcome {
    if cx.groups(|groups| groups.member(function).on_bus) {
        bind::now(cx, function)?;
        group::remove(cx, function)?;
        cx.change_users(|users| {
            let function = users.pci.function_mut(function);
            (function.was_off, function.slot_reset, function.enabled) = (true, false, 0);
        })?;
    }
    if cx.ask::<DmaApi>() == DmaApi::OwnAllocator && cx.dma_table(function)?.is_some() {
        let exited = legacy::exit_device(cx, function);
        if !gone {
            exited?;
        }
    }
    if reset::is_enabled(cx, function) {
        let disabled = reset::disable(cx, function);
        if !gone {
            disabled?;
        }
    }
    if !gone && !cx.configure(function, false)? {
        return Err(Errno::EIO);
    }
    Ok(cx.change_users(|users| users.pci.function_mut(function).slot = Slot::Standby)?)
}

/// Takes the function off the bus, disables and enables it and finds it anew: the administrator's way out of a failure
/// (`recover_store`).
///
/// # Errors
/// -ENODEV for a function that is not on the bus; -EBUSY for one that is open; -EIO if CLP refuses.
pub fn recover(cx: &mut Cx, function: FunctionId) -> Outcome {
    if !cx.groups(|groups| groups.member(function).on_bus) {
        return Err(Errno::ENODEV);
    }
    if bind::is_open(cx, function) {
        return Err(Errno::EBUSY);
    }
    bind::now(cx, function)?;
    group::remove(cx, function)?;
    cx.change_users(|users| users.pci.function_mut(function).enabled = 0)?;
    if cx.ask::<DmaApi>() == DmaApi::OwnAllocator && cx.dma_table(function)?.is_some() {
        legacy::exit_device(cx, function)?;
    }
    if reset::is_enabled(cx, function) {
        reset::disable_tolerantly(cx, function)?;
    }
    scan(cx, function)
}
