//! The text of the scenario, with errors marked where they are.

use std::rc::Rc;

use s390_iommu_view::text::Problem;
use web_sys::{HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::effects::Send;
use crate::ink::{Piece, line_count, pieces, utf16};
use crate::state::Action;

/// Height of a line in pixels, as the style sheet has it.
const LINE: i32 = 20;

/// What the [`Editor`] shows.
#[derive(Properties, PartialEq)]
pub struct EditorProps {
    /// The text.
    pub text: Rc<str>,
    /// It can be edited: before the page is open there is no text.
    pub open: bool,
    /// What is wrong with it.
    pub problems: Rc<Vec<Problem>>,
    /// The line of the selected step, or 0.
    pub line: u32,
    /// What happened.
    pub send: Send,
}

/// The editor.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let (field, scroll) = (use_node_ref(), use_node_ref());
    follow(&scroll, props.line);
    let edit = props.send.reform(|event: InputEvent| {
        Action::Edit(event.target_unchecked_into::<HtmlTextAreaElement>().value())
    });
    let keys = {
        let send = props.send.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                event.prevent_default();
                send.emit(Action::Run);
            } else if event.key() == "Escape" {
                let _ = event.target_unchecked_into::<HtmlElement>().blur();
            }
        }
    };
    let jump = {
        let (field, scroll, text) = (field.clone(), scroll.clone(), props.text.clone());
        Callback::from(move |problem: Problem| {
            let (Some(field), Some(scroll)) =
                (field.cast::<HtmlTextAreaElement>(), scroll.cast::<HtmlElement>())
            else {
                return;
            };
            let _ = field.focus();
            let _ = field.set_selection_range(utf16(&text, problem.start), utf16(&text, problem.end));
            scroll.set_scroll_top((problem.line.cast_signed() - 4) * LINE);
        })
    };
    let numbers = (1..=line_count(&props.text)).map(|number| {
        let wrong = props.problems.iter().any(|problem| problem.line as usize == number);
        let class = classes!("editor__number", wrong.then_some("editor__number--wrong"));
        html! { <span {class}>{ number }</span> }
    });
    html! {
        <div class="editor">
            <div class="editor__scroll" ref={scroll}>
                <div class="editor__numbers" aria-hidden="true">{ for numbers }</div>
                <div class="editor__stack">
                    if props.line > 0 {
                        <div class="editor__current" style={format!("top:{}px", (props.line.cast_signed() - 1) * LINE + 8)}></div>
                    }
                    <pre class="editor__ink" aria-hidden="true">{ for pieces(&props.text, &props.problems).iter().map(ink) }{ "\n" }</pre>
                    <textarea
                        ref={field} class="editor__text" value={props.text.to_string()} oninput={edit} onkeydown={keys}
                        readonly={!props.open} spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off"
                        aria-label="Scenario" aria-invalid={(!props.problems.is_empty()).to_string()}
                        aria-describedby="problems"
                    />
                </div>
            </div>
            <ul class="problems" id="problems" aria-live="polite">
                { for props.problems.iter().map(|problem| message(problem, &jump)) }
            </ul>
        </div>
    }
}

fn ink(piece: &Piece) -> Html {
    html! { <span class={piece.ink.class()}>{ &piece.text }</span> }
}

fn message(problem: &Problem, jump: &Callback<Problem>) -> Html {
    let (jump, copy) = (jump.clone(), problem.clone());
    html! {
        <li>
            <button class="problems__one" onclick={move |_| jump.emit(copy.clone())}>
                <span class="problems__mark" aria-hidden="true">{ "✕" }</span>
                <span class="problems__place">{ format!("{}:{}", problem.line, problem.column) }</span>
                <span class="problems__message">
                    { &problem.message }
                    if let Some(help) = &problem.help { <span class="problems__help">{ help }</span> }
                </span>
                <code class="problems__code">{ &problem.code }</code>
            </button>
        </li>
    }
}

/// Keeps the line of the selected step in sight.
fn follow(scroll: &NodeRef, line: u32) {
    if let Some(scroll) = scroll.cast::<HtmlElement>()
        && line > 0
        && scroll.get_attribute("data-line").as_deref() != Some(&line.to_string())
    {
        let _ = scroll.set_attribute("data-line", &line.to_string());
        let (at, room) = ((line.cast_signed() - 1) * LINE, scroll.client_height());
        if at < scroll.scroll_top() || at + 2 * LINE > scroll.scroll_top() + room {
            scroll.set_scroll_top(at - room / 2);
        }
    }
}
