//! Sums over all steps.

use yew::prelude::*;

use super::panel::side;
use crate::view::counters::Row;

/// The table of counters.
pub fn counters(rows: &[Row], names: &[String]) -> Html {
    let row = |row: &Row| {
        html! {
            <tr class={classes!(row.differs.then_some("counters__differs"))}>
                <th scope="row">{ row.name }</th>
                { for row.values.iter().map(|value| html! { <td>{ value }</td> }) }
                if names.len() > 1 { <td class="counters__mark">{ if row.differs { "≠" } else { "" } }</td> }
            </tr>
        }
    };
    html! {
        <table class="counters">
            if names.len() > 1 {
                <thead><tr>
                    <td></td>
                    { for names.iter().enumerate().map(|(index, name)| html! { <th scope="col">{ side(index) }{ name }</th> }) }
                    <td></td>
                </tr></thead>
            }
            <tbody>{ for rows.iter().map(row) }</tbody>
        </table>
    }
}
