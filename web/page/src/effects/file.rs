//! Files that are dropped on the page, or opened with its button.

use gloo::events::{EventListener, EventListenerOptions};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{DragEvent, Event, File, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::Send;
use crate::client::Client;
use crate::state::Action;

/// Bytes of a scenario at most, which is what the engine reads.
const LONGEST: f64 = 1_048_576.0;

/// Listens to files that are dragged over the page and dropped on it.
#[hook]
pub fn use_drop(client: &Client, send: &Send) {
    let (client, send) = (client.clone(), send.clone());
    use_effect_with((), move |()| {
        let window = gloo::utils::window();
        let listen = |name: &'static str, hear: Box<dyn Fn(&DragEvent)>| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, name, options, move |event: &Event| {
                if let Some(event) = event.dyn_ref::<DragEvent>().filter(|event| has_files(event)) {
                    event.prevent_default();
                    hear(event);
                }
            })
        };
        let (over, leave) = (send.clone(), send.clone());
        let listeners = [
            listen("dragover", Box::new(move |_| over.emit(Action::Drag(true)))),
            listen(
                "dragleave",
                // Only where the page is left: elements of it are entered and left all the time.
                Box::new(move |event| {
                    if event.related_target().is_none() {
                        leave.emit(Action::Drag(false));
                    }
                }),
            ),
            listen(
                "drop",
                Box::new(move |event| {
                    send.emit(Action::Drag(false));
                    let file = event.data_transfer().and_then(|data| data.files()?.get(0));
                    if let Some(file) = file {
                        take(file, &client, &send);
                    }
                }),
            ),
        ];
        move || drop(listeners)
    });
}

/// Brings a file that was just dropped into sight.
#[hook]
pub fn use_file_in_sight(number: Option<u32>) {
    use_effect_with(number, |number| {
        let panel = gloo::utils::document().query_selector("[data-panel=file]").ok().flatten();
        if let Some(panel) = panel.filter(|_| number.is_some()) {
            panel.scroll_into_view();
        }
    });
}

fn has_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

/// Opens the browser's dialog.
pub fn open_file() {
    let input = gloo::utils::document().get_element_by_id("file");
    if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlElement>().ok()) {
        input.click();
    }
}

/// The file that was chosen in the dialog.
pub fn chosen(event: &Event, client: &Client, send: &Send) {
    let input: Option<HtmlInputElement> = event.target().and_then(|target| target.dyn_into().ok());
    let Some(input) = input else { return };
    if let Some(file) = input.files().and_then(|files| files.get(0)) {
        take(file, client, send);
    }
    // The same file may be chosen again.
    input.set_value("");
}

/// Does with a file what its name asks for.
fn take(file: File, client: &Client, send: &Send) {
    let name = file.name();
    let lower = name.to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    if ends(&[".toml", ".json"]) {
        if file.size() > LONGEST {
            send.emit(Action::Tell(format!("{name} is larger than 1 MiB: no scenario is.")));
            return;
        }
        let send_text = send.clone();
        wait(&file.text(), &name, send, move |text| send_text.emit(Action::Load(text)));
    } else if ends(&[".jsonl", ".jsonl.gz"]) {
        let replay = Reflect::get(&js_sys::global(), &"s390_replay_file".into()).ok();
        let replay = replay.and_then(|replay| replay.dyn_into::<Function>().ok());
        let begun = replay.and_then(|replay| replay.call1(&JsValue::NULL, &file).ok());
        let Some(begun) = begun.and_then(|begun| begun.dyn_into::<Promise>().ok()) else { return };
        send.emit(Action::Tell(format!("{name} is being replayed …")));
        let told = send.clone();
        let label = name.clone();
        wait(&begun, &name, send, move |verdict| told.emit(Action::Tell(format!("{label}: {verdict}"))));
    } else {
        let number = client.hold(file);
        send.emit(Action::Dropped(number, name));
    }
}

/// Waits for a text.
fn wait(promise: &Promise, name: &str, send: &Send, then: impl FnOnce(String) + 'static) {
    let good = Closure::once_into_js(move |text: JsValue| then(text.as_string().unwrap_or_default()));
    let (send, name) = (send.clone(), name.to_owned());
    let bad = Closure::once_into_js(move |error: JsValue| {
        let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
        let message = message.unwrap_or_else(|| "it cannot be read".to_owned());
        send.emit(Action::Tell(format!("{name}: {message}.")));
    });
    // Through `Reflect`, for the typed way keeps both closures for ever.
    let then = Reflect::get(promise, &"then".into()).ok();
    if let Some(then) = then.and_then(|then| then.dyn_into::<Function>().ok()) {
        let _ = then.call2(promise, &good, &bad);
    }
}
