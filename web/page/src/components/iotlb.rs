//! What the machine has cached of functions, with what is stale about it.

use s390_iommu_view::insert::NewStep;
use s390_iommu_view::machine::{Cached, Machine, Stale};
use s390_iommu_view::truths::Gravity;
use yew::prelude::*;

use super::term::to_step;
use super::truths::button;
use crate::effects::Send;
use crate::state::Action;

/// The cached entries of every function.
pub fn iotlb(machines: &[Machine], send: &Send) -> Html {
    html! { <div class="machines">{ for machines.iter().map(|machine| one(machine, send)) }</div> }
}

fn one(machine: &Machine, send: &Send) -> Html {
    let wrong = |stale: &&Stale| stale.mark.gravity == Gravity::Wrong;
    let stale: Vec<&Stale> = machine.cached.iter().filter_map(|entry| entry.stale.as_ref()).collect();
    let (count, bad) = (stale.len(), stale.iter().any(wrong));
    html! {
        <article class="machine" data-iotlb={machine.function.clone()}>
            <h4 class="machine__name">
                <span class="thing__kind">{ "function" }</span>{ &machine.function }
                <span class="quiet">{ pages(machine.pages) }</span>
                if bad {
                    <span class="badge badge--error">{ format!("≠ {count} stale") }</span>
                } else if count > 0 {
                    <span class="badge badge--warn">{ format!("△ {count} stale") }</span>
                }
            </h4>
            <ul class="cached">{ for machine.cached.iter().map(|cached| entry(cached, &machine.function, send)) }</ul>
            if machine.cut { <p class="quiet">{ "… more entries, not shown here." }</p> }
        </article>
    }
}

fn pages(pages: u64) -> String {
    match pages {
        0 => "nothing cached".to_owned(),
        1 => "1 page cached".to_owned(),
        pages => format!("{pages} pages cached"),
    }
}

fn entry(entry: &Cached, function: &str, send: &Send) -> Html {
    let (walk, iova, who) = (send.clone(), entry.iova, function.to_owned());
    let onclick = move |_| {
        walk.emit(Action::Walker(who.clone()));
        walk.emit(Action::Iova(s390_iommu_view::hex::hex(iova)));
    };
    let mark = entry.stale.as_ref().map(|stale| match stale.mark.gravity {
        Gravity::Wrong => "cached__one--stale",
        Gravity::Allowed | Gravity::Agrees => "cached__one--stale cached__one--allowed",
    });
    html! {
        <li class={classes!("cached__one", mark)} data-stale={entry.stale.is_some().to_string()}>
            <div class="cached__line">
                <button class="entry__word" title="Walk this address" {onclick}>{ &entry.place }</button>
                <code>{ "→ " }{ &entry.frame }</code>
                <span class="cached__extent">{ &entry.extent }</span>
                <span class="chip">{ &entry.rights }</span>
                if entry.new { <span class="changed">{ "● new" }</span> }
            </div>
            if let Some(stale) = &entry.stale { { why(stale, function, send) } }
        </li>
    }
}

/// Why it is stale, and what would put it right.
fn why(stale: &Stale, function: &str, send: &Send) -> Html {
    let (iova, size) = stale.refresh;
    let step = NewStep::Refresh { iova, size, function: function.to_owned() };
    let refresh = send.reform(move |_: MouseEvent| Action::Add(step.clone()));
    html! {
        <>
            <p class="cached__why">
                { button(&stale.mark, send) }
                <span>{ &stale.why }</span>
                if let Some(step) = stale.cause { { to_step(step, send) } }
            </p>
            <p class="cached__cure">
                <span>{ "Put right by " }{ &stale.cure }{ "." }</span>
                <button class="button button--small" onclick={refresh}>{ "Add the refresh" }</button>
            </p>
        </>
    }
}
