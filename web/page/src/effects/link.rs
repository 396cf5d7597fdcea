//! The address bar: a link holds the whole page.

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use s390_iommu_view::protocol::{Request, Shared};
use wasm_bindgen::JsValue;
use yew::prelude::*;

use super::Send;
use crate::client::Client;
use crate::state::Action;

/// Milliseconds of quiet before the address bar follows.
const QUIET: u32 = 400;

/// What the address holds after `#`, with it.
pub fn hash() -> String {
    gloo::utils::window().location().hash().unwrap_or_default()
}

/// Asks for the link to what is shown when that changed, and follows a link that is pasted into the address bar.
#[hook]
pub fn use_link(shared: Option<Shared>, client: &Client) {
    let (client, first) = (client.clone(), use_mut_ref(|| true));
    use_effect_with(shared, move |shared| {
        // What the page opens with is in the address already, or is what it opens with without one.
        let change = shared.clone().filter(|_| !std::mem::replace(&mut *first.borrow_mut(), false));
        let wait = change.map(|shared| {
            Timeout::new(QUIET, move || {
                client.ask(&Request::Link(shared));
            })
        });
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

/// Puts a link into the address bar.
pub fn show_link(link: &str) {
    if let Ok(history) = gloo::utils::window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(link));
    }
}

/// Copies what stands in the address bar.
pub fn copy_link(send: &Send) {
    let window = gloo::utils::window();
    if !window.is_secure_context() {
        send.emit(Action::Tell("The link is in the address bar.".to_owned()));
        return;
    }
    let text = window.location().href().unwrap_or_default();
    let _ = window.navigator().clipboard().write_text(&text);
    send.emit(Action::Tell("Link copied. It holds the scenario, the kernels and the step.".to_owned()));
}
