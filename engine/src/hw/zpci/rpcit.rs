//! RPCIT, refresh PCI translations: tells the machine that entries of a range changed.

use super::Answer;
use crate::hw::function::{FunctionState, Machine, Profile};

/// Executes RPCIT for the function with this handle.
///
/// The range only matters to a machine that caches translations, which this one does not yet: every access
/// walks the tables as they are.
pub fn rpcit(machine: &mut Machine, handle: u32) -> Answer {
    let profile = machine.profile;
    let Some(function) = machine.by_handle(handle) else { return Answer::INVALID_HANDLE };
    match (profile, function.state, function.ioat) {
        (Profile::Recorder, ..) => Answer::OK,
        (_, FunctionState::Error, _) => Answer::IN_ERROR,
        (_, _, None) => Answer::REFRESH_FAULT,
        _ => Answer::OK,
    }
}
