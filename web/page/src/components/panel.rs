//! A part of the state pane that folds, with one column per kernel.

use yew::prelude::*;

/// A part that folds: its name in tests and styles, its heading, some words beside it, and its content.
pub fn panel(name: &'static str, title: &'static str, hint: &str, content: Html) -> Html {
    html! {
        <details class={classes!("panel", format!("panel--{name}"))} open=true data-panel={name}>
            <summary class="panel__head">
                <h3 class="panel__title">{ title }</h3>
                <span class="panel__hint">{ hint }</span>
            </summary>
            <div class="panel__body">{ content }</div>
        </details>
    }
}

/// Columns side by side, headed by kernel where there are two.
pub fn columns(names: &[String], columns: impl IntoIterator<Item = Html>) -> Html {
    let two = names.len() > 1;
    let column = |(index, content): (usize, Html)| {
        html! {
            <div class="columns__one">
                if two {
                    <div class="columns__name">
                        { side(index) }{ names.get(index).cloned().unwrap_or_default() }
                    </div>
                }
                { content }
            </div>
        }
    };
    html! {
        <div class={classes!("columns", two.then_some("columns--two"))}>
            { for columns.into_iter().enumerate().map(column) }
        </div>
    }
}

/// The mark of a column: A or B.
pub fn side(index: usize) -> Html {
    let (class, letter) = if index == 0 { ("side side--a", "A") } else { ("side side--b", "B") };
    html! { <span class={class}>{ letter }</span> }
}
