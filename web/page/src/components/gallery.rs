//! The shipped scenarios.

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::effects::Send;
use crate::state::Action;
use crate::view::gallery::{Entry, Group, groups};

/// What the [`Gallery`] shows.
#[derive(Properties, PartialEq)]
pub struct GalleryProps {
    /// All scenarios.
    pub entries: Rc<Vec<Entry>>,
    /// What is searched for.
    pub query: AttrValue,
    /// The text in the editor, to mark where it came from.
    pub text: AttrValue,
    /// What happened.
    pub send: Send,
}

/// The list of scenarios with a search field.
#[component]
pub fn Gallery(props: &GalleryProps) -> Html {
    let field = use_node_ref();
    use_effect_with(field.clone(), |field| {
        if let Some(field) = field.cast::<HtmlInputElement>() {
            let _ = field.focus();
        }
    });
    let search = props
        .send
        .reform(|event: InputEvent| Action::Query(event.target_unchecked_into::<HtmlInputElement>().value()));
    let found = groups(&props.entries, &props.query);
    html! {
        <div class="gallery" id="gallery">
            <input
                ref={field} class="field gallery__search" type="search" placeholder="Search scenarios"
                aria-label="Search scenarios" value={props.query.clone()} oninput={search}
            />
            <div class="gallery__list">
                { for found.iter().map(|group| show(group, props)) }
                if found.is_empty() {
                    <p class="quiet">{ "No scenario has all these words." }</p>
                }
            </div>
        </div>
    }
}

fn show(group: &Group, props: &GalleryProps) -> Html {
    let entry = |index: &usize| {
        let entry = &props.entries[*index];
        let (send, text) = (props.send.clone(), entry.text);
        let onclick = move |_| {
            send.emit(Action::Load(text.to_owned()));
        };
        let current = *props.text == *entry.text;
        html! {
            <li>
                <button
                    class="gallery__entry" {onclick} data-scenario={entry.file}
                    aria-current={current.then_some("true")}
                >
                    <span class="gallery__title">{ &entry.title }</span>
                    <span class="gallery__about">{ &entry.about }</span>
                </button>
            </li>
        }
    };
    html! {
        <section>
            <h3 class="gallery__topic">
                <span class="chip">{ &group.topic }</span>
                if group.heading != group.topic { { &group.heading } }
            </h3>
            <ul class="gallery__entries">{ for group.entries.iter().map(entry) }</ul>
        </section>
    }
}
