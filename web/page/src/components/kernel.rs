//! Chooses the kernel of a column: by name, and patch by patch.

use std::rc::Rc;

use s390_iommu_view::kernel::{Choice, Switch};
use s390_iommu_view::run::Column;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::panel::side;
use crate::effects::Send;
use crate::state::{Action, Side};

/// What a [`kernel_bar`] shows.
pub struct KernelBarProps<'a> {
    /// The column.
    pub side: Side,
    /// Every kernel that has a name; none before the page is open.
    pub kernels: Rc<Vec<Choice>>,
    /// The kernel that the user chose; none for the scenario's own, or for no comparison.
    pub chosen: Option<String>,
    /// What is shown of it.
    pub column: Option<&'a Column>,
    /// What happened.
    pub send: Send,
}

/// The choice of one kernel.
pub fn kernel_bar(props: &KernelBarProps) -> Html {
    let (side_now, name) = (props.side, if props.side == Side::Left { "A" } else { "B" });
    let onchange = props.send.reform(move |event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        Action::Kernel(side_now, Some(value).filter(|value| !value.is_empty()))
    });
    let chosen = props.chosen.as_deref();
    let option = |name: &str, label: &str| {
        html! { <option value={name.to_owned()} selected={chosen == Some(name)}>{ label }</option> }
    };
    // A set of patches that is no step of the series has no name of its own in the list.
    let unnamed = chosen.filter(|chosen| props.kernels.iter().all(|choice| choice.name != *chosen));
    let none = match (props.column, side_now) {
        (_, Side::Right) => "compare with …".to_owned(),
        (Some(column), Side::Left) if chosen.is_none() => format!("{} (scenario)", column.kernel.name),
        (_, Side::Left) => "scenario".to_owned(),
    };
    html! {
        <section class="kernel" aria-label={format!("Kernel {name}")} data-side={name}>
            <div class="kernel__row">
                { side(usize::from(side_now == Side::Right)) }
                <select
                    class="field kernel__select" aria-label={format!("Kernel {name}")} {onchange}
                    disabled={props.kernels.is_empty()}
                >
                    <option value="" selected={chosen.is_none()}>{ none }</option>
                    { for props.kernels.iter().map(|choice| option(&choice.name, &choice.label)) }
                    { for unnamed.map(|name| option(name, name)) }
                </select>
                if let Some(column) = props.column {
                    if !column.kernel.switches.is_empty() {
                        <div class="kernel__patches" role="group" aria-label={format!("Patches of {name}")}>
                            { for column.kernel.switches.iter().map(|switch| toggle(switch, props)) }
                        </div>
                    }
                    <span class={classes!("verdict", if column.verdict.held { "verdict--held" } else { "verdict--failed" })}>
                        <span aria-hidden="true">{ if column.verdict.held { "✓ " } else { "✕ " } }</span>{ &column.verdict.text }
                    </span>
                }
            </div>
            if let Some(unmet) = props.column.map(|column| &column.kernel.unmet).filter(|unmet| !unmet.is_empty()) {
                <p class="kernel__note">
                    <span aria-hidden="true">{ "△ " }</span>{ "What if: " }{ unmet.join("; ") }{ "." }
                </p>
            }
        </section>
    }
}

fn toggle(switch: &Switch, props: &KernelBarProps) -> Html {
    let (send, side, kernel) = (props.send.clone(), props.side, switch.toggled.clone());
    let onclick = move |_| send.emit(Action::Kernel(side, Some(kernel.clone())));
    html! {
        <button
            class="patch" aria-pressed={switch.on.to_string()} title={switch.tip.clone()} {onclick}
            aria-label={format!("{}: {}", switch.name, switch.title)} data-patch={switch.name.clone()}
        >
            <span class="patch__mark" aria-hidden="true">{ if switch.on { "●" } else { "○" } }</span>{ &switch.name }
        </button>
    }
}
