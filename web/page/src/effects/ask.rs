//! What follows from the state is asked of the worker, whenever that part of the state changes.

use std::cell::Cell;
use std::rc::Rc;

use s390_iommu_view::file::{Dump, Question};
use s390_iommu_view::hex;
use s390_iommu_view::protocol::{Reply, Request};
use s390_iommu_view::text::Problem;
use yew::prelude::*;

use super::{Send, copy_link, hash, show_link};
use crate::answers::{Answers, Told};
use crate::client::Client;
use crate::dropped::{Change, Dropped};
use crate::state::{Action, State};

/// The line to the worker. Answers go where they belong: to the state, to the address bar, or to the other answers.
#[hook]
pub fn use_client(answers: &UseReducerHandle<Answers>, copying: &Rc<Cell<bool>>, send: &Send) -> Client {
    let (dispatcher, copying, send) = (answers.dispatcher(), copying.clone(), send.clone());
    let client = use_memo((), move |()| {
        let tell = {
            let send = send.clone();
            Callback::from(move |told: Told| match told {
                Told::Reply(_, Reply::Scenario(text)) => send.emit(Action::Load(text)),
                Told::Reply(_, Reply::Inserted(inserted)) => send.emit(Action::Inserted(inserted)),
                Told::Reply(ref asked, Reply::Dumped(ref dump)) => {
                    if let Some(anchor) = first_anchor(asked, dump) {
                        send.emit(Action::File(Change::Found(hex::hex(anchor))));
                    }
                    dispatcher.dispatch(told);
                }
                Told::Reply(_, Reply::Link(link)) => {
                    show_link(&link);
                    if copying.replace(false) {
                        copy_link(&send);
                    }
                }
                Told::Reply(_, Reply::Opened(ref opened)) => {
                    send.emit(Action::Open(Box::new(opened.clone())));
                    dispatcher.dispatch(told);
                }
                told => dispatcher.dispatch(told),
            })
        };
        let client = Client::new(tell, send.reform(Action::Broken));
        client.install();
        client.ask(&Request::Open(hash()));
        client
    });
    (*client).clone()
}

/// Asks for what the state needs.
#[hook]
pub fn use_questions(state: &State, answers: &Answers, step: u32, client: &Client) {
    let ask = |client: &Client| {
        let client = client.clone();
        move |request: Option<Request>| {
            if let Some(request) = request {
                client.ask(&request);
            }
        }
    };
    let draft = state.open.then(|| state.draft.clone());
    {
        let ask = ask(client);
        use_effect_with(draft, move |draft| ask(draft.clone().map(Request::Read)));
    }
    {
        let client = client.clone();
        use_effect_with(state.wanted(), move |wanted| match wanted {
            Some(experiment) => {
                client.ask(&Request::Run(experiment.clone()));
            }
            None => client.stop(),
        });
    }
    let of = answers.shown.as_ref().map(|shown| shown.experiment.clone());
    {
        let ask = ask(client);
        use_effect_with((of.clone(), step), move |(of, step)| {
            ask(of.clone().map(|of| Request::Look(of, *step)));
        });
    }
    // An address that is no number is told about where it is typed.
    let iova = state.iova.as_deref().map(hex::parse);
    let walk = of.filter(|_| iova != Some(None)).map(|of| Request::Walk {
        of,
        step,
        iova: iova.flatten(),
        walker: state.walker.clone(),
        write: state.write,
    });
    {
        let ask = ask(client);
        use_effect_with(walk, move |walk| ask(walk.clone()));
    }
    {
        let ask = ask(client);
        use_effect_with(state.adding.clone(), move |adding| ask(adding.clone().map(Request::Insert)));
    }
    {
        let ask = ask(client);
        use_effect_with(state.term.clone(), move |term| ask(term.clone().map(Request::Explain)));
    }
    let question = state.file.as_ref().and_then(Dropped::question);
    {
        let ask = ask(client);
        use_effect_with(question, move |asked| ask(asked.clone().map(Request::Dump)));
    }
    let lint = state.file.as_ref().and_then(Dropped::lint);
    {
        let ask = ask(client);
        use_effect_with(lint, move |asked| ask(asked.clone().map(Request::Lint)));
    }
    let word = hex::parse(&state.word).filter(|_| state.open);
    {
        let ask = ask(client);
        use_effect_with((state.kind.clone(), word), move |(kind, word)| {
            ask(word.map(|word| Request::Decode(kind.clone(), word)));
        });
    }
    {
        let ask = ask(client);
        use_effect_with(answers.shown.is_some(), move |&shown| ask(shown.then_some(Request::Gallery)));
    }
}

/// The anchor to begin with, where the user gave none and the file tells.
fn first_anchor(asked: &Request, dump: &Result<Dump, Problem>) -> Option<u64> {
    match (asked, dump) {
        (Request::Dump(Question { iota: None, .. }), Ok(dump)) => dump.anchors.first().copied(),
        _ => None,
    }
}
