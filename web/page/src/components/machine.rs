//! Registers of functions, decoded.

use s390_iommu_view::machine::{Machine, Register};
use yew::prelude::*;

use super::term::term;
use super::topology::changed;
use crate::effects::Send;
use crate::state::Action;

/// The registers of every function.
pub fn registers(machines: &[Machine], send: &Send) -> Html {
    html! { <div class="machines">{ for machines.iter().map(|machine| one(machine, send)) }</div> }
}

fn one(machine: &Machine, send: &Send) -> Html {
    let class = if machine.state == "enabled" { "badge--good" } else { "badge--stop" };
    html! {
        <article class="machine" data-registers={machine.function.clone()}>
            <h4 class="machine__name">
                <span class="thing__kind">{ "function" }</span>{ &machine.function }
                <span class={classes!("badge", class)}>{ &machine.state }</span>
            </h4>
            <table class="registers" aria-label={format!("Registers of {}", machine.function)}>
                <tbody>{ for machine.registers.iter().map(|row| register(row, send)) }</tbody>
            </table>
        </article>
    }
}

fn register(row: &Register, send: &Send) -> Html {
    let value = match (&row.word, &row.term) {
        (Some((kind, word)), _) => {
            let (send, kind, word) = (send.clone(), kind.clone(), *word);
            html! {
                <button class="entry__word" title="Decode this word" onclick={move |_| send.emit(Action::Decode(kind.clone(), word))}>
                    { &row.value }
                </button>
            }
        }
        (None, Some(name)) => term("", row.value.clone(), name, send),
        (None, None) => html! { &row.value },
    };
    html! {
        <tr class={classes!(row.changed.then_some("registers__changed"))} data-register={row.name.clone()}>
            <th scope="row">{ &row.name }</th>
            <td class="registers__value">{ value }</td>
            <td>{ &row.meaning }{ changed(row.changed) }</td>
        </tr>
    }
}
