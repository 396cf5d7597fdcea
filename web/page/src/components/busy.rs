//! A run that takes long: how far it is, and the way to stop it.

use yew::prelude::*;

use crate::effects::Send;
use crate::state::Action;

/// How far a run is, so many of so many steps, with the button that stops it.
pub fn busy((done, all): (u32, u32), send: &Send) -> Html {
    let text = match all {
        0 => "Running …".to_owned(),
        _ => format!("Running step {} of {all} …", (done + 1).min(all)),
    };
    html! {
        <div class="busy">
            <p class="busy__text" role="status">{ text }</p>
            <progress class="busy__bar" aria-label="Steps that were run" max={all.max(1).to_string()} value={done.to_string()} />
            <button class="button button--stop" onclick={send.reform(|_: MouseEvent| Action::Stop)} title="S">{ "Stop" }</button>
        </div>
    }
}
