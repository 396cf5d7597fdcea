//! A part of the state pane that folds, with one column per kernel.

use yew::prelude::*;

/// What a [`Panel`] shows.
#[derive(Properties, PartialEq)]
pub struct PanelProps {
    /// Its heading.
    pub title: AttrValue,
    /// Some words beside the heading.
    #[prop_or_default]
    pub hint: AttrValue,
    /// Its name in tests and styles.
    pub name: AttrValue,
    /// Its content.
    pub children: Html,
}

/// A part that folds.
#[component]
pub fn Panel(props: &PanelProps) -> Html {
    html! {
        <details class={classes!("panel", format!("panel--{}", props.name))} open=true data-panel={props.name.clone()}>
            <summary class="panel__head">
                <h3 class="panel__title">{ &props.title }</h3>
                <span class="panel__hint">{ &props.hint }</span>
            </summary>
            <div class="panel__body">{ props.children.clone() }</div>
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
