//! A field with its label: typed, or chosen among names.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::verbs::Field;

/// What a [`field`] shows.
pub struct FieldProps {
    /// Which.
    pub field: Field,
    /// What is in it.
    pub value: String,
    /// What there is to choose; nothing for what is typed.
    pub choices: Vec<String>,
    /// It is wrong.
    pub wrong: bool,
    /// It changed.
    pub change: Callback<String>,
}

/// The field.
pub fn field(props: &FieldProps) -> Html {
    let FieldProps { field, value, choices, wrong, change } = props;
    let chosen = change.reform(|event: Event| event.target_unchecked_into::<HtmlSelectElement>().value());
    let typed = change.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    let option =
        |name: &String| html! { <option value={name.clone()} selected={name == value}>{ name }</option> };
    html! {
        <label class="add__field">
            { field.name() }
            if choices.is_empty() {
                <input
                    class="field field--code" value={value.clone()} oninput={typed} spellcheck="false" size={field.width()}
                    aria-invalid={wrong.to_string()}
                />
            } else {
                <select class="field" onchange={chosen}>{ for choices.iter().map(option) }</select>
            }
        </label>
    }
}
