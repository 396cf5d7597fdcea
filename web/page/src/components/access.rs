//! What came of a device's read or write.

use s390_iommu_view::truths::Access;
use yew::prelude::*;

use super::term::term;
use super::truths::truths;
use crate::effects::Send;

/// An access of the selected step.
pub fn access(view: &Access, send: &Send) -> Html {
    html! {
        <div class="access" data-access="true">
            <p class="access__came">
                { &view.came }
                if let Some(fault) = &view.fault { { ", then " }{ term("", fault.clone(), fault, send) } }
            </p>
            if let Some(event) = &view.event { <p class="access__event">{ event }</p> }
            if !view.bytes.is_empty() { <code class="access__bytes">{ &view.bytes }</code> }
            if let Some(view) = &view.truths { { truths(view, send) } }
        </div>
    }
}
