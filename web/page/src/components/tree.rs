//! Translation tables as a tree that folds.

use std::collections::BTreeSet;

use s390_iommu_view::scene::{TableRow, Tree};
use yew::prelude::*;

use crate::effects::Send;
use crate::state::Action;

/// What [`Trees`] shows.
#[derive(Properties, PartialEq)]
pub struct TreesProps {
    /// The domains' tables.
    pub trees: Vec<Tree>,
    /// What happened.
    pub send: Send,
}

/// The tables of every domain of one system.
#[component]
pub fn Trees(props: &TreesProps) -> Html {
    let folded = use_state(BTreeSet::<u64>::new);
    let fold = {
        let folded = folded.clone();
        Callback::from(move |key: u64| {
            let mut keys = (*folded).clone();
            if !keys.remove(&key) {
                keys.insert(key);
            }
            folded.set(keys);
        })
    };
    html! { <div class="trees">{ for props.trees.iter().map(|tree| show(tree, &folded, &fold, &props.send)) }</div> }
}

fn show(tree: &Tree, folded: &BTreeSet<u64>, fold: &Callback<u64>, send: &Send) -> Html {
    let mut hidden_below = usize::MAX;
    let rows = tree.rows.iter().filter(move |row| {
        if row.depth > hidden_below {
            return false;
        }
        hidden_below = if folded.contains(&row.key) { row.depth } else { usize::MAX };
        true
    });
    html! {
        <section class="tree">
            <h4 class="tree__name">
                { &tree.domain }<code class="quiet">{ &tree.root }</code>
                if tree.freed { <span class="badge badge--quiet">{ "freed" }</span> }
            </h4>
            <ul class="tree__rows">
                { for rows.map(|row| one(row, folded.contains(&row.key), fold, send)) }
                if tree.rows.is_empty() && !tree.freed { <li class="quiet">{ "No valid entry." }</li> }
                if tree.cut { <li class="quiet">{ "… more entries, not shown here." }</li> }
            </ul>
        </section>
    }
}

fn one(row: &TableRow, folded: bool, fold: &Callback<u64>, send: &Send) -> Html {
    let (fold, key) = (fold.clone(), row.key);
    let (send, kind, word) = (send.clone(), row.kind.clone(), row.word);
    html! {
        <li class={classes!("entry", row.changed.then_some("entry--changed"))} style={format!("--depth:{}", row.depth)}>
            if row.parent {
                <button
                    class="entry__fold" aria-expanded={(!folded).to_string()} aria-label={format!("Fold {}", row.place)}
                    onclick={move |_| fold.emit(key)}
                >
                    { if folded { "▸" } else { "▾" } }
                </button>
            } else {
                <span class="entry__fold" aria-hidden="true">{ "·" }</span>
            }
            <span class="entry__place">{ &row.place }</span>
            <button class="entry__word" title="Decode this word" onclick={move |_| send.emit(Action::Decode(kind.clone(), word))}>
                { &row.text }
            </button>
            <span class="entry__meaning">
                { &row.meaning }
                if row.changed { <span class="changed">{ "● changed" }</span> }
            </span>
        </li>
    }
}
