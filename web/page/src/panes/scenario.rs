//! The scenario: gallery or editor.

use std::rc::Rc;

use yew::prelude::*;

use crate::answers::{Answers, Newest};
use crate::components::editor::Editor;
use crate::components::gallery::Gallery;
use crate::effects::{Send, open_file};
use crate::state::{Action, State};

/// What the [`scenario`] pane shows.
pub struct ScenarioProps<'a> {
    /// What the user chose.
    pub state: &'a State,
    /// What the worker said.
    pub answers: &'a Answers,
    /// Loads a shipped file.
    pub load: Callback<String>,
    /// A file was chosen.
    pub choose: Callback<Event>,
    /// What happened.
    pub send: Send,
}

/// The pane.
pub fn scenario(props: &ScenarioProps) -> Html {
    let ScenarioProps { state, answers, load, choose, send } = props;
    let (reading, shown) = (&answers.reading, answers.shown.as_deref());
    let count: usize = answers.gallery.iter().map(|group| group.entries.len()).sum();
    let title = reading.title.as_deref().or_else(|| Some(&*shown?.run.title)).unwrap_or("Scenario");
    let mut problems = reading.problems.clone();
    if let Newest::Refused(problem) = &answers.newest {
        problems.push(problem.clone());
    }
    // Lines belong to the text that was run.
    let row = shown
        .filter(|shown| shown.experiment.text == state.draft)
        .and_then(|shown| shown.run.rows.get(state.step.checked_sub(1)? as usize));
    let line = row.map_or(0, |row| row.line);
    html! {
        <section class="pane pane--scenario" aria-label="Scenario">
            <div class="pane__head">
                <button
                    class="button" onclick={send.reform(|_: MouseEvent| Action::Gallery)}
                    aria-expanded={state.gallery.to_string()} aria-controls="gallery"
                >
                    { if state.gallery { "Back to the editor" } else { "Gallery" } }
                    if !state.gallery && count > 0 { <span class="chip">{ count }</span> }
                </button>
                <button
                    class="button" title="O: a scenario, a recording, a capture or a dump; or drop it anywhere"
                    onclick={|_: MouseEvent| open_file()}
                >
                    { "Open file" }
                </button>
                <input id="file" class="file__input" type="file" tabindex="-1" aria-hidden="true" onchange={choose.clone()} />
                <span class="pane__space"></span>
                <button class="button" onclick={send.reform(|_: MouseEvent| Action::Run)} disabled={!state.open} title="Ctrl Enter">
                    { "Run" }
                </button>
            </div>
            if state.gallery {
                <Gallery
                    groups={answers.gallery.clone()} query={state.query.clone()}
                    file={reading.file.clone().map(AttrValue::from)} load={load.clone()} send={send.clone()}
                />
            } else {
                <div class="about">
                    <h2 class="about__title">{ title }</h2>
                    if let Some(about) = &reading.about { <p class="about__text">{ about }</p> }
                </div>
                <Editor
                    text={state.draft.clone()} open={state.open} problems={Rc::new(problems)} {line} send={send.clone()}
                />
            }
        </section>
    }
}
