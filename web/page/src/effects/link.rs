//! The address bar: a link holds the whole page.

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsValue;
use yew::prelude::*;

use super::{Send, theme};
use crate::share;
use crate::state::{Action, State};
use crate::view::gallery;

/// Milliseconds of quiet before the address bar follows.
const QUIET: u32 = 400;

/// The page as it opens: what the link says, or the first scenario.
pub fn start() -> State {
    let hash = gloo::utils::window().location().hash().unwrap_or_default();
    let mut state = share::restore(&hash, gallery::first());
    state.theme = theme::stored();
    state
}

/// Keeps the address bar up to date, and follows a link that is pasted into it.
#[hook]
pub fn use_link(state: &State) {
    let link = share::Shared::of(state);
    let first = use_mut_ref(|| true);
    use_effect_with(link, move |link| {
        let first = std::mem::replace(&mut *first.borrow_mut(), false);
        let link = link.clone();
        let wait = (!first).then(|| Timeout::new(QUIET, move || write(&link)));
        move || drop(wait)
    });
    use_effect_with((), |()| {
        let window = gloo::utils::window();
        let listener = EventListener::new(&window, "hashchange", |_| {
            let _ = gloo::utils::window().location().reload();
        });
        move || drop(listener)
    });
}

fn write(link: &share::Shared) {
    if let Ok(history) = gloo::utils::window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&link.encode()));
    }
}

/// Copies the link of the page as it is now.
pub fn copy_link(state: &State, send: &Send) {
    write(&share::Shared::of(state));
    let window = gloo::utils::window();
    if !window.is_secure_context() {
        send.emit(Action::Tell("The link is in the address bar.".to_owned()));
        return;
    }
    let text = window.location().href().unwrap_or_default();
    let _ = window.navigator().clipboard().write_text(&text);
    send.emit(Action::Tell("Link copied. It holds the scenario, the kernels and the step.".to_owned()));
}
