//! The door to the machine's functions as PCI code uses it: enabling, resets, configuration, error events.

use super::cx::Cx;
use super::turn::Progress;
use crate::hw::function::{Function, FunctionState};
use crate::hw::zpci::clp::{self, ClpHeader, ClpRequest, clp};
use crate::hw::zpci::{Answer, Fib, Operation, load_store};
use crate::ids::FunctionId;
use crate::state::pci::PciEvent;
use crate::trace::{Class, Event, Signal};

/// Bytes of a response to CLP's set function.
const SET_RESPONSE: u16 = 0x20;
/// An address for a measurement block: nothing is measured here.
const MEASUREMENT_BLOCK: u64 = 0x1000;

/// What CLP lists of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its handle.
    pub handle: u32,
    /// It is configured, and not on standby.
    pub configured: bool,
}

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
            let (code, new) = cx.set_function(handle, enable);
            if let Some(new) = new {
                cx.world.kernel.functions[function.index()].handle = new;
                if !enable {
                    cx.signal(Signal::Dropped(function));
                }
            }
            let what = if enable { "enable" } else { "disable" };
            cx.emit(Class::Outcome, || Event::Clp { what, function: Some(function), response: code });
            code
        })
    }

    /// CLP set function for whoever has this handle: the response code and, if it worked, the handle from now on.
    pub(super) fn set_function(&mut self, handle: u32, enable: bool) -> (u16, Option<u32>) {
        let request = ClpRequest::default()
            .with_length(ClpRequest::LEN as u16)
            .with_command(clp::SET_FUNCTION)
            .with_subject(handle)
            .with_operation(u8::from(!enable))
            .with_spaces(1);
        let mut block = request.bytes().to_vec();
        block.extend(ClpHeader::default().with_length(SET_RESPONSE).bytes());
        // The blocks are well formed: there is no program interruption.
        let response = clp(&mut self.world.machine, &block).unwrap_or_default();
        let code = ClpHeader::read(&response).map_or(0, |header| header.response());
        let word = response.get(0x10..0x14).and_then(|bytes| bytes.try_into().ok());
        (code, word.filter(|_| code == clp::Response::Ok as u16).map(u32::from_be_bytes))
    }

    /// CLP list: the handles of all functions, by their place here; `None` for those that the machine does not list.
    pub fn clp_list(&mut self) -> Progress<Vec<Option<Listed>>> {
        self.at_once(|cx| {
            let listed = |function: &Function| {
                let there = !matches!(function.state, FunctionState::Reserved | FunctionState::Removed);
                let configured = function.state != FunctionState::Standby;
                there.then_some(Listed { handle: function.handle, configured })
            };
            let list = cx.world.machine.functions.iter().map(listed).collect();
            let response = clp::Response::Ok as u16;
            cx.emit(Class::Outcome, || Event::Clp { what: "list", function: None, response });
            list
        })
    }

    /// CLP list for the sake of one function's handle (`clp_refresh_fh`).
    pub fn clp_handle(&mut self, function: FunctionId) -> Progress<Option<u32>> {
        let list = self.clp_list()?;
        Ok(list.get(function.index()).copied().flatten().map(|listed| listed.handle))
    }

    /// The kernel uses another handle from now on (`zpci_update_fh`); 0 is none.
    pub fn set_handle(&mut self, function: FunctionId, handle: u32) -> Progress {
        self.change(|cx| {
            if handle != 0 {
                cx.world.kernel.functions[function.index()].handle = handle;
            }
        })
    }

    /// Whether the function's registers answer.
    pub fn responds(&mut self, function: FunctionId) -> Progress<bool> {
        self.at_once(|cx| {
            let handle = cx.world.kernel.functions[function.index()].handle;
            load_store(&mut cx.world.machine, handle).cc == 0
        })
    }

    /// Asks the machine to configure the function, or to take it back (SCLP); `false` if it is not there.
    pub fn configure(&mut self, function: FunctionId, configured: bool) -> Progress<bool> {
        self.at_once(|cx| {
            let machine = &mut cx.world.machine.functions[function.index()];
            match (machine.state, configured) {
                (FunctionState::Removed | FunctionState::Reserved, _) => return false,
                (_, true) => machine.configure(),
                (_, false) => machine.deconfigure(),
            }
            true
        })
    }

    /// The machine reports something of a function.
    pub(super) fn report_event(&mut self, function: FunctionId, code: u16) {
        let handle = self.world.machine.functions[function.index()].handle;
        self.world.kernel.users.pci.events.push(PciEvent { function, code, handle });
    }

    /// The oldest event that was not handled; it stays.
    pub fn next_event(&mut self) -> Option<PciEvent> {
        self.look(|cx| cx.world.kernel.users.pci.events.first().copied())
    }

    /// It is handled.
    pub fn take_event(&mut self) -> Progress {
        self.change(|cx| {
            let events = &mut cx.world.kernel.users.pci.events;
            if !events.is_empty() {
                events.remove(0);
            }
        })
    }

    /// A driver's error handler is called, and answers.
    pub fn error_handler(&mut self, function: FunctionId, handler: &'static str, answer: &'static str) {
        self.tell(|cx| cx.emit(Class::Outcome, || Event::ErrorHandler { function, handler, answer }));
    }
}
