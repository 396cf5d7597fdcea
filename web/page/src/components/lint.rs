//! What a lint found in the tables of a file.

use s390_iommu_view::file::{Finding, Lint};
use yew::prelude::*;

use super::term::term;
use crate::dropped::Change;
use crate::effects::Send;
use crate::state::Action;

/// The findings.
pub fn lint(view: &Lint, send: &Send) -> Html {
    let class = if view.clean { "lint lint--clean" } else { "lint" };
    let sign = if view.clean { "✓ " } else { "✕ " };
    html! {
        <section {class} aria-label="What is wrong with the tables" data-lint={view.clean.to_string()}>
            <p class="lint__verdict"><span aria-hidden="true">{ sign }</span><b>{ &view.verdict }</b><span>{ &view.counts }</span></p>
            <ul class="lint__list">{ for view.findings.iter().map(|found| finding(found, send)) }</ul>
            if view.more > 0 { <p class="quiet">{ format!("… and {} more", view.more) }</p> }
        </section>
    }
}

fn finding(found: &Finding, send: &Send) -> Html {
    let (walk, iova) = (send.clone(), found.iova.clone());
    let class = if found.note { "badge badge--quiet" } else { "badge badge--error" };
    let onclick = move |_| walk.emit(Action::File(Change::Iova(iova.clone())));
    html! {
        <li class="lint__one">
            { term(class, found.code.clone(), &found.code, send) }
            <button class="entry__word" title="Walk this address" {onclick}>{ &found.iova }</button>
            <span>{ &found.message }</span>
            <code class="quiet">{ &found.entry }</code>
        </li>
    }
}
