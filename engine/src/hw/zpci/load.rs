//! PCILG, PCISTG and PCISTB, as far as an error blocks them.

use super::Answer;
use crate::hw::function::{FunctionState, HANDLE_ENABLED, Machine};

/// What a load or store of a function's registers answers.
pub fn load_store(machine: &mut Machine, handle: u32) -> Answer {
    let found = machine.functions.iter().find(|function| function.handle == handle);
    match found.map(|function| function.state) {
        _ if handle & HANDLE_ENABLED == 0 && !machine.accepts_everything() => Answer::INVALID_HANDLE,
        Some(FunctionState::Enabled | FunctionState::Blocked) => Answer::OK,
        Some(FunctionState::Error | FunctionState::PermanentError) => Answer::LOAD_BLOCKED,
        _ => Answer::INVALID_HANDLE,
    }
}
