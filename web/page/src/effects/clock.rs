//! What happens after a while.

use std::rc::Rc;

use gloo::timers::callback::{Interval, Timeout};
use yew::prelude::*;

use super::Send;
use crate::state::Action;

/// Milliseconds of quiet before an edit is run.
const QUIET: u32 = 300;
/// Milliseconds per step while playing.
const BEAT: u32 = 900;

/// Runs the editor's text when it has not changed for a moment.
#[hook]
pub fn use_debounced_run(draft: &Rc<str>, text: &Rc<str>, send: &Send) {
    let send = send.clone();
    use_effect_with((draft.clone(), text.clone()), move |(draft, text)| {
        let wait = (draft != text).then(|| Timeout::new(QUIET, move || send.emit(Action::Run)));
        move || drop(wait)
    });
}

/// Selects one step after the other while playing.
#[hook]
pub fn use_play(playing: bool, last: u32, send: &Send) {
    let send = send.clone();
    use_effect_with((playing, last), move |&(playing, last)| {
        let clock = playing.then(|| Interval::new(BEAT, move || send.emit(Action::Tick(last))));
        move || drop(clock)
    });
}
