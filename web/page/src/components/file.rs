//! A dropped file: what memory it has, and the tables in it.

use s390_iommu_view::file::{Dump, Tables};
use s390_iommu_view::hex::hex;
use s390_iommu_view::scene::Tree;
use s390_iommu_view::text::Problem;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::address::split;
use super::lint::lint;
use super::term::term;
use super::tree::Trees;
use super::walk;
use crate::answers::FileAnswers;
use crate::dropped::{Change, Dropped, number};
use crate::effects::Send;
use crate::state::Action;

/// What the [`file()`] panel shows.
pub struct FileProps<'a> {
    /// The file.
    pub file: &'a Dropped,
    /// What the worker said about it.
    pub answers: &'a FileAnswers,
    /// What happened.
    pub send: Send,
}

/// The content of the panel.
pub fn file(props: &FileProps) -> Html {
    let FileProps { file, answers, send } = props;
    let close = send.reform(|_: MouseEvent| Action::CloseFile);
    let known = answers.dump.as_ref().filter(|(asked, _)| asked.file == file.number);
    html! {
        <div class="file">
            <div class="file__form">
                { typed("base address", "raw memory only", &file.base, Change::Base, send) }
                { typed("anchor (IOTA)", "0x…804", &file.iota, Change::Iota, send) }
                <button class="button button--small" onclick={close}>{ "Close the file" }</button>
            </div>
            if file.question().is_none() {
                <p class="trouble">{ "Not a number: type an address such as 0x2cf_c804." }</p>
            }
            {
                match known.map(|(_, dump)| &**dump) {
                    None => html! { <p class="quiet" role="status">{ "Reading …" }</p> },
                    Some(Err(problem)) => trouble(problem, send),
                    Some(Ok(dump)) => show(dump, props),
                }
            }
        </div>
    }
}

fn typed(
    label: &'static str,
    hint: &'static str,
    value: &str,
    change: fn(String) -> Change,
    send: &Send,
) -> Html {
    let oninput = send.reform(move |event: InputEvent| {
        Action::File(change(event.target_unchecked_into::<HtmlInputElement>().value()))
    });
    let invalid = number(value).is_none();
    html! {
        <label class="add__field">
            { label }
            <input
                class="field field--code" value={value.to_owned()} {oninput} placeholder={hint} size="18" spellcheck="false"
                aria-invalid={invalid.to_string()}
            />
        </label>
    }
}

/// What is wrong, and what to do about it.
fn trouble(problem: &Problem, send: &Send) -> Html {
    html! {
        <div class="trouble" role="alert" data-problem={problem.code.clone()}>
            { term("", problem.code.clone(), &problem.code, send) }{ ": " }{ &problem.message }
            if let Some(help) = &problem.help { <p class="file__help">{ help }</p> }
        </div>
    }
}

fn show(dump: &Dump, props: &FileProps) -> Html {
    let FileProps { file, answers, send } = props;
    let anchor = |iota: &u64| {
        let (send, text) = (send.clone(), hex(*iota));
        let chosen = number(&file.iota) == Some(Some(*iota));
        let action = Action::File(Change::Iota(text.clone()));
        html! {
            <button class="button button--small" aria-pressed={chosen.to_string()} data-anchor={text.clone()} onclick={move |_| send.emit(action.clone())}>
                { text }
            </button>
        }
    };
    let linted = answers.lint.as_ref().filter(|(asked, _)| Some(asked) == file.lint().as_ref());
    html! {
        <>
            <dl class="facts">
                <dt>{ "format" }</dt><dd>{ &dump.format }</dd>
                <dt>{ "memory" }</dt><dd>{ &dump.memory }</dd>
                if !dump.anchors.is_empty() {
                    <dt>{ "roots found" }</dt>
                    <dd class="file__anchors">
                        { for dump.anchors.iter().map(anchor) }
                        <span class="quiet">{ "tables that no other one leads to" }</span>
                    </dd>
                }
            </dl>
            {
                match &dump.tables {
                    None => html! { <p class="quiet">{ "Type the anchor of a function to see its tables." }</p> },
                    Some(Err(problem)) => trouble(problem, send),
                    Some(Ok(tables)) => html! {
                        <>
                            if let Some((_, found)) = linted {
                                { match &**found { Ok(found) => lint(found, send), Err(problem) => trouble(problem, send) } }
                            }
                            { browse(tables, file, send) }
                        </>
                    },
                }
            }
        </>
    }
}

/// The walk and the tree.
fn browse(tables: &Tables, file: &Dropped, send: &Send) -> Html {
    let text = if file.iova.is_empty() { hex(tables.iova) } else { file.iova.clone() };
    let iova = send.reform(|event: InputEvent| {
        Action::File(Change::Iova(event.target_unchecked_into::<HtmlInputElement>().value()))
    });
    let access = send.reform(|event: Event| {
        Action::File(Change::Write(event.target_unchecked_into::<HtmlSelectElement>().value() == "write"))
    });
    let tree = Tree {
        domain: "tables".to_owned(),
        root: tables.anchor.clone(),
        freed: false,
        rows: tables.rows.clone(),
        cut: tables.cut,
    };
    html! {
        <>
            <div class="walk__form file__walk">
                <label class="walk__label">
                    { "IOVA" }
                    <input class="field field--code" value={text} oninput={iova} spellcheck="false" size="24" />
                </label>
                <select class="field" aria-label="Access in the file" onchange={access}>
                    <option value="read" selected={!file.write}>{ "read" }</option>
                    <option value="write" selected={file.write}>{ "write" }</option>
                </select>
            </div>
            { split(tables.iova, &tables.parts) }
            { walk::show(&tables.walk, send) }
            <Trees trees={vec![tree]} send={send.clone()} />
        </>
    }
}
