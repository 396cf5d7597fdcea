//! STPCIFC, store PCI function controls: what is registered, and in which state the function is.

use super::{Answer, Fib, Request};
use crate::hw::function::{FunctionState, Machine};

/// Executes STPCIFC; the block is there when the condition code is 0.
pub fn stpcifc(machine: &Machine, request: Request) -> (Answer, Option<Fib>) {
    let Some(function) = machine.functions.iter().find(|function| function.handle == request.handle()) else {
        return (Answer::INVALID_HANDLE, None);
    };
    let state = match function.state {
        FunctionState::Reserved | FunctionState::Standby | FunctionState::Removed => {
            return (Answer::INVALID_HANDLE, None);
        }
        FunctionState::PermanentError => return (Answer::new(1, 8), None),
        _ if request.space() != 0 => return (Answer::INVALID_SPACE, None),
        FunctionState::Disabled => 0,
        FunctionState::Enabled => Fib::ENABLED,
        FunctionState::Blocked => Fib::ENABLED | Fib::ERROR,
        FunctionState::Error => Fib::ENABLED | Fib::ERROR | Fib::BLOCKED,
    };
    let registered = if function.ioat.is_some() { Fib::REGISTERED } else { 0 };
    let mut fib = function.ioat.map_or(Fib::default(), |ioat| Fib::register(ioat.range, ioat.iota));
    if let Some(interrupts) = function.interrupts {
        fib = fib
            .with_interrupts(interrupts.control)
            .with_bit_vector(interrupts.bit_vector)
            .with_summary(interrupts.summary);
    }
    let measurement = function.measurement.map_or(0, crate::addr::Phys::get);
    (Answer::OK, Some(fib.with_controls(state | registered).with_measurement(measurement)))
}
