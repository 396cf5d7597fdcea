//! Three answers about an address side by side, and their verdict.

use s390_iommu_view::truths::{Gravity, Mark, Truths};
use yew::prelude::*;

use super::term::{term, to_step};
use crate::effects::Send;

/// A verdict as a badge: its sign says as much as its colour.
pub fn badge(mark: &Mark) -> Html {
    html! { <span class={classes!("badge", class(mark))} data-verdict={mark.name.clone()}>{ text(mark) }</span> }
}

/// The badge as a button that explains the verdict.
pub fn button(mark: &Mark, send: &Send) -> Html {
    term(classes!("badge", class(mark)), text(mark), &mark.name, send)
}

const fn class(mark: &Mark) -> &'static str {
    match mark.gravity {
        Gravity::Agrees => "badge--good",
        Gravity::Allowed => "badge--warn",
        Gravity::Wrong => "badge--error",
    }
}

fn text(mark: &Mark) -> String {
    let sign = match mark.gravity {
        Gravity::Agrees => "✓",
        Gravity::Allowed => "△",
        Gravity::Wrong => "≠",
    };
    format!("{sign} {}", mark.name)
}

/// The verdict with its three answers.
pub fn truths(view: &Truths, send: &Send) -> Html {
    let answer = |name: &'static str, asks: &'static str, says: &str| {
        html! { <div class="truths__one"><dt title={asks}>{ name }</dt><dd>{ says.to_owned() }</dd></div> }
    };
    let mark = &view.mark;
    html! {
        <div class={classes!("truths", format!("truths--{}", gravity(mark)))} role="group" aria-label={format!("Verdict: {}", mark.name)}>
            <p class="truths__verdict">
                { button(mark, send) }
                if !view.why.is_empty() { <span>{ &view.why }</span> }
                if let Some(step) = view.cause { { to_step(step, send) } }
            </p>
            <dl class="truths__three">
                { answer("intent", "What the history of calls says", &view.intent) }
                { answer("tables", "What a walk of memory says", &view.tables) }
                { answer("cache", "What the machine still holds", &view.cache) }
            </dl>
            if mark.gravity != Gravity::Agrees {
                <p class="truths__meaning">{ &view.meaning }{ " " }{ &view.look }</p>
            }
        </div>
    }
}

const fn gravity(mark: &Mark) -> &'static str {
    match mark.gravity {
        Gravity::Agrees => "agrees",
        Gravity::Allowed => "allowed",
        Gravity::Wrong => "wrong",
    }
}
