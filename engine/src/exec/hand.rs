//! What no kernel code does: the world changes by itself, or by the hand of whoever plays.

use super::cx::Cx;
use super::turn::Progress;
use crate::addr::Phys;
use crate::hw::function::FunctionState;
use crate::ids::FunctionId;
use crate::state::kernel::{Armed, FaultSite};
use crate::trace::Signal;

impl Cx {
    /// The machine puts a function into a state; one that is gone has nothing registered any more.
    pub(crate) fn set_state(&mut self, function: FunctionId, state: FunctionState) -> Progress {
        self.change(|cx| {
            let known = &mut cx.world.machine.functions[function.index()];
            match state {
                FunctionState::Removed => {
                    known.remove();
                    cx.signal(Signal::Dropped(function));
                }
                _ => known.state = state,
            }
        })
    }

    /// The device fails: the machine puts the function in error and reports it.
    pub(crate) fn device_error(&mut self, function: FunctionId, code: u16) -> Progress {
        self.change(|cx| {
            cx.world.machine.functions[function.index()].state = FunctionState::Error;
            cx.report_event(function, code);
        })
    }

    /// The machine reports an event; those about availability come after what they are about.
    pub(crate) fn machine_event(&mut self, function: FunctionId, code: u16) -> Progress {
        self.change(|cx| {
            let machine = &mut cx.world.machine.functions[function.index()];
            let was = machine.state;
            match (code, was) {
                (0x301, FunctionState::Reserved | FunctionState::Standby) => machine.configure(),
                (0x302, FunctionState::Reserved) => machine.state = FunctionState::Standby,
                (0x304, state) if !matches!(state, FunctionState::Reserved | FunctionState::Removed) => {
                    machine.deconfigure();
                    cx.signal(Signal::Dropped(function));
                }
                (0x308, FunctionState::Standby) => machine.state = FunctionState::Reserved,
                _ => {}
            }
            cx.report_event(function, code);
        })
    }

    /// Changes a doubleword of memory.
    pub(crate) fn poke(&mut self, phys: Phys, word: u64) -> Progress {
        self.change(|cx| cx.world.mem.write(phys, word))
    }

    /// Arms a failure; one of no calls disarms its site.
    pub(crate) fn arm(&mut self, site: FaultSite, armed: Armed) -> Progress {
        self.change(|cx| cx.world.kernel.faults.arm(site, armed))
    }

    /// Disarms every failure.
    pub(crate) fn disarm_all(&mut self) -> Progress {
        self.change(|cx| cx.world.kernel.faults.clear())
    }
}
