//! The steps, with the means to move among them.

use std::rc::Rc;

use s390_iommu_view::run::{Cell, Row, Tone};
use s390_iommu_view::scene::Scene;
use s390_iommu_view::truths::Access;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::access::access as show_access;
use super::panel::side;
use super::term::term;
use super::truths::badge;
use crate::answers::Shown;
use crate::effects::{Send, reveal};
use crate::state::Action;

/// What the [`Timeline`] shows.
#[derive(Properties, PartialEq)]
pub struct TimelineProps {
    /// The steps.
    pub shown: Rc<Shown>,
    /// What there is to see after the selected step; that of another one while it is on its way.
    pub scene: Option<Rc<Scene>>,
    /// The selected step; 0 is the start.
    pub step: u32,
    /// It is playing.
    pub playing: bool,
    /// What happened.
    pub send: Send,
}

/// The list of steps.
#[component]
pub fn Timeline(props: &TimelineProps) -> Html {
    let (list, current) = (use_node_ref(), use_node_ref());
    {
        let (list, current) = (list.clone(), current.clone());
        // What a device's access came to arrives later, and makes the row higher.
        let arrived = props.scene.as_ref().is_some_and(|scene| scene.step == props.step);
        use_effect_with((props.step, arrived), move |_| {
            if let (Some(list), Some(current)) = (list.cast::<HtmlElement>(), current.cast::<HtmlElement>()) {
                reveal(&list, &current);
            }
        });
    }
    let start = {
        let onclick = props.send.reform(|_: MouseEvent| Action::Step(0));
        let chosen = props.step == 0;
        let node = if chosen { current.clone() } else { NodeRef::default() };
        html! {
            <li ref={node} class={classes!("step", chosen.then_some("step--current"))} aria-current={chosen.then_some("step")} {onclick}>
                <button class="step__number">{ "0" }</button>
                <div class="step__body"><span class="step__text">{ "start" }</span></div>
            </li>
        }
    };
    html! {
        <div class="timeline">
            { transport(&TransportProps { step: props.step, last: props.shown.run.rows.len() as u32, playing: props.playing, send: props.send.clone() }) }
            <ol class="timeline__list" ref={list} aria-label="Steps">
                { start }
                { for props.shown.run.rows.iter().map(|row| {
                    let node = if row.number == props.step { current.clone() } else { NodeRef::default() };
                    show(row, node, props)
                }) }
            </ol>
        </div>
    }
}

fn show(row: &Row, node: NodeRef, props: &TimelineProps) -> Html {
    let (send, number, chosen) = (props.send.clone(), row.number, row.number == props.step);
    let class = classes!("step", chosen.then_some("step--current"), row.differs.then_some("step--differs"));
    let two = row.cells.len() > 1;
    let scene = props.scene.as_deref().filter(|scene| chosen && scene.step == number);
    let access = |index: usize| scene.and_then(|scene| scene.columns.get(index)?.access.as_ref());
    html! {
        <li ref={node} {class} aria-current={chosen.then_some("step")} data-step={number.to_string()}
            onclick={move |_| send.emit(Action::Step(number))}
        >
            <button class="step__number">{ number }</button>
            <div class="step__body">
                <span class="step__text">
                    if let Some(cpu) = row.cpu { <span class="chip">{ format!("cpu{cpu}") }</span> }
                    { &row.text }
                    if row.differs { <span class="step__differs" title="The kernels differ here">{ "≠ differs" }</span> }
                </span>
                if let Some(note) = &row.note { <span class="step__note">{ note }</span> }
                <div class="step__cells">
                    { for row.cells.iter().enumerate().map(|(index, cell)| {
                        outcome(cell, access(index), two.then(|| side(index)), &props.send)
                    }) }
                </div>
            </div>
        </li>
    }
}

fn outcome(cell: &Cell, access: Option<&Access>, side: Option<Html>, send: &Send) -> Html {
    let tone = match cell.tone {
        Tone::Good => "badge--good",
        Tone::Error => "badge--error",
        Tone::Stop => "badge--stop",
        Tone::Skipped => "badge--quiet",
    };
    html! {
        <div class="cell">
            { side.unwrap_or_default() }
            {
                match &cell.term {
                    Some(name) => term(classes!("badge", tone), cell.badge.clone(), name, send),
                    None => html! { <span class={classes!("badge", tone)}>{ &cell.badge }</span> },
                }
            }
            if let (Some(mark), None) = (&cell.verdict, access) { { badge(mark) } }
            if let Some(value) = &cell.value { <code class="cell__value">{ value }</code> }
            if cell.refreshes > 0 {
                <span class="cell__count" title="Refreshes (RPCIT)">{ format!("⟳ {}", cell.refreshes) }</span>
            }
            { for cell.warnings.iter().map(|warning| term("cell__warning", format!("⚠ {warning}"), warning, send)) }
            { for cell.violations.iter().map(|(name, text)| term("cell__violation", format!("≠ {text}"), name, send)) }
            if cell.held > 0 { <span class="cell__held">{ format!("✓ {}", cell.held) }</span> }
            { for cell.failed.iter().map(|check| html! {
                <span class="cell__failed">{ "✕ " }{ check }</span>
            }) }
            if let Some(reason) = &cell.skipped { <span class="quiet">{ reason }</span> }
            if let Some(view) = access { { show_access(view, send) } }
        </div>
    }
}

/// What the [`transport`] shows.
pub struct TransportProps {
    /// The selected step.
    pub step: u32,
    /// The number of steps.
    pub last: u32,
    /// It is playing.
    pub playing: bool,
    /// What happened.
    pub send: Send,
}

/// Buttons and the slider.
pub fn transport(props: &TransportProps) -> Html {
    let last = props.last;
    let button = |name: &'static str, icon: &'static str, action: Action, off: bool| {
        let send = props.send.clone();
        html! {
            <button class="button button--icon" aria-label={name} title={name} disabled={off} onclick={move |_| send.emit(action.clone())}>
                <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d={icon} /></svg>
            </button>
        }
    };
    let slide = props.send.reform(|event: InputEvent| {
        let value = event.target_unchecked_into::<HtmlInputElement>().value();
        Action::Step(value.parse().unwrap_or(0))
    });
    let (name, icon) =
        if props.playing { ("Pause", "M4 3h3v10H4zM9 3h3v10H9z") } else { ("Play", "M4 3v10l9-5z") };
    html! {
        <div class="transport">
            { button("To the start", "M8 3v10L3 8zM13 3v10L8 8z", Action::Step(0), props.step == 0) }
            { button("Step back", "M3 3h2v10H3zM13 3v10L6 8z", Action::Move(-1, last), props.step == 0) }
            { button(name, icon, Action::Play(last), last == 0) }
            { button("Step forward", "M3 3v10l7-5zM11 3h2v10h-2z", Action::Move(1, last), props.step >= last) }
            <input
                class="transport__slider" type="range" min="0" max={last.to_string()} value={props.step.to_string()}
                aria-label="Step" oninput={slide}
            />
            <output class="transport__place">{ format!("{} / {last}", props.step.min(last)) }</output>
        </div>
    }
}
