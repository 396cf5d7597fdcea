//! Sums over all steps.

use s390_iommu_view::run::Counter;
use yew::prelude::*;

use super::panel::side;

/// The table of counters.
pub fn counters(rows: &[Counter], names: &[String]) -> Html {
    let row = |row: &Counter| {
        html! {
            <tr class={classes!(row.differs.then_some("counters__differs"))}>
                <th scope="row">{ &row.name }</th>
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
