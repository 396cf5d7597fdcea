//! The steps of the run and the events of the selected one.

use yew::prelude::*;

use crate::answers::{Answers, Newest};
use crate::components::add_step::AddStep;
use crate::components::compare::compare;
use crate::components::events::EventList;
use crate::components::timeline::Timeline;
use crate::effects::Send;
use crate::spoken::spoken;
use crate::state::{Action, State};
use crate::verbs::Setting;

/// What the [`steps`] pane shows.
pub struct StepsProps<'a> {
    /// What the user chose.
    pub state: &'a State,
    /// What the worker said.
    pub answers: &'a Answers,
    /// The selected step.
    pub step: u32,
    /// What happened.
    pub send: Send,
}

/// The pane.
pub fn steps(props: &StepsProps) -> Html {
    let StepsProps { state, answers, step, send } = props;
    let trouble = trouble(state, answers);
    let class = classes!(
        "pane",
        "pane--steps",
        (trouble.is_some() && answers.shown.is_some()).then_some("pane--stale")
    );
    html! {
        <section {class} aria-label="Steps">
            if let Some(text) = trouble {
                <p class="stale" role="status">
                    { text }
                    if state.stopped {
                        <button class="button button--small" onclick={send.reform(|_: MouseEvent| Action::Run)}>{ "Run again" }</button>
                    }
                </p>
            }
            if let Some(shown) = &answers.shown {
                { compare(&shown.run.comparison, send) }
                <p class="spoken" aria-live="polite" id="spoken">{ spoken(&shown.run.rows, *step, &shown.run.names()) }</p>
                <Timeline
                    shown={shown.clone()} scene={answers.scene.clone()} step={*step} playing={state.playing}
                    send={send.clone()}
                />
                <AddStep
                    setting={setting(answers)} added={state.added.as_ref().map(|added| added.number)} send={send.clone()}
                />
            } else if answers.newest == Newest::Shown && !state.stopped && state.notice.is_none() {
                <p class="quiet pane__empty" role="status">{ "Loading the engine …" }</p>
            }
            if let Some(scene) = &answers.scene {
                <EventList scene={scene.clone()} event={state.event} send={send.clone()} />
            }
        </section>
    }
}

/// What the buttons that add steps offer.
fn setting(answers: &Answers) -> Setting {
    let column = answers.scene.as_ref().and_then(|scene| scene.columns.first());
    let topology = column.map(|column| &column.topology);
    let functions =
        topology.map(|view| view.functions.iter().map(|function| function.name.clone()).collect());
    let alive = topology.iter().flat_map(|view| &view.domains).filter(|domain| !domain.freed);
    // One that was allocated again has the name of one that is gone.
    let mut domains: Vec<String> = Vec::new();
    for domain in alive {
        if !domains.contains(&domain.name) {
            domains.push(domain.name.clone());
        }
    }
    let iova = answers.walks.as_ref().map_or(0, |walks| walks.iova);
    Setting { functions: functions.unwrap_or_default(), domains, iova }
}

/// Why what is shown is not what is wanted.
fn trouble(state: &State, answers: &Answers) -> Option<&'static str> {
    let some = answers.shown.is_some();
    match answers.newest {
        _ if state.stopped && some => Some("Stopped: this is the last run that worked."),
        _ if state.stopped => Some("Stopped."),
        Newest::Shown => None,
        _ if some => Some("The text has errors: this is the last run that worked."),
        _ => Some("Nothing has been run yet: the text has errors."),
    }
}
