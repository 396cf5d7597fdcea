//! The shipped scenarios.

use std::rc::Rc;

use s390_iommu_view::text::{Entry, Group};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::effects::Send;
use crate::search::found;
use crate::state::Action;

/// What the [`Gallery`] shows.
#[derive(Properties, PartialEq)]
pub struct GalleryProps {
    /// All scenarios.
    pub groups: Rc<Vec<Group>>,
    /// What is searched for.
    pub query: AttrValue,
    /// The file that stands in the editor.
    pub file: Option<AttrValue>,
    /// Loads a file.
    pub load: Callback<String>,
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
    let found = found(&props.groups, &props.query);
    html! {
        <div class="gallery" id="gallery">
            <input
                ref={field} class="field gallery__search" type="search" placeholder="Search scenarios"
                aria-label="Search scenarios" value={props.query.clone()} oninput={search}
            />
            <div class="gallery__list">
                { for found.iter().map(|(group, entries)| show(group, entries, props)) }
                if found.is_empty() && !props.groups.is_empty() {
                    <p class="quiet">{ "No scenario has all these words." }</p>
                }
            </div>
        </div>
    }
}

fn show(group: &Group, entries: &[&Entry], props: &GalleryProps) -> Html {
    let entry = |entry: &&Entry| {
        let (load, file) = (props.load.clone(), entry.file.clone());
        let onclick = move |_| load.emit(file.clone());
        let current = props.file.as_deref() == Some(&*entry.file);
        html! {
            <li>
                <button
                    class="gallery__entry" {onclick} data-scenario={entry.file.clone()}
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
            <ul class="gallery__entries">{ for entries.iter().map(entry) }</ul>
        </section>
    }
}
