//! The walk of an address: what to walk, its bits, and the way of each kernel.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::address::split;
use super::panel::columns;
use crate::effects::Send;
use crate::state::Action;
use crate::view::address::parts;
use crate::view::walk::{Row, Walk};

/// What the [`walk_panel`] shows.
pub struct WalkPanelProps {
    /// The address as typed, or that of the last step.
    pub text: String,
    /// Its value, if it has one.
    pub iova: Option<u64>,
    /// Who may walk, and who does.
    pub walkers: Vec<(String, bool)>,
    /// Its name.
    pub walker: String,
    /// The access is a write.
    pub write: bool,
    /// Names of the kernels.
    pub names: Vec<String>,
    /// The walks.
    pub walks: Vec<Option<Walk>>,
    /// What happened.
    pub send: Send,
}

/// The walk of an address.
pub fn walk_panel(props: &WalkPanelProps) -> Html {
    let typed = props
        .send
        .reform(|event: InputEvent| Action::Iova(event.target_unchecked_into::<HtmlInputElement>().value()));
    let walker = props
        .send
        .reform(|event: Event| Action::Walker(event.target_unchecked_into::<HtmlSelectElement>().value()));
    let access = props.send.reform(|event: Event| {
        Action::Write(event.target_unchecked_into::<HtmlSelectElement>().value() == "write")
    });
    let option = |(name, function): &(String, bool)| {
        let label =
            if *function { format!("as function {name}") } else { format!("domain {name}’s tables") };
        html! { <option value={name.clone()} selected={*name == *props.walker}>{ label }</option> }
    };
    html! {
        <>
            <div class="walk__form">
                <label class="walk__label">
                    { "IOVA" }
                    <input
                        class="field field--code" value={props.text.clone()} oninput={typed} spellcheck="false"
                        aria-invalid={props.iova.is_none().to_string()} size="24"
                    />
                </label>
                <select class="field" aria-label="Who walks" onchange={walker}>{ for props.walkers.iter().map(option) }</select>
                <select class="field" aria-label="Access" onchange={access}>
                    <option value="read" selected={!props.write}>{ "read" }</option>
                    <option value="write" selected={props.write}>{ "write" }</option>
                </select>
            </div>
            if let Some(iova) = props.iova {
                { split(iova, &parts(iova)) }
                { columns(&props.names, props.walks.iter().map(|walk| walk.as_ref().map_or_else(Html::default, |walk| show(walk, &props.send)))) }
            } else {
                <p class="trouble">{ "Not a number: type an address such as 0x1_0000_0000." }</p>
            }
        </>
    }
}

fn show(walk: &Walk, send: &Send) -> Html {
    html! {
        <div class="walk">
            <ol class="walk__path">{ for walk.rows.iter().map(|row| one(row, send)) }</ol>
            <p class={classes!("walk__end", if walk.found { "walk__end--found" } else { "walk__end--fault" })}>
                <b><span aria-hidden="true">{ if walk.found { "→ " } else { "✕ " } }</span>{ &walk.end }</b>
                <span>{ &walk.explanation }</span>
            </p>
        </div>
    }
}

fn one(row: &Row, send: &Send) -> Html {
    let (send, kind, word) = (send.clone(), row.kind, row.word);
    html! {
        <li class={classes!("hop", format!("hop--{}", row.kind.name()), row.bad.then_some("hop--bad"))}>
            <span class="hop__place">{ &row.place }</span>
            <code class="hop__at">{ if row.at.is_empty() { String::new() } else { format!("@ {}", row.at) } }</code>
            <button class="entry__word" title="Decode this word" onclick={move |_| send.emit(Action::Decode(kind, word))}>
                { &row.text }
            </button>
            <span class="hop__meaning">{ &row.meaning }</span>
        </li>
    }
}
