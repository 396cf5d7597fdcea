//! Explains any word.

use s390_iommu::table::{Decoded, Field, WordKind, decode};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::effects::Send;
use crate::state::Action;
use crate::view::hex;

/// What the [`decoder`] shows.
pub struct DecoderProps {
    /// What the word is taken for.
    pub kind: WordKind,
    /// The word, as typed.
    pub word: String,
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
        Action::Kind(name.parse().unwrap_or(WordKind::Page))
    });
    let option = |kind: WordKind| {
        html! { <option value={kind.name()} selected={kind == props.kind}>{ kind.name() }</option> }
    };
    html! {
        <>
            <div class="walk__form">
                <select class="field" aria-label="Kind of word" onchange={kind}>{ for WordKind::ALL.into_iter().map(option) }</select>
                <input
                    class="field field--code" value={props.word.clone()} oninput={typed} spellcheck="false"
                    aria-label="Word" size="24"
                />
            </div>
            if let Some(word) = hex::parse(&props.word) {
                { show(&decode(props.kind, word)) }
            } else {
                <p class="trouble">{ "Not a 64-bit number." }</p>
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
    let bits = |(first, last): (u8, u8)| {
        if first == last { first.to_string() } else { format!("{first}–{last}") }
    };
    html! {
        <tr class={classes!((!field.usual).then_some("decoded__unusual"))}>
            <td>{ bits(field.lsb) }</td><td>{ bits(field.msb) }</td><td>{ field.name }</td>
            <td>{ hex::hex(field.value) }</td>
            <td>{ &field.meaning }if !field.usual { <b title="Linux never writes this">{ " △ unusual" }</b> }</td>
        </tr>
    }
}
