//! A run that takes long: how far it is, and the way to stop it.

use yew::prelude::*;

use crate::answers::Late;
use crate::effects::Send;
use crate::state::Action;

/// How far it is, with the button that stops it.
pub fn busy(late: Late, send: &Send) -> Html {
    let Late { done, all, tables } = late;
    let text = match all {
        0 => "Running …".to_owned(),
        _ if tables => format!("Looked at {done} of {all} tables so far …"),
        _ => format!("Running step {} of {all} …", (done + 1).min(all)),
    };
    html! {
        <div class="busy">
            <p class="busy__text" role="status">{ text }</p>
            <progress class="busy__bar" aria-label="How much is done" max={all.max(1).to_string()} value={done.to_string()} />
            <button class="button button--stop" onclick={send.reform(|_: MouseEvent| Action::Stop)} title="S">{ "Stop" }</button>
        </div>
    }
}
