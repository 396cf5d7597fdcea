//! Chooses the kernel of a column: by name, and patch by patch.

use s390_iommu::revision::Revision;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::panel::side;
use crate::effects::Send;
use crate::state::{Action, Side};
use crate::view::divergence::Verdict;
use crate::view::kernel::{Kernel, Switch};

/// What a [`kernel_bar`] shows.
pub struct KernelBarProps {
    /// The column.
    pub side: Side,
    /// Its kernel; none for B while nothing is compared.
    pub kernel: Option<Kernel>,
    /// The user chose it: otherwise it is the scenario's own.
    pub chosen: bool,
    /// Whether expectations held.
    pub verdict: Option<Verdict>,
    /// What happened.
    pub send: Send,
}

/// The choice of one kernel.
pub fn kernel_bar(props: &KernelBarProps) -> Html {
    let (side_now, name) = (props.side, if props.side == Side::Left { "A" } else { "B" });
    let onchange = props.send.reform(move |event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        Action::Kernel(side_now, value.parse::<Revision>().ok())
    });
    let none = if side_now == Side::Left { "scenario" } else { "compare with …" };
    let unset = props.kernel.is_none() || !props.chosen;
    let choice = |kernel: &Kernel| {
        kernel
            .choices
            .iter()
            .map(|choice| {
                let selected = choice.chosen && !unset;
                html! { <option value={choice.name.clone()} {selected}>{ &choice.label }</option> }
            })
            .collect::<Html>()
    };
    let own = match (&props.kernel, side_now) {
        (Some(kernel), Side::Left) => format!("{} ({none})", kernel.name),
        _ => none.to_owned(),
    };
    html! {
        <section class="kernel" aria-label={format!("Kernel {name}")} data-side={name}>
            <div class="kernel__row">
                { side(usize::from(side_now == Side::Right)) }
                <select class="field kernel__select" aria-label={format!("Kernel {name}")} {onchange}>
                    <option value="" selected={unset}>{ own }</option>
                    if let Some(kernel) = &props.kernel {
                        { choice(kernel) }
                    } else {
                        { choice(&crate::view::kernel::kernel(Revision::BASE)) }
                    }
                </select>
                if let Some(kernel) = &props.kernel {
                    <div class="kernel__patches" role="group" aria-label={format!("Patches of {name}")}>
                        { for kernel.switches.iter().map(|switch| toggle(switch, kernel.revision, props)) }
                    </div>
                }
                if let Some(verdict) = &props.verdict {
                    <span class={classes!("verdict", if verdict.held { "verdict--held" } else { "verdict--failed" })}>
                        <span aria-hidden="true">{ if verdict.held { "✓ " } else { "✕ " } }</span>{ &verdict.text }
                    </span>
                }
            </div>
            if let Some(kernel) = props.kernel.as_ref().filter(|kernel| !kernel.unmet.is_empty()) {
                <p class="kernel__note">
                    <span aria-hidden="true">{ "△ " }</span>{ "What if: " }{ kernel.unmet.join("; ") }{ "." }
                </p>
            }
        </section>
    }
}

fn toggle(switch: &Switch, revision: Revision, props: &KernelBarProps) -> Html {
    let (send, side, id) = (props.send.clone(), props.side, switch.id);
    let onclick = move |_| send.emit(Action::Toggle(side, id, revision));
    html! {
        <button
            class="patch" aria-pressed={switch.on.to_string()} title={switch.tip.clone()} {onclick}
            aria-label={format!("{id}: {}", id.patch().title)} data-patch={id.name()}
        >
            <span class="patch__mark" aria-hidden="true">{ if switch.on { "●" } else { "○" } }</span>{ id.name() }
        </button>
    }
}
