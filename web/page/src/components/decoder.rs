//! Explains any word.

use std::rc::Rc;

use s390_iommu_view::hex;
use s390_iommu_view::word::{Decoded, Field};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::effects::Send;
use crate::state::Action;

/// What the [`decoder`] shows.
pub struct DecoderProps {
    /// All kinds of word.
    pub kinds: Rc<Vec<String>>,
    /// What the word is taken for.
    pub kind: String,
    /// The word, as typed.
    pub word: String,
    /// What it says.
    pub decoded: Option<Rc<Decoded>>,
    /// What happened.
    pub send: Send,
}

/// The decoder.
pub fn decoder(props: &DecoderProps) -> Html {
    let typed = props
        .send
        .reform(|event: InputEvent| Action::Word(event.target_unchecked_into::<HtmlInputElement>().value()));
    let kind = props.send.reform(|event: Event| {
        let name = event.target_unchecked_into::<HtmlSelectElement>().value();
        Action::Kind(name)
    });
    let option = |kind: &String| {
        html! { <option value={kind.clone()} selected={*kind == props.kind}>{ kind }</option> }
    };
    html! {
        <>
            <div class="walk__form">
                <select class="field" aria-label="Kind of word" onchange={kind}>{ for props.kinds.iter().map(option) }</select>
                <input
                    class="field field--code" value={props.word.clone()} oninput={typed} spellcheck="false"
                    aria-label="Word" size="24"
                />
            </div>
            if hex::parse(&props.word).is_none() {
                <p class="trouble">{ "Not a 64-bit number." }</p>
            } else if let Some(decoded) = &props.decoded {
                { show(decoded) }
            }
        </>
    }
}

fn show(decoded: &Decoded) -> Html {
    html! {
        <div class="decoded">
            <p class="decoded__meaning">{ &decoded.meaning }</p>
            <table class="decoded__fields">
                <thead>
                    <tr><th scope="col">{ "bits" }</th><th scope="col">{ "IBM" }</th><th scope="col">{ "field" }</th>
                        <th scope="col">{ "value" }</th><th scope="col">{ "meaning" }</th></tr>
                </thead>
                <tbody>{ for decoded.fields.iter().map(field) }</tbody>
            </table>
            <p class="quiet">{ "Next: " }{ &decoded.next }</p>
        </div>
    }
}

fn field(field: &Field) -> Html {
    html! {
        <tr class={classes!((!field.usual).then_some("decoded__unusual"))}>
            <td>{ &field.lsb }</td><td>{ &field.msb }</td><td>{ &field.name }</td>
            <td>{ &field.value }</td>
            <td>{ &field.meaning }if !field.usual { <b title="Linux never writes this">{ " △ unusual" }</b> }</td>
        </tr>
    }
}
