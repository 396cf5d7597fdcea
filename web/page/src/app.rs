//! The page: state above, view models in the middle, components below.

use std::rc::Rc;

use s390_iommu::hw::walk::Access;
use s390_iommu::session::{Comparison, Outcome, compare};
use yew::prelude::*;

use crate::components::compare::{CompareProps, compare as compare_banner};
use crate::components::decoder::{DecoderProps, decoder};
use crate::components::editor::Editor;
use crate::components::events::EventList;
use crate::components::gallery::Gallery;
use crate::components::header::{HeaderProps, TabsProps, header, tabs};
use crate::components::kernel::{KernelBarProps, kernel_bar};
use crate::components::keys::Keys;
use crate::components::panel::{columns, panel};
use crate::components::timeline::Timeline;
use crate::components::tree::Trees;
use crate::components::walk::{WalkPanelProps, walk_panel};
use crate::components::{counters as counters_table, log as log_list, topology as topology_list};
use crate::effects::{self, Send, use_debounced_run, use_keys, use_link, use_play, use_theme};
use crate::runner::{self, Ran, Reading};
use crate::state::{Action, Pane, Side, State};
use crate::view::divergence::{divergence, verdict};
use crate::view::gallery::{self, Entry};
use crate::view::kernel::kernel;
use crate::view::{counters, hex, log, timeline, topology, tree, walk};

/// The runs that are shown: one, or two with their differences.
#[derive(Clone, PartialEq)]
struct Runs {
    runs: Vec<Rc<Ran>>,
    comparison: Option<Rc<Comparison>>,
}

impl Runs {
    fn names(&self) -> Vec<String> {
        self.runs.iter().map(|ran| ran.revision.to_string()).collect()
    }

    fn outcomes(&self) -> Vec<&Outcome> {
        self.runs.iter().map(|ran| &ran.outcome).collect()
    }

    fn last(&self) -> u32 {
        self.runs.first().map_or(0, |ran| ran.outcome.steps.len() as u32)
    }
}

/// Runs what was read on the chosen kernels; `Err` with what is wrong.
fn runs(reading: &Reading, state: &State) -> Result<Option<Runs>, crate::view::editor::Problem> {
    let Some(scenario) = &reading.scenario else { return Ok(None) };
    let mut runs = vec![Rc::new(runner::run(scenario, state.left)?)];
    if state.right.is_some() {
        runs.push(Rc::new(runner::run(scenario, state.right)?));
    }
    let comparison = match runs.as_slice() {
        [left, right] => Some(Rc::new(compare(&left.outcome, &right.outcome))),
        _ => None,
    };
    Ok(Some(Runs { runs, comparison }))
}

fn gallery_entries() -> Rc<Vec<Entry>> {
    Rc::new(gallery::entries(|text| {
        let scenario = runner::read(text).scenario?;
        Some((scenario.title.clone(), scenario.about.clone().unwrap_or_default(), scenario.topics.clone()))
    }))
}

/// The whole page.
#[component]
pub fn App() -> Html {
    let state = use_reducer(effects::start);
    let send: Send = {
        let dispatcher = state.dispatcher();
        (*use_memo((), move |()| Callback::from(move |action| dispatcher.dispatch(action)))).clone()
    };
    let entries = (*use_memo((), |()| gallery_entries())).clone();
    let draft = use_memo(state.draft.clone(), |text| runner::read(text));
    let ran = {
        let state = state.clone();
        use_memo((state.text.clone(), state.left, state.right), move |(text, _, _)| {
            runs(&runner::read(text), &state)
        })
    };
    // While the text is wrong, the last run that worked stays in view.
    let good = use_mut_ref(|| None::<Runs>);
    let fresh = matches!(&*ran, Ok(Some(_)));
    if let Ok(Some(runs)) = &*ran {
        *good.borrow_mut() = Some(runs.clone());
    }
    let shown = good.borrow().clone();
    let last = shown.as_ref().map_or(0, Runs::last);
    let step = state.step.min(last);

    let split = shown
        .as_ref()
        .and_then(|runs| runs.comparison.as_ref())
        .map(|comparison| divergence(comparison, last));
    {
        let (send, target) = (send.clone(), split.clone().flatten().map(|found| found.step));
        use_effect_with((state.follow && fresh, target), move |&(follow, target)| {
            if let (true, Some(step)) = (follow, target) {
                send.emit(Action::Diverged(step));
            }
        });
    }
    let events: Vec<timeline::Events> =
        shown.iter().flat_map(Runs::outcomes).map(|outcome| timeline::events(outcome, step)).collect();
    let event_count = events.iter().map(|events| events.lines.len()).max().unwrap_or(0) as u32;
    use_debounced_run(&state.draft, &state.text, &send);
    use_play(state.playing, last, &send);
    use_keys(last, event_count, &send);
    use_theme(state.theme);
    use_link(&state);

    let share = {
        let (state, send) = (state.clone(), send.clone());
        Callback::from(move |_: MouseEvent| effects::copy_link(&state, &send))
    };
    // Reads every table: not for each letter that is typed.
    let system = {
        let (now, send) = ((*state).clone(), send.clone());
        use_memo(
            (shown.clone(), step, now.iova.clone(), now.walker.clone(), now.write),
            move |(runs, step, ..)| {
                runs.as_ref().map_or_else(Html::default, |runs| system(&now, runs, *step, &send))
            },
        )
    };
    let mut problems = draft.problems.clone();
    if let Err(problem) = &*ran {
        problems.push(problem.clone());
    }
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
            { kernels(&state, shown.as_ref(), &send) }
            <main class="panes">
                { scenario_pane(&state, &draft, problems, &entries, shown.as_ref(), &send) }
                <section class={classes!("pane", "pane--steps", (!fresh).then_some("pane--stale"))} aria-label="Steps">
                    if !fresh {
                        <p class="stale" role="status">{ "The text has errors: this is the last run that worked." }</p>
                    }
                    if let Some(split) = split { { compare_banner(&CompareProps { divergence: split, send: send.clone() }) } }
                    { steps(&state, shown.as_ref(), step, events, &send) }
                </section>
                <section class="pane pane--state" aria-label="State after the step">
                    { (*system).clone() }
                    { panel("decoder", "Word decoder", "any 64-bit word", decoder(&DecoderProps {
                        kind: state.kind, word: state.word.clone(), send: send.clone(),
                    })) }
                </section>
            </main>
            { tabs(&TabsProps { pane: state.pane, send: send.clone() }) }
            if state.keys { <Keys send={send.clone()} /> }
        </div>
    }
}

fn kernels(state: &State, runs: Option<&Runs>, send: &Send) -> Html {
    let bar = |side: Side, chosen: bool| {
        let ran = runs.and_then(|runs| runs.runs.get(usize::from(side == Side::Right)));
        kernel_bar(&KernelBarProps {
            side,
            chosen,
            kernel: ran.map(|ran| kernel(ran.revision)),
            verdict: ran.map(|ran| verdict(&ran.outcome)),
            send: send.clone(),
        })
    };
    html! {
        <div class="kernels">
            { bar(Side::Left, state.left.is_some()) }
            { bar(Side::Right, state.right.is_some()) }
        </div>
    }
}

fn scenario_pane(
    state: &State,
    draft: &Reading,
    problems: Vec<crate::view::editor::Problem>,
    entries: &Rc<Vec<Entry>>,
    runs: Option<&Runs>,
    send: &Send,
) -> Html {
    let toggle = send.reform(|_: MouseEvent| Action::Gallery);
    let run = send.reform(|_: MouseEvent| Action::Run);
    let step =
        state.step.checked_sub(1).and_then(|index| runs?.runs.first()?.outcome.steps.get(index as usize));
    let line = step.map_or(0, |step| step.line);
    let line = if state.draft == state.text { line } else { 0 };
    let title = draft.scenario.as_ref().map(|scenario| scenario.title.as_str());
    let title = title.or_else(|| Some(runs?.runs.first()?.outcome.title.as_str())).unwrap_or("Scenario");
    let about = draft.scenario.as_ref().and_then(|scenario| scenario.about.as_deref());
    html! {
        <section class="pane pane--scenario" aria-label="Scenario">
            <div class="pane__head">
                <button class="button" onclick={toggle} aria-expanded={state.gallery.to_string()} aria-controls="gallery">
                    { if state.gallery { "Back to the editor" } else { "Gallery" } }
                    if !state.gallery { <span class="chip">{ entries.len() }</span> }
                </button>
                <span class="pane__space"></span>
                <button class="button" onclick={run} title="Ctrl Enter">{ "Run" }</button>
            </div>
            if state.gallery {
                <Gallery entries={entries.clone()} query={state.query.clone()} text={state.text.to_string()} send={send.clone()} />
            } else {
                <div class="about">
                    <h2 class="about__title">{ title }</h2>
                    if let Some(about) = about { <p class="about__text">{ about }</p> }
                </div>
                <Editor text={state.draft.clone()} problems={Rc::new(problems)} {line} send={send.clone()} />
            }
        </section>
    }
}

fn steps(state: &State, runs: Option<&Runs>, step: u32, events: Vec<timeline::Events>, send: &Send) -> Html {
    let Some(runs) = runs else {
        return html! { <p class="quiet pane__empty">{ "Nothing has been run yet: the text has errors." }</p> };
    };
    let rows = timeline::rows(&runs.outcomes(), runs.comparison.as_deref());
    let spoken = timeline::spoken(&rows, step, &runs.names());
    html! {
        <>
            <p class="spoken" aria-live="polite" id="spoken">{ spoken }</p>
            <Timeline rows={Rc::new(rows)} {step} playing={state.playing} send={send.clone()} />
            <EventList names={runs.names()} columns={events} event={state.event} send={send.clone()} />
        </>
    }
}

/// The systems after the step.
fn system(state: &State, runs: &Runs, step: u32, send: &Send) -> Html {
    let names = runs.names();
    let labs = |ran: &Rc<Ran>| {
        let now = ran.lab(step)?.clone();
        let before = step.checked_sub(1).and_then(|step| ran.lab(step)).cloned();
        Some((now, before))
    };
    let labs: Vec<_> = runs.runs.iter().filter_map(labs).collect();
    let topologies = labs.iter().map(|(now, before)| topology::topology(now, before.as_ref()));
    let logs = runs.runs.iter().map(|ran| log::log(&ran.outcome, step));
    let trees = labs.iter().map(|(now, before)| {
        let trees = tree::trees(now, before.as_ref());
        html! { <Trees {trees} send={send.clone()} /> }
    });
    let walkers = labs.first().map(|(now, _)| walk::walkers(now)).unwrap_or_default();
    let walker = state.walker.clone().filter(|name| walkers.iter().any(|(known, _)| known == name));
    let walker = walker.or_else(|| walk::default_walker(&labs.first()?.0)).unwrap_or_default();
    let text = state.iova.clone().unwrap_or_else(|| {
        let outcome = &runs.runs[0].outcome;
        hex::hex(walk::default_iova(outcome, step, labs.first().map(|(now, _)| now)))
    });
    let iova = hex::parse(&text);
    let access = if state.write { Access::Write } else { Access::Read };
    let walks = labs.iter().map(|(now, _)| walk::walk(now, Some(&walker), iova?, access)).collect::<Vec<_>>();
    let place = if step == 0 { "at the start".to_owned() } else { format!("after step {step}") };
    let form = WalkPanelProps {
        text,
        iova,
        walkers,
        walker,
        write: state.write,
        names: names.clone(),
        walks,
        send: send.clone(),
    };
    html! {
        <>
            { panel("topology", "Functions and domains", &place,
                columns(&names, topologies.map(|view| topology_list::topology(&view)))) }
            { panel("walk", "Address and walk", &format!("what the machine does {place}"), walk_panel(&form)) }
            { panel("tables", "Translation tables", &place, columns(&names, trees)) }
            { panel("log", "Kernel log", "up to the step", columns(&names, logs.map(|lines| log_list::log(&lines)))) }
            { panel("counters", "Counters", "of the whole run",
                counters_table::counters(&counters::rows(&runs.outcomes()), &names)) }
        </>
    }
}
