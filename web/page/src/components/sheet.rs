//! A sheet above the page: it takes the focus, and gives it back.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::effects::Send;
use crate::state::Action;

/// What a [`Sheet`] shows.
#[derive(Properties, PartialEq)]
pub struct SheetProps {
    /// Its title.
    pub title: AttrValue,
    /// What is on it.
    pub children: Html,
    /// What happened.
    pub send: Send,
}

/// A dialog with a title and a button that closes it, as Escape and a click beside it do.
#[component]
pub fn Sheet(props: &SheetProps) -> Html {
    let button = use_node_ref();
    use_effect_with(button.clone(), |button| {
        let before = gloo::utils::document().active_element();
        if let Some(button) = button.cast::<HtmlElement>() {
            let _ = button.focus();
        }
        move || {
            if let Some(before) = before.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
                let _ = before.focus();
            }
        }
    });
    let close = props.send.reform(|_: MouseEvent| Action::Escape);
    let inside = |event: MouseEvent| event.stop_propagation();
    html! {
        <div class="sheet" role="dialog" aria-modal="true" aria-label={props.title.clone()} onclick={close.clone()}>
            <div class="sheet__card" onclick={inside}>
                <h2 class="sheet__title">{ &props.title }</h2>
                { props.children.clone() }
                <button ref={button} class="button" onclick={close}>{ "Close" }</button>
            </div>
        </div>
    }
}
