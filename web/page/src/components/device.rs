//! Reads or writes as the device would: a step that is added after the selected one.

use s390_iommu_view::hex::parse_size;
use s390_iommu_view::insert::NewStep;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::effects::Send;
use crate::state::Action;
use crate::verbs::{MOST_READ, MOST_WRITTEN};

/// What the [`Device`] needs.
#[derive(Properties, PartialEq)]
pub struct DeviceProps {
    /// The address.
    pub iova: u64,
    /// The function; none where a domain's tables are walked.
    pub function: Option<AttrValue>,
    /// It is to write.
    pub write: bool,
    /// What happened.
    pub send: Send,
}

/// The means to let a function read or write.
#[component]
pub fn Device(props: &DeviceProps) -> Html {
    let length = use_state(|| "8".to_owned());
    let typed = {
        let length = length.clone();
        move |event: InputEvent| length.set(event.target_unchecked_into::<HtmlInputElement>().value())
    };
    let most = if props.write { MOST_WRITTEN } else { MOST_READ };
    let size = parse_size(&length).filter(|size| (1..=most).contains(size));
    let step = props.function.as_ref().zip(size).map(|(function, size)| {
        let (iova, function) = (props.iova, function.to_string());
        if props.write {
            NewStep::Write { iova, size, function }
        } else {
            NewStep::Read { iova, size, function }
        }
    });
    let verb = if props.write { "Write" } else { "Read" };
    let label = match &props.function {
        Some(function) => format!("{verb} as {function}"),
        None => format!("{verb} as the device"),
    };
    let disabled = step.is_none();
    let send = props.send.clone();
    let onclick = move |_: MouseEvent| {
        if let Some(step) = &step {
            send.emit(Action::Add(step.clone()));
        }
    };
    html! {
        <div class="device">
            <label class="walk__label walk__label--short">
                { "length" }
                <input
                    class="field field--code" value={(*length).clone()} oninput={typed} size="7" spellcheck="false"
                    aria-invalid={size.is_none().to_string()}
                />
            </label>
            <button class="button" data-device="true" {disabled} {onclick}>{ label }</button>
            <span class="quiet device__hint">
                if props.function.is_none() {
                    { "Choose a function: domains do not access memory." }
                } else if size.is_none() {
                    { format!("1 to {most} bytes.") }
                } else {
                    { "Adds a step after the selected one." }
                }
            </span>
        </div>
    }
}
