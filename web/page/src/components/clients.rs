//! What user space has open.

use s390_iommu_view::client::Client;
use yew::prelude::*;

use super::topology::{changed, maps};

/// The clients of one system.
pub fn clients(clients: &[Client]) -> Html {
    html! {
        <div class="topology">
            <div class="topology__list">{ for clients.iter().map(one) }</div>
            if clients.is_empty() { <p class="quiet">{ "Nothing is open here." }</p> }
        </div>
    }
}

fn one(client: &Client) -> Html {
    html! {
        <article class="thing thing--client" data-client={client.name.clone()}>
            <h4 class="thing__name">
                <span class="thing__kind">{ &client.kind }</span>{ &client.name }{ changed(client.changed) }
            </h4>
            <dl class="facts">
                { for client.facts.iter().map(|(name, value)| html! { <><dt>{ name }</dt><dd>{ value }</dd></> }) }
            </dl>
            { maps(&client.maps, client.more) }
        </article>
    }
}
