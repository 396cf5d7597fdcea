//! Steps added with buttons: a verb, its fields, and where the step came to stand.

use std::collections::BTreeMap;

use yew::prelude::*;

use super::field::{FieldProps, field};
use crate::effects::Send;
use crate::state::Action;
use crate::verbs::{Field, Setting, VERBS, Verb, step};

/// What [`AddStep`] needs.
#[derive(Properties, PartialEq)]
pub struct AddStepProps {
    /// Names to choose from, and the address that is looked at.
    pub setting: Setting,
    /// The step that was added last, as long as it can be taken back.
    pub added: Option<u32>,
    /// What happened.
    pub send: Send,
}

/// The verbs, and the fields of the chosen one.
#[component]
pub fn AddStep(props: &AddStepProps) -> Html {
    let verb = use_state(|| None::<Verb>);
    // What was typed or chosen; what is not in here has its default.
    let typed = use_state(BTreeMap::<Field, String>::new);
    let button = |known: Verb| {
        let (verb, chosen) = (verb.clone(), *verb == Some(known));
        let onclick = move |_| verb.set((!chosen).then_some(known));
        html! {
            <button class="verb" aria-pressed={chosen.to_string()} data-verb={known.name()} {onclick}>{ known.name() }</button>
        }
    };
    html! {
        <section class="add" id="add" aria-label="Add a step">
            <div class="add__verbs" role="group" aria-label="Kinds of step">
                <span class="add__title" aria-hidden="true">{ "+" }</span>
                { for VERBS.into_iter().map(button) }
                if let Some(number) = props.added { { added(number, &props.send) } }
            </div>
            if let Some(verb) = *verb { { form(verb, &typed, props) } }
        </section>
    }
}

fn form(verb: Verb, typed: &UseStateHandle<BTreeMap<Field, String>>, props: &AddStepProps) -> Html {
    let value = |field: Field| typed.get(&field).cloned().unwrap_or_else(|| props.setting.initial(field));
    let new = step(verb, value);
    let disabled = new.is_err();
    let wrong = new.as_ref().err().copied();
    let send = props.send.clone();
    let onsubmit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Ok(step) = &new {
            send.emit(Action::Add(step.clone()));
        }
    };
    let fields = verb.fields().iter().map(|known| {
        let (typed, known) = (typed.clone(), *known);
        let change = Callback::from(move |value: String| {
            let mut all = (*typed).clone();
            all.insert(known, value);
            typed.set(all);
        });
        field(&FieldProps {
            field: known,
            value: value(known),
            choices: props.setting.choices(known),
            wrong: wrong == Some(known),
            change,
        })
    });
    html! {
        <form class="add__form" {onsubmit}>
            { for fields }
            <button class="button button--main" type="submit" {disabled}>{ format!("Add {}", verb.name()) }</button>
        </form>
    }
}

fn added(number: u32, send: &Send) -> Html {
    html! {
        <span class="add__done" role="status">
            { format!("Added as step {number}. ") }
            <button class="button button--small" onclick={send.reform(|_: MouseEvent| Action::TakeBack)}>{ "Undo" }</button>
        </span>
    }
}
