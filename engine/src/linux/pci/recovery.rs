//! Error events, and what the kernel makes of them (`pci_event.c`): it tries to recover the function together with its
//! driver, and a function that cannot be recovered has failed for good.

use super::handlers::{Handlers, Vote};
use super::reset;
use crate::exec::{Control, Cx, Progress};
use crate::ids::FunctionId;
use crate::revision::Recovery;
use crate::state::pci::{Channel, Driver, PciEvent};

/// Events that concern measurements only.
const MEASUREMENT: [u16; 3] = [0x2a, 0x2b, 0x2c];
/// Events that say a function is broken for good.
const PERMANENT: [u16; 2] = [0x3b, 0x40];

/// Handles an error event (`__zpci_event_error`).
///
/// Later kernels ask the machine for the function's handle first: an event with another one is old news. Earlier ones
/// believe the event, even if the function has been disabled since.
pub(super) fn handle(cx: &mut Cx, event: PciEvent) -> Progress {
    let function = event.function;
    let asks = cx.ask::<Recovery>() >= Recovery::NeedsFullDriver;
    if asks && cx.clp_handle(function)? != Some(event.handle) {
        return Ok(());
    }
    cx.set_handle(function, event.handle)?;
    // Whether there is still a PCI device for it.
    if !cx.groups(|groups| groups.member(function).on_bus) || MEASUREMENT.contains(&event.code) {
        return Ok(());
    }
    if PERMANENT.contains(&event.code) || attempt(cx, function)? != Vote::Recovered {
        fail(cx, function)?;
    }
    Ok(())
}

/// Tries to recover a function (`zpci_event_attempt_error_recovery`); whatever it gives but [`Vote::Recovered`] is a
/// failure.
fn attempt(cx: &mut Cx, function: FunctionId) -> Progress<Vote> {
    let era = cx.ask::<Recovery>();
    let device = cx.users(|users| users.pci.function(function).clone());
    if device.channel == Channel::PermanentFailure {
        return Ok(Vote::Disconnect);
    }
    set_channel(cx, function, Channel::Frozen)?;
    if passed_through(cx, function)? {
        return Ok(Vote::Disconnect);
    }
    let full = |handlers: &Handlers| handlers.slot_reset.is_some() && handlers.resume;
    let handlers = device.driver.and_then(Driver::handlers);
    let Some(handlers) = handlers.filter(|handlers| era >= Recovery::ResetsError || full(handlers)) else {
        return Ok(Vote::Disconnect);
    };
    let mut vote = call(cx, function, "error_detected", handlers.error_detected);
    if aborts(era, vote) {
        return Ok(vote);
    }
    if era == Recovery::LeavesItToUser && is_open(cx, function) {
        return Ok(Vote::Recovered);
    }
    // Whoever abstained has no objections; earlier kernels wanted to hear it.
    if vote == Vote::CanRecover || era >= Recovery::ResetsError && vote != Vote::NeedReset {
        vote = clear(cx, function, handlers)?;
        if aborts(era, vote) {
            return Ok(vote);
        }
    }
    if vote == Vote::NeedReset {
        vote = reset_by_slot(cx, function, handlers)?;
    }
    if vote == Vote::Abstain && era >= Recovery::ResetsError {
        vote = Vote::Recovered;
    }
    if vote == Vote::Recovered && handlers.resume {
        cx.error_handler(function, "resume", "done");
    }
    Ok(vote)
}

/// Unblocks loads and stores so that the driver can look, then the rest (`zpci_event_do_error_state_clear`).
fn clear(cx: &mut Cx, function: FunctionId, handlers: Handlers) -> Progress<Vote> {
    let era = cx.ask::<Recovery>();
    if era >= Recovery::NeedsFullDriver && !reset::is_enabled(cx, function) {
        return Ok(Vote::NeedReset);
    }
    if cx.mpcifc_control(function, Control::ResetBlock)?.cc != 0 {
        return Ok(Vote::NeedReset);
    }
    let vote = match handlers.mmio_enabled {
        Some(answer) => {
            let vote = call(cx, function, "mmio_enabled", answer);
            if aborts(era, vote) || vote == Vote::NeedReset {
                return Ok(vote);
            }
            vote
        }
        None if era >= Recovery::ResetsError => Vote::Abstain,
        // The error is reset nevertheless, and given up then.
        None => Vote::Disconnect,
    };
    if cx.mpcifc_control(function, Control::ResetError)?.cc != 0 {
        return Ok(Vote::NeedReset);
    }
    set_channel(cx, function, Channel::Normal)?;
    Ok(vote)
}

/// Resets it by its slot (`zpci_event_do_reset`).
fn reset_by_slot(cx: &mut Cx, function: FunctionId, handlers: Handlers) -> Progress<Vote> {
    if reset::hot_reset(cx, function) != Ok(0) {
        return Ok(Vote::Disconnect);
    }
    set_channel(cx, function, Channel::Normal)?;
    Ok(match handlers.slot_reset {
        Some(answer) => call(cx, function, "slot_reset", answer),
        None => Vote::Abstain,
    })
}

/// Nothing is done for the function any more, until it is found anew (`zpci_event_io_failure`).
fn fail(cx: &mut Cx, function: FunctionId) -> Progress {
    set_channel(cx, function, Channel::PermanentFailure)?;
    if passed_through(cx, function)? {
        return Ok(());
    }
    let driver = cx.users(|users| users.pci.function(function).driver);
    if driver.and_then(Driver::handlers).is_some() {
        // The answer interests nobody.
        call(cx, function, "error_detected", Vote::Disconnect);
    }
    Ok(())
}

/// Whether somebody else is to recover it. Early kernels take every function in a domain of its own for one of a guest.
fn passed_through(cx: &mut Cx, function: FunctionId) -> Progress<bool> {
    Ok(match cx.ask::<Recovery>() {
        Recovery::SkipsDomains => cx.domain_of(function)?.is_some(),
        Recovery::TrustsEvents | Recovery::NeedsFullDriver | Recovery::ResetsError => {
            cx.users(|users| users.pci.function(function).guest)
        }
        Recovery::LeavesItToUser => false,
    })
}

/// Whether a vote ends the attempt.
fn aborts(era: Recovery, vote: Vote) -> bool {
    vote == Vote::Disconnect || vote == Vote::Abstain && era < Recovery::ResetsError
}

fn call(cx: &mut Cx, function: FunctionId, handler: &'static str, answer: Vote) -> Vote {
    cx.error_handler(function, handler, answer.name());
    answer
}

fn set_channel(cx: &mut Cx, function: FunctionId, channel: Channel) -> Progress {
    cx.change_users(|users| users.pci.function_mut(function).channel = channel)
}

fn is_open(cx: &mut Cx, function: FunctionId) -> bool {
    super::bind::is_open(cx, function)
}
