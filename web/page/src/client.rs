//! The page's end of the line to the worker: asks, sorts answers, and ends a worker that takes too long.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use s390_iommu_view::protocol::{Reply, Request, decode, encode};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, File, MessageEvent, Worker};
use yew::Callback;

use crate::answers::Told;
use crate::pending::Pending;

/// Milliseconds after which a run counts as long.
const LONG: u32 = 300;

/// The worker, and all that was asked of it. Clones are the same client.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

struct Inner {
    tell: Callback<Told>,
    broken: Callback<String>,
    line: RefCell<Option<Line>>,
    pending: RefCell<Pending>,
    /// Promises that wait for a hash, by number of the request.
    promises: RefCell<BTreeMap<u32, Function>>,
    clock: RefCell<Option<Timeout>>,
    late: Cell<bool>,
    /// The file that was dropped last, with its number: every worker is given it.
    file: RefCell<Option<(u32, File)>>,
}

/// A worker and what listens to it.
struct Line {
    worker: Worker,
    _listeners: [EventListener; 2],
}

impl Drop for Line {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl Client {
    /// A client that tells what it hears; `broken` is told when the engine failed or could not be loaded.
    pub fn new(tell: Callback<Told>, broken: Callback<String>) -> Self {
        Self(Rc::new(Inner {
            tell,
            broken,
            line: RefCell::default(),
            pending: RefCell::default(),
            promises: RefCell::default(),
            clock: RefCell::default(),
            late: Cell::new(false),
            file: RefCell::default(),
        }))
    }

    /// Asks, and tells the answer when it comes. Gives the number of the request.
    pub fn ask(&self, request: &Request) -> u32 {
        let takes_long = request.takes_long();
        let number = self.0.pending.borrow_mut().ask(request.clone());
        self.send(number, request);
        if takes_long && self.0.clock.borrow().is_none() {
            let client = self.clone();
            let clock = Timeout::new(LONG, move || {
                client.0.late.set(true);
                client.0.tell.emit(Told::Late);
            });
            *self.0.clock.borrow_mut() = Some(clock);
        }
        number
    }

    /// Gives the worker a file, and the file a number, by which requests ask about it.
    pub fn hold(&self, file: File) -> u32 {
        let number = self.0.file.borrow().as_ref().map_or(1, |(number, _)| number + 1);
        *self.0.file.borrow_mut() = Some((number, file));
        if let Some(line) = &*self.0.line.borrow() {
            self.hand_over(&line.worker);
        }
        number
    }

    fn hand_over(&self, worker: &Worker) {
        if let Some((number, file)) = &*self.0.file.borrow() {
            let _ = worker.post_message(&Array::of2(&(*number).into(), file));
        }
    }

    /// Ends whatever takes long, and with it the worker, in the middle of what it does. A new one takes its place.
    pub fn stop(&self) {
        let stopped = self.0.pending.borrow_mut().stop();
        if stopped.is_empty() {
            return;
        }
        self.0.line.take();
        self.settle(&stopped, "error: stopped");
        self.rest();
        let left: Vec<(u32, Request)> =
            self.0.pending.borrow().iter().map(|(number, request)| (number, request.clone())).collect();
        for (number, request) in left {
            self.send(number, &request);
        }
        self.begin();
    }

    /// Makes `window.s390_trace_hash(text, kernel)` a promise of the hash of a scenario's trace.
    pub fn install(&self) {
        let client = self.clone();
        let hash = Closure::<dyn Fn(String, Option<String>) -> Promise>::new(
            move |text: String, kernel: Option<String>| {
                Promise::new(&mut |resolve, _| {
                    let number = client.ask(&Request::Hash(text.clone(), kernel.clone()));
                    client.0.promises.borrow_mut().insert(number, resolve);
                })
            },
        );
        let _ = Reflect::set(&js_sys::global(), &"s390_trace_hash".into(), &hash.into_js_value());
    }

    fn send(&self, number: u32, request: &Request) {
        self.begin();
        if let Some(line) = &*self.0.line.borrow() {
            let _ = line.worker.post_message(&Uint8Array::from(&*encode(number, request)));
        }
    }

    /// Sees to it that there is a worker. `boot.js` has started the first one before the page was there.
    fn begin(&self) {
        if self.0.line.borrow().is_some() {
            return;
        }
        let start = Reflect::get(&js_sys::global(), &"s390_worker".into()).ok();
        let start = start.and_then(|start| start.dyn_into::<Function>().ok());
        let worker = start.and_then(|start| start.call0(&JsValue::NULL).ok());
        let Some(worker) = worker.and_then(|worker| worker.dyn_into::<Worker>().ok()) else {
            self.fail("no worker can be started");
            return;
        };
        let message = {
            let client = self.clone();
            EventListener::new(&worker, "message", move |event| client.hear(event.unchecked_ref()))
        };
        let error = {
            let client = self.clone();
            EventListener::new(&worker, "error", move |event| {
                let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message);
                client.fail(
                    &message
                        .filter(|text| !text.is_empty())
                        .unwrap_or_else(|| "it cannot be loaded".to_owned()),
                );
            })
        };
        self.hand_over(&worker);
        *self.0.line.borrow_mut() = Some(Line { worker, _listeners: [message, error] });
    }

    fn hear(&self, event: &MessageEvent) {
        let Some((number, reply)) = decode::<Reply>(&Uint8Array::new(&event.data()).to_vec()) else { return };
        if let Reply::Broken(message) = &reply {
            self.fail(message);
            return;
        }
        let Some(request) = self.0.pending.borrow_mut().answered(number, &reply) else { return };
        if !self.0.pending.borrow().is_running() {
            self.rest();
        }
        match &reply {
            Reply::Progress(..) if !self.0.late.get() => {}
            Reply::Hash(hash) => self.settle(&[number], hash),
            _ => self.0.tell.emit(Told::Reply(request, reply)),
        }
    }

    /// Nothing takes long any more.
    fn rest(&self) {
        self.0.clock.take();
        if self.0.late.replace(false) {
            self.0.tell.emit(Told::Idle);
        }
    }

    /// The worker is of no more use. The next request starts another one; what this one was asked is not asked again,
    /// for it may be what it failed at.
    fn fail(&self, message: &str) {
        // The listener that may be running right now is in there: it is dropped when it has returned.
        let line = self.0.line.take();
        Timeout::new(0, move || drop(line)).forget();
        let lost = self.0.pending.borrow_mut().clear();
        self.settle(&lost, &format!("error: {message}"));
        self.rest();
        self.0.broken.emit(message.to_owned());
    }

    /// Keeps promises.
    fn settle(&self, numbers: &[u32], text: &str) {
        for number in numbers {
            let promise = self.0.promises.borrow_mut().remove(number);
            if let Some(resolve) = promise {
                let _ = resolve.call1(&JsValue::NULL, &text.into());
            }
        }
    }
}
