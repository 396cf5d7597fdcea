//! The events of the selected step.

use std::rc::Rc;

use s390_iommu_view::scene::{Column, Scene};
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::panel::columns;
use super::term::term;
use crate::effects::{Send, reveal};
use crate::named::named;
use crate::state::Action;

/// What the [`EventList`] shows.
#[derive(Properties, PartialEq)]
pub struct EventListProps {
    /// The step.
    pub scene: Rc<Scene>,
    /// The selected one.
    pub event: Option<u32>,
    /// What happened.
    pub send: Send,
}

/// The events of a step, per kernel.
#[component]
pub fn EventList(props: &EventListProps) -> Html {
    let (list, current) = (use_node_ref(), use_node_ref());
    {
        let (list, current) = (list.clone(), current.clone());
        use_effect_with(props.event, move |_| {
            if let (Some(list), Some(current)) = (list.cast::<HtmlElement>(), current.cast::<HtmlElement>()) {
                reveal(&list, &current);
            }
        });
    }
    let count = props.scene.columns.iter().map(|column| column.events.lines.len()).max().unwrap_or(0);
    let slide = props.send.reform(|event: InputEvent| {
        let value = event.target_unchecked_into::<HtmlInputElement>().value();
        Action::Event(value.parse().unwrap_or(0))
    });
    let column = |(side, column): (usize, &Column)| {
        let events = &column.events;
        let line = |(index, line): (usize, &String)| {
            let chosen = props.event == Some(index as u32);
            let node = if chosen && side == 0 { current.clone() } else { NodeRef::default() };
            let class =
                classes!("event", format!("event--{}", kind(line)), chosen.then_some("event--current"));
            let send = props.send.clone();
            let onclick = move |_| send.emit(Action::Event(index as u32));
            html! { <li ref={node} {class} {onclick} aria-current={chosen.then_some("true")}>{ content(line, &props.send) }</li> }
        };
        html! {
            <ol class="events__lines">
                { for events.lines.iter().enumerate().map(line) }
                if events.lines.is_empty() { <li class="quiet">{ "No events." }</li> }
                if events.more > 0 {
                    <li class="quiet">{ format!("… and {} more events, not shown here.", events.more) }</li>
                }
            </ol>
        }
    };
    html! {
        <section class="events" aria-label="Events of the step">
            <div class="events__head">
                <h2 class="pane__title">{ "Events" }</h2>
                if count > 0 {
                    <input
                        class="transport__slider" type="range" min="0" max={(count - 1).to_string()}
                        value={props.event.unwrap_or(0).to_string()} aria-label="Event" oninput={slide}
                    />
                }
                <output class="transport__place">
                    { props.event.map_or_else(|| count.to_string(), |event| format!("{} / {count}", event + 1)) }
                </output>
            </div>
            <div class="events__scroll" ref={list}>
                { columns(&props.scene.names(), props.scene.columns.iter().enumerate().map(column)) }
            </div>
        </section>
    }
}

/// A line, with the name in it that can be explained.
fn content(line: &str, send: &Send) -> Html {
    named(line).map_or_else(
        || html! { line.to_owned() },
        |(before, text, name)| html! { <>{ before.to_owned() }{ term("", text.to_owned(), &name, send) }</> },
    )
}

/// What a line tells of, for its colour; the text itself says it as well.
fn kind(line: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| line.split(' ').any(|part| part == *word));
    if has(&["warn", "crash", "injected"]) {
        "bad"
    } else if has(&["rpcit", "mpcifc", "register", "unregister", "refresh"]) {
        "hardware"
    } else if has(&["entry-write", "pages-map", "pages-invalidate", "table-alloc", "table-free"]) {
        "table"
    } else if has(&["call", "result"]) {
        "call"
    } else {
        "detail"
    }
}
