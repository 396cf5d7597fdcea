//! A name that can be explained: a button that looks like text.

use yew::prelude::*;

use crate::effects::Send;
use crate::state::Action;

/// A text; pressing it explains `name`.
pub fn term(class: impl Into<Classes>, text: impl Into<AttrValue>, name: &str, send: &Send) -> Html {
    let (send, text, name) = (send.clone(), text.into(), name.to_owned());
    let title = format!("What {name} means");
    html! {
        <button
            class={classes!("term", class.into())} {title} aria-haspopup="dialog" data-term={name.clone()}
            onclick={move |_| send.emit(Action::Explain(name.clone()))}
        >
            { text }
        </button>
    }
}

/// A button that leads to a step.
pub fn to_step(step: u32, send: &Send) -> Html {
    let send = send.clone();
    let onclick = move |event: MouseEvent| {
        // It may stand in the row of another step.
        event.stop_propagation();
        send.emit(Action::Step(step));
    };
    html! { <button class="button button--small" data-to-step={step.to_string()} {onclick}>{ format!("Step {step}") }</button> }
}
