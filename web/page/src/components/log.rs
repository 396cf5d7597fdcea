//! The kernel log.

use s390_iommu_view::run::LogLine;
use yew::prelude::*;

use super::term::term;
use crate::effects::Send;

/// The log of one system up to a step.
pub fn log(lines: &[LogLine], step: u32, send: &Send) -> Html {
    let lines: Vec<&LogLine> = lines.iter().take_while(|line| line.step <= step).collect();
    if lines.is_empty() {
        return html! { <p class="quiet">{ "Nothing logged up to this step." }</p> };
    }
    let line = |line: &&LogLine| {
        let class = classes!("log__line", line.crash.then_some("log__line--crash"));
        let word = if line.crash { "STOP" } else { "WARNING" };
        html! {
            <li {class}>
                <span class="log__time">{ format!("[{:>3}]", line.step) }</span>
                <span><b>{ word }{ ": " }{ term("", line.label.clone(), &line.label, send) }</b><span class="log__meaning">{ &line.meaning }</span></span>
            </li>
        }
    };
    html! { <ol class="log">{ for lines.iter().map(line) }</ol> }
}
