//! The walk of an address: what to walk, its bits, and the way of each kernel.

use std::rc::Rc;

use s390_iommu_view::hex;
use s390_iommu_view::walk::{Hop, Walk, Walker, Walks};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::address::split;
use super::device::Device;
use super::panel::columns;
use super::term::term;
use super::truths::truths;
use crate::effects::Send;
use crate::state::Action;

/// What the [`walk_panel`] shows.
pub struct WalkPanelProps {
    /// The address as typed; none for that of the last step.
    pub typed: Option<String>,
    /// The access is a write.
    pub write: bool,
    /// What there is to see.
    pub walks: Rc<Walks>,
    /// What happened.
    pub send: Send,
}

/// The walk of an address.
pub fn walk_panel(props: &WalkPanelProps) -> Html {
    let Walks { iova, parts, walkers, walker, names, walks } = &*props.walks;
    let text = props.typed.clone().unwrap_or_else(|| hex::hex(*iova));
    let bad = hex::parse(&text).is_none();
    let typed = props
        .send
        .reform(|event: InputEvent| Action::Iova(event.target_unchecked_into::<HtmlInputElement>().value()));
    let choose = props
        .send
        .reform(|event: Event| Action::Walker(event.target_unchecked_into::<HtmlSelectElement>().value()));
    let access = props.send.reform(|event: Event| {
        Action::Write(event.target_unchecked_into::<HtmlSelectElement>().value() == "write")
    });
    let function =
        walkers.iter().find(|known| known.function && known.name == *walker).map(|known| known.name.clone());
    let option = |Walker { name, function }: &Walker| {
        let label =
            if *function { format!("as function {name}") } else { format!("domain {name}’s tables") };
        html! { <option value={name.clone()} selected={name == walker}>{ label }</option> }
    };
    html! {
        <>
            <div class="walk__form">
                <label class="walk__label">
                    { "IOVA" }
                    <input
                        class="field field--code" value={text} oninput={typed} spellcheck="false"
                        aria-invalid={bad.to_string()} size="24"
                    />
                </label>
                <select class="field" aria-label="Who walks" onchange={choose}>{ for walkers.iter().map(option) }</select>
                <select class="field" aria-label="Access" onchange={access}>
                    <option value="read" selected={!props.write}>{ "read" }</option>
                    <option value="write" selected={props.write}>{ "write" }</option>
                </select>
            </div>
            if bad {
                <p class="trouble">{ "Not a number: type an address such as 0x1_0000_0000." }</p>
            } else {
                <Device iova={*iova} function={function.map(AttrValue::from)} write={props.write} send={props.send.clone()} />
                { split(*iova, parts) }
                { columns(names, walks.iter().map(|walk| walk.as_ref().map_or_else(Html::default, |walk| show(walk, &props.send)))) }
            }
        </>
    }
}

/// A walk: its words, where it ends, and what the three truths say to that.
pub fn show(walk: &Walk, send: &Send) -> Html {
    html! {
        <div class="walk">
            <ol class="walk__path">{ for walk.hops.iter().map(|hop| one(hop, send)) }</ol>
            <p class={classes!("walk__end", if walk.found { "walk__end--found" } else { "walk__end--fault" })}>
                <b><span aria-hidden="true">{ if walk.found { "→ " } else { "✕ " } }</span>{ end(walk, send) }</b>
                <span>{ &walk.explanation }</span>
            </p>
            if let Some(view) = &walk.truths { { truths(view, send) } }
        </div>
    }
}

fn end(walk: &Walk, send: &Send) -> Html {
    match &walk.term {
        Some(name) => term("", walk.end.clone(), name, send),
        None => html! { &walk.end },
    }
}

fn one(hop: &Hop, send: &Send) -> Html {
    let (send, kind, word) = (send.clone(), hop.kind.clone(), hop.word);
    html! {
        <li class={classes!("hop", format!("hop--{}", hop.kind), hop.bad.then_some("hop--bad"))}>
            <span class="hop__place">{ &hop.place }</span>
            <code class="hop__at">{ if hop.at.is_empty() { String::new() } else { format!("@ {}", hop.at) } }</code>
            <button class="entry__word" title="Decode this word" onclick={move |_| send.emit(Action::Decode(kind.clone(), word))}>
                { &hop.text }
            </button>
            <span class="hop__meaning">{ &hop.meaning }</span>
        </li>
    }
}
