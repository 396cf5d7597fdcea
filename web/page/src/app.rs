//! The page: what the user chose and what the worker said above, panes below.

use std::cell::Cell;
use std::rc::Rc;

use s390_iommu_view::protocol::Request;
use s390_iommu_view::run::Comparison;
use yew::prelude::*;

use crate::answers::Answers;
use crate::components::busy::busy;
use crate::components::decoder::{DecoderProps, decoder};
use crate::components::file::{FileProps, file};
use crate::components::header::{HeaderProps, TabsProps, header, tabs};
use crate::components::kernel::{KernelBarProps, kernel_bar};
use crate::components::keys::keys;
use crate::components::meaning::meanings;
use crate::components::panel::panel;
use crate::effects::{
    self, Send, chosen, use_client, use_debounced_run, use_drop, use_file_in_sight, use_keys, use_link,
    use_play, use_questions, use_theme,
};
use crate::panes::{ScenarioProps, StepsProps, SystemProps, scenario, steps, system};
use crate::state::{Action, Pane, Side, State};

/// The whole page.
#[component]
pub fn App() -> Html {
    let state = use_reducer(effects::start);
    let answers = use_reducer(Answers::default);
    let send: Send = {
        let dispatcher = state.dispatcher();
        (*use_memo((), move |()| Callback::from(move |action| dispatcher.dispatch(action)))).clone()
    };
    // The next link that the worker makes is to be copied.
    let copying = (*use_memo((), |()| Rc::new(Cell::new(false)))).clone();
    let client = use_client(&answers, &copying, &send);

    let last = answers.shown.as_ref().map_or(0, |shown| shown.run.last());
    let step = state.step.min(last);
    let events = answers.scene.iter().flat_map(|scene| &scene.columns);
    let events = events.map(|column| column.events.lines.len()).max().unwrap_or(0) as u32;
    use_follow(&state, &answers, &send);
    use_debounced_run(&state.draft, &state.text, &send);
    use_play(state.playing, last, &send);
    use_keys(last, events, answers.late.is_some(), &send);
    use_theme(state.theme);
    use_drop(&client, &send);
    use_file_in_sight(state.file.as_ref().map(|file| file.number));
    use_link(state.shared(), &client);
    use_questions(&state, &answers, step, &client);

    // Many elements: not drawn anew for each letter that is typed.
    let seen = use_memo(system_props(&state, &answers, &send), |props| {
        props.as_ref().map_or_else(Html::default, system)
    });
    let share = {
        let (client, state) = (client.clone(), state.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(shared) = state.shared() {
                copying.set(true);
                client.ask(&Request::Link(shared));
            }
        })
    };
    let load = {
        let client = client.clone();
        Callback::from(move |file: String| {
            client.ask(&Request::Scenario(file));
        })
    };
    let choose = {
        let send = send.clone();
        Callback::from(move |event: Event| chosen(&event, &client, &send))
    };
    let pane = match state.pane {
        Pane::Scenario => "app--scenario",
        Pane::Steps => "app--steps",
        Pane::State => "app--state",
    };
    html! {
        <div class={classes!("app", pane)}>
            { header(&HeaderProps { theme: state.theme, share, send: send.clone() }) }
            if let Some(notice) = &state.notice {
                <div class="notice" role="status">
                    { notice }
                    <button class="button button--small" onclick={send.reform(|_: MouseEvent| Action::Dismiss)}>{ "Close" }</button>
                </div>
            }
            <div class="kernels">
                { kernel_of(Side::Left, &state, &answers, &send) }
                { kernel_of(Side::Right, &state, &answers, &send) }
            </div>
            if let Some(late) = answers.late { { busy(late, &send) } }
            <main class="panes">
                { scenario(&ScenarioProps { state: &state, answers: &answers, load, choose, send: send.clone() }) }
                { steps(&StepsProps { state: &state, answers: &answers, step, send: send.clone() }) }
                <section class="pane pane--state" aria-label="State after the step">
                    if let Some(dropped) = &state.file {
                        { panel("file", "File", &dropped.name, file(&FileProps {
                            file: dropped, answers: &answers.file, send: send.clone(),
                        })) }
                    }
                    { (*seen).clone() }
                    if state.open {
                        { panel("decoder", "Word decoder", "any 64-bit word", decoder(&DecoderProps {
                            kinds: answers.kinds.clone(), kind: state.kind.clone(), word: state.word.clone(),
                            decoded: answers.decoded.clone(), send: send.clone(),
                        })) }
                    }
                </section>
            </main>
            { tabs(&TabsProps { pane: state.pane, send: send.clone() }) }
            if state.keys { { keys(&send) } }
            { explained(&state, &answers, &send) }
            if state.dragging {
                <div class="drop" aria-hidden="true"><p>{ "Drop a scenario, a recording, a capture or a dump" }</p></div>
            }
        </div>
    }
}

/// The sheet with what a name means, once that is known.
fn explained(state: &State, answers: &Answers, send: &Send) -> Html {
    let known = answers.meanings.as_ref().filter(|(name, _)| state.term.as_ref() == Some(name));
    known.map_or_else(Html::default, |(name, found)| meanings(name, found, send))
}

/// Selects the first divergence once it is known, where the state asks for that.
#[hook]
fn use_follow(state: &State, answers: &Answers, send: &Send) {
    let wanted = state.wanted();
    let fresh = answers.shown.as_ref().filter(|shown| wanted.as_ref() == Some(&shown.experiment));
    let target = fresh.filter(|_| state.follow).and_then(|shown| match &shown.run.comparison {
        Comparison::Differs(found) => Some(found.step),
        _ => None,
    });
    let send = send.clone();
    use_effect_with(target, move |target| {
        if let Some(step) = *target {
            send.emit(Action::Diverged(step));
        }
    });
}

fn system_props(state: &State, answers: &Answers, send: &Send) -> Option<SystemProps> {
    Some(SystemProps {
        shown: answers.shown.clone()?,
        scene: answers.scene.clone()?,
        walks: answers.walks.clone(),
        iova: state.iova.clone(),
        write: state.write,
        send: send.clone(),
    })
}

fn kernel_of(side: Side, state: &State, answers: &Answers, send: &Send) -> Html {
    let (index, chosen) = match side {
        Side::Left => (0, &state.left),
        Side::Right => (1, &state.right),
    };
    kernel_bar(&KernelBarProps {
        side,
        kernels: answers.kernels.clone(),
        chosen: chosen.clone(),
        column: answers.shown.as_ref().and_then(|shown| shown.run.columns.get(index)),
        send: send.clone(),
    })
}
