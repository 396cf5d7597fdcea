//! The door to the machine's functions as PCI code uses it: enabling, resets, configuration, error events.

use super::cx::Cx;
use super::turn::Progress;
use crate::hw::function::FunctionState;
use crate::hw::zpci::clp::{self, ClpHeader, ClpRequest, clp};
use crate::hw::zpci::{Answer, Fib, Operation, load_store};
use crate::ids::FunctionId;
use crate::state::pci::PciEvent;
use crate::trace::{Class, Event};

/// Bytes of a response to CLP's set function.
const SET_RESPONSE: u16 = 0x20;
/// An address for a measurement block: nothing is measured here.
const MEASUREMENT_BLOCK: u64 = 0x1000;

/// What MPCIFC does besides registering translations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Lets loads and stores through again after an error.
    ResetBlock,
    /// Ends the error.
    ResetError,
    /// Begins measurements.
    Measure,
    /// Ends them.
    StopMeasuring,
}

impl Cx {
    /// Executes one of them.
    pub fn mpcifc_control(&mut self, function: FunctionId, control: Control) -> Progress<Answer> {
        self.at_once(|cx| {
            let (operation, what, fib) = match control {
                Control::ResetBlock => (Operation::ResetBlock, "reset-block", Fib::default()),
                Control::ResetError => (Operation::ResetError, "reset-error", Fib::default()),
                Control::Measure => {
                    (Operation::SetMeasurement, "measure", Fib::default().with_measurement(MEASUREMENT_BLOCK))
                }
                Control::StopMeasuring => (Operation::SetMeasurement, "measure-stop", Fib::default()),
            };
            let answer = cx.mpcifc(function, operation, fib);
            cx.emit(Class::Outcome, || Event::Control {
                function,
                what,
                cc: answer.cc,
                status: answer.status,
            });
            answer
        })
    }

    /// CLP set function: enables or disables. The kernel's handle follows. Gives the response code.
    pub fn clp_set_function(&mut self, function: FunctionId, enable: bool) -> Progress<u16> {
        self.at_once(|cx| {
            let handle = cx.world.kernel.functions[function.index()].handle;
            let request = ClpRequest::default()
                .with_length(ClpRequest::LEN as u16)
                .with_command(clp::SET_FUNCTION)
                .with_subject(handle)
                .with_operation(u8::from(!enable))
                .with_spaces(1);
            let mut block = request.bytes().to_vec();
            block.extend(ClpHeader::default().with_length(SET_RESPONSE).bytes());
            block.resize(ClpRequest::LEN + usize::from(SET_RESPONSE), 0);
            // The kernel's blocks are well formed: there is no program interruption.
            let response = clp(&mut cx.world.machine, &block).unwrap_or_default();
            let code = ClpHeader::read(&response).map_or(0, |header| header.response());
            if code == clp::Response::Ok as u16 {
                let word = response.get(0x10..0x14).and_then(|bytes| bytes.try_into().ok());
                cx.world.kernel.functions[function.index()].handle = word.map_or(handle, u32::from_be_bytes);
            }
            let what = if enable { "enable" } else { "disable" };
            cx.emit(Class::Outcome, || Event::Clp { what, function: Some(function), response: code });
            code
        })
    }

    /// CLP list: the handles of all functions. The kernel takes over that of one.
    pub fn clp_list(&mut self, function: FunctionId) -> Progress {
        self.at_once(|cx| {
            let machine = &cx.world.machine.functions[function.index()];
            cx.world.kernel.functions[function.index()].handle = machine.handle;
            let response = clp::Response::Ok as u16;
            cx.emit(Class::Outcome, || Event::Clp { what: "list", function: None, response });
        })
    }

    /// Whether the function's registers answer.
    pub fn responds(&mut self, function: FunctionId) -> Progress<bool> {
        self.at_once(|cx| {
            let handle = cx.world.kernel.functions[function.index()].handle;
            load_store(&mut cx.world.machine, handle).cc == 0
        })
    }

    /// The function is configured (SCLP), or not any more.
    pub fn configure(&mut self, function: FunctionId, configured: bool) -> Progress {
        self.at_once(|cx| {
            let machine = &mut cx.world.machine.functions[function.index()];
            if configured {
                machine.configure();
            } else {
                machine.deconfigure();
            }
            cx.world.kernel.functions[function.index()].handle = machine.handle;
        })
    }

    /// Whether the machine has the function at all.
    pub fn is_there(&mut self, function: FunctionId) -> Progress<bool> {
        self.at_once(|cx| {
            let state = cx.world.machine.functions[function.index()].state;
            !matches!(state, FunctionState::Removed | FunctionState::Reserved)
        })
    }

    /// The machine reports an error of a function.
    pub(super) fn error_event(&mut self, function: FunctionId, code: u16) {
        self.world.kernel.users.pci.events.push(PciEvent { function, code });
    }

    /// The oldest error event that was not handled.
    pub fn take_error_event(&mut self) -> Progress<Option<PciEvent>> {
        self.change(|cx| {
            let events = &mut cx.world.kernel.users.pci.events;
            (!events.is_empty()).then(|| events.remove(0))
        })
    }
}
