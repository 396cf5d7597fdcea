//! Where two kernels part.

use s390_iommu_view::run::{Comparison, Divergence};
use yew::prelude::*;

use super::panel::side;
use crate::effects::Send;
use crate::state::Action;

/// The banner of a comparison; nothing where only one kernel runs.
pub fn compare(comparison: &Comparison, send: &Send) -> Html {
    match comparison {
        Comparison::Single => Html::default(),
        Comparison::Same => html! {
            <div class="compare compare--same" role="status">
                <span aria-hidden="true">{ "= " }</span>{ "Seen from outside, both kernels do the same." }
            </div>
        },
        Comparison::Differs(found) => differs(found, send),
    }
}

fn differs(found: &Divergence, send: &Send) -> Html {
    let go = |step: u32, text: String| {
        let send = send.clone();
        html! { <button class="button button--small" onclick={move |_| send.emit(Action::Step(step))}>{ text }</button> }
    };
    let others = found.differing.iter().filter(|step| **step != found.step).take(8);
    html! {
        <div class="compare" role="status">
            <p class="compare__headline">
                <span aria-hidden="true">{ "≠ " }</span>{ &found.headline }
                { go(found.step, "Show".to_owned()) }
            </p>
            <dl class="compare__values">
                <dt>{ side(0) }</dt><dd>{ &found.left }</dd>
                <dt>{ side(1) }</dt><dd>{ &found.right }</dd>
            </dl>
            if found.differing.len() > 1 {
                <p class="compare__others">{ "Also different: " }{ for others.map(|step| go(*step, format!("step {step}"))) }</p>
            }
        </div>
    }
}
