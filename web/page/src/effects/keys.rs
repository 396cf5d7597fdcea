//! The keyboard, wherever the focus is not in a field.

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::{Send, open_file};
use crate::state::Action;

/// The keys, as they are listed: key and what it does.
pub const KEYS: [(&str, &str); 12] = [
    ("← →", "step back, step forward"),
    ("↑ ↓", "event back, event forward"),
    ("Home End", "start, last step"),
    ("P", "play and pause"),
    ("A", "add a step: to the buttons for that"),
    ("O", "open a file: scenario, recording, capture or dump"),
    ("G", "open the gallery"),
    ("T", "next theme"),
    ("S", "stop a run that takes long"),
    ("Ctrl Enter", "run now (in the editor)"),
    ("Esc", "close what lies above the page; leave the editor"),
    ("?", "this list"),
];

/// What a key means; with the number of steps and of the step's events, and whether a run takes long.
fn action(key: &str, shift: bool, (steps, events, late): (u32, u32, bool)) -> Option<Action> {
    Some(match key {
        "ArrowLeft" if shift => Action::MoveEvent(-1, events),
        "ArrowRight" if shift => Action::MoveEvent(1, events),
        "ArrowLeft" => Action::Move(-1, steps),
        "ArrowRight" => Action::Move(1, steps),
        "ArrowUp" => Action::MoveEvent(-1, events),
        "ArrowDown" => Action::MoveEvent(1, events),
        "Home" => Action::Step(0),
        "End" => Action::Step(steps),
        "p" | "P" => Action::Play(steps),
        "g" | "G" => Action::Gallery,
        "t" | "T" => Action::NextTheme,
        "s" | "S" if late => Action::Stop,
        "?" => Action::Keys,
        "Escape" => Action::Escape,
        _ => return None,
    })
}

/// Listens to keys for as long as the page lives.
#[hook]
pub fn use_keys(steps: u32, events: u32, late: bool, send: &Send) {
    let send = send.clone();
    use_effect_with((steps, events, late), move |&now| {
        let options = EventListenerOptions::enable_prevent_default();
        let window = gloo::utils::window();
        let listener = EventListener::new_with_options(&window, "keydown", options, move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
            if event.ctrl_key() || event.alt_key() || event.meta_key() {
                return;
            }
            if typing(event) && event.key() != "Escape" {
                return;
            }
            match event.key().as_str() {
                "o" | "O" => open_file(),
                "a" | "A" => focus(".verb"),
                _ => {}
            }
            if let Some(action) = action(&event.key(), event.shift_key(), now) {
                event.prevent_default();
                send.emit(action);
            }
        });
        move || drop(listener)
    });
}

/// Puts the focus on the first element that a selector finds.
fn focus(selector: &str) {
    let found = gloo::utils::document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Whether the key belongs to a field, which then keeps it.
fn typing(event: &KeyboardEvent) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_step_and_with_shift_go_through_events() {
        let now = (5, 3, false);
        assert_eq!(action("ArrowRight", false, now), Some(Action::Move(1, 5)));
        assert_eq!(action("ArrowRight", true, now), Some(Action::MoveEvent(1, 3)));
        assert_eq!(action("End", false, now), Some(Action::Step(5)));
        assert_eq!(action("x", false, now), None);
    }

    #[test]
    fn only_what_takes_long_can_be_stopped() {
        assert_eq!(action("s", false, (5, 3, false)), None);
        assert_eq!(action("s", false, (5, 3, true)), Some(Action::Stop));
    }
}
