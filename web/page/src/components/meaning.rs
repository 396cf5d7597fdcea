//! What a name or code means.

use s390_iommu_view::explain::Meaning;
use yew::prelude::*;

use super::sheet::Sheet;
use crate::effects::Send;

/// The sheet with every meaning of a name.
pub fn meanings(name: &str, found: &[Meaning], send: &Send) -> Html {
    html! {
        <Sheet title={name.to_owned()} send={send.clone()}>
            <div class="meanings">
                { for found.iter().map(one) }
                if found.is_empty() { <p class="quiet">{ "Nothing is known about this name." }</p> }
            </div>
        </Sheet>
    }
}

fn one(meaning: &Meaning) -> Html {
    html! {
        <section class="meaning">
            <h3 class="meaning__title">{ &meaning.title }<code class="quiet">{ &meaning.code }</code></h3>
            <p>{ &meaning.text }</p>
            if !meaning.look.is_empty() { <p>{ &meaning.look }</p> }
            if !meaning.source.is_empty() { <p class="quiet">{ "Source: " }{ &meaning.source }{ "." }</p> }
        </section>
    }
}
