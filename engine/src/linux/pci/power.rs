//! Slots: power on and off, and work that waits for a function to be closed.

use super::{When, bind, reset};
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::core::group;
use crate::linux::dma::legacy;
use crate::linux::errno::{Errno, Outcome};
use crate::revision::{DmaApi, SlotReset};
use crate::state::pci::Waiting;

/// Configures and enables a function, and adds it to the bus (`enable_slot`); at boot the same happens to each.
///
/// # Errors
/// -EIO if it is on, or if CLP refuses; what the DMA API or the IOMMU core returns.
pub fn power_on(cx: &mut Cx, function: FunctionId) -> Outcome {
    if cx.groups(|groups| groups.member(function).on_bus) {
        return Err(Errno::EIO);
    }
    cx.configure(function, true)?;
    reset::enable(cx, function)?;
    if cx.ask::<DmaApi>() == DmaApi::OwnAllocator {
        legacy::init_device(cx, function)?;
    }
    group::plug(cx, function)?;
    let survives = cx.ask::<SlotReset>() == SlotReset::Survives;
    cx.change_users(|users| {
        let function = users.pci.function_mut(function);
        function.slot_reset = survives || !function.was_off;
    })?;
    Ok(())
}

/// Takes a function off the bus and disables it (`disable_slot`). One that is open has to be closed first.
///
/// # Errors
/// -EIO if it is off.
pub fn power_off(cx: &mut Cx, function: FunctionId) -> Outcome<When> {
    if !cx.groups(|groups| groups.member(function).on_bus) {
        return Err(Errno::EIO);
    }
    if bind::is_open(cx, function) {
        wait(cx, function, Waiting::PowerOff)?;
        return Ok(When::Later);
    }
    remove(cx, function)?;
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
            Some(Waiting::PowerOff) => remove(cx, function)?,
            Some(Waiting::Unbind) => bind::now(cx, function)?,
            None => {}
        }
    }
    Ok(())
}

fn remove(cx: &mut Cx, function: FunctionId) -> Progress {
    bind::now(cx, function)?;
    group::remove(cx, function)?;
    if cx.ask::<DmaApi>() == DmaApi::OwnAllocator && cx.dma_table(function)?.is_some() {
        // Nobody looks whether that works.
        let _ = legacy::exit_device(cx, function);
    }
    reset::disable(cx, function)?;
    cx.configure(function, false)?;
    cx.change_users(|users| {
        let function = users.pci.function_mut(function);
        (function.was_off, function.slot_reset, function.enabled) = (true, false, 0);
    })
}
