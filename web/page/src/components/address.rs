//! An address split into bits, as a figure.

use s390_iommu_view::hex::word;
use s390_iommu_view::walk::Part;
use yew::prelude::*;

/// The figure of an address.
pub fn split(iova: u64, parts: &[Part]) -> Html {
    let part = |part: &Part| {
        let (high, low) = part.range;
        let class = classes!(
            "split__part",
            format!("split__part--{}", part.name.to_lowercase()),
            (!part.used).then_some("split__part--unused")
        );
        html! {
            <div {class} style={format!("--bits:{}", part.bits.len())} title={format!("{}, bits {high} to {low}", part.title)}>
                <span class="split__range"><span>{ high }</span><span>{ low }</span></span>
                <span class="split__bits">{ &part.bits }</span>
                <span class="split__name">{ &part.name }</span>
                <span class="split__value">{ format!("{:#x}", part.value) }</span>
            </div>
        }
    };
    let spoken: Vec<String> = parts.iter().map(|part| format!("{} {:#x}", part.name, part.value)).collect();
    html! {
        <figure class="split" role="img" aria-label={format!("{} is {}", word(iova), spoken.join(", "))}>
            { for parts.iter().map(part) }
        </figure>
    }
}
