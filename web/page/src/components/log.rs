//! The kernel log.

use yew::prelude::*;

use crate::view::log::Line;

/// The log of one system.
pub fn log(lines: &[Line]) -> Html {
    if lines.is_empty() {
        return html! { <p class="quiet">{ "Nothing logged up to this step." }</p> };
    }
    let line = |line: &Line| {
        let class = classes!("log__line", line.crash.then_some("log__line--crash"));
        let word = if line.crash { "STOP" } else { "WARNING" };
        html! {
            <li {class}>
                <span class="log__time">{ format!("[{:>3}]", line.step) }</span>
                <span><b>{ word }{ ": " }{ &line.label }</b><span class="log__meaning">{ line.meaning }</span></span>
            </li>
        }
    };
    html! { <ol class="log">{ for lines.iter().map(line) }</ol> }
}
