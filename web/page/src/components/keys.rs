//! The list of keys.

use yew::prelude::*;

use super::sheet::Sheet;
use crate::effects::{KEYS, Send};

/// The sheet with all keys.
pub fn keys(send: &Send) -> Html {
    let row = |(key, does): &(&'static str, &'static str)| {
        html! {
            <div class="sheet__row"><dt>{ for key.split(' ').map(|key| html! { <kbd>{ key }</kbd> }) }</dt><dd>{ *does }</dd></div>
        }
    };
    html! {
        <Sheet title="Keys" send={send.clone()}>
            <dl class="sheet__list">{ for KEYS.iter().map(row) }</dl>
        </Sheet>
    }
}
