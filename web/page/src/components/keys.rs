//! The list of keys.

use yew::prelude::*;

use crate::effects::{KEYS, Send};
use crate::state::Action;

/// What the [`Keys`] sheet needs.
#[derive(Properties, PartialEq)]
pub struct KeysProps {
    /// What happened.
    pub send: Send,
}

/// The sheet with all keys.
#[component]
pub fn Keys(props: &KeysProps) -> Html {
    let close = props.send.reform(|_: MouseEvent| Action::Escape);
    let button = use_node_ref();
    use_effect_with(button.clone(), |button| {
        if let Some(button) = button.cast::<web_sys::HtmlElement>() {
            let _ = button.focus();
        }
    });
    let row = |(key, does): &(&'static str, &'static str)| {
        html! {
            <div class="sheet__row"><dt>{ for key.split(' ').map(|key| html! { <kbd>{ key }</kbd> }) }</dt><dd>{ *does }</dd></div>
        }
    };
    html! {
        <div class="sheet" role="dialog" aria-modal="true" aria-label="Keys">
            <div class="sheet__card">
                <h2 class="sheet__title">{ "Keys" }</h2>
                <dl class="sheet__list">{ for KEYS.iter().map(row) }</dl>
                <button ref={button} class="button" onclick={close}>{ "Close" }</button>
            </div>
        </div>
    }
}
