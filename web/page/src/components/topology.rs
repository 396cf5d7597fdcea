//! Domains and functions.

use s390_iommu_view::scene::{Domain, Function, Mapping, Topology};
use yew::prelude::*;

/// One system's domains and functions.
pub fn topology(view: &Topology) -> Html {
    html! {
        <div class="topology">
            <div class="topology__list">{ for view.functions.iter().map(function) }</div>
            <div class="topology__list">{ for view.domains.iter().map(domain) }</div>
        </div>
    }
}

/// The mark of what the selected step changed.
pub fn changed(changed: bool) -> Html {
    if changed {
        html! { <span class="changed" title="Changed in this step">{ "● changed" }</span> }
    } else {
        Html::default()
    }
}

fn function(view: &Function) -> Html {
    let wrong = !view.trouble.is_empty();
    html! {
        <article class={classes!("thing", wrong.then_some("thing--wrong"))} data-function={view.name.clone()}>
            <h4 class="thing__name">
                <span class="thing__kind">{ "function" }</span>{ &view.name }
                if let Some(state) = &view.state { <span class="badge badge--stop">{ state }</span> }
                { changed(view.changed) }
            </h4>
            <dl class="facts">
                <dt>{ "range" }</dt><dd>{ &view.range }</dd>
                <dt>{ "domain" }</dt><dd>{ &view.domain }</dd>
                <dt>{ "driver’s table" }</dt><dd>{ &view.believed }</dd>
                <dt>{ "registered" }</dt><dd>{ &view.registered }</dd>
                if let Some(group) = &view.group { <dt>{ "group" }</dt><dd>{ group }</dd> }
            </dl>
            { for view.trouble.iter().map(|text| html! { <p class="trouble"><span aria-hidden="true">{ "✕ " }</span>{ text }</p> }) }
        </article>
    }
}

fn domain(view: &Domain) -> Html {
    let devices = match (view.devices.is_empty(), view.broken) {
        (true, _) => html! { <span class="quiet">{ "none" }</span> },
        (false, _) => view.devices.iter().map(|name| html! { <span class="chip">{ name }</span> }).collect(),
    };
    html! {
        <article class={classes!("thing", "thing--domain", view.freed.then_some("thing--freed"))} data-domain={view.name.clone()}>
            <h4 class="thing__name">
                <span class="thing__kind">{ "domain" }</span>{ &view.name }
                if view.freed { <span class="badge badge--quiet">{ "freed" }</span> }
                { changed(view.changed) }
            </h4>
            <dl class="facts">
                <dt>{ "aperture" }</dt><dd>{ &view.aperture }</dd>
                <dt>{ "devices" }</dt><dd>{ devices }</dd>
                if !view.freed { <dt>{ "tables" }</dt><dd>{ &view.tables }</dd> }
                if !view.counters.is_empty() { <dt>{ "counters" }</dt><dd>{ &view.counters }</dd> }
            </dl>
            if view.broken {
                <p class="trouble"><span aria-hidden="true">{ "✕ " }</span>{ "the device list never leads back to its head" }</p>
            }
            { maps(&view.maps, view.more) }
        </article>
    }
}

/// Mappings, and how many more there are.
pub fn maps(maps: &[Mapping], more: usize) -> Html {
    html! {
        <ul class="maps">
            { for maps.iter().map(|map| html! {
                <li><code>{ &map.text }</code><span class="maps__size">{ &map.extent }</span></li>
            }) }
            if more > 0 { <li class="quiet">{ format!("… and {more} more") }</li> }
        </ul>
    }
}
