//! The worker's entry point: messages in, answers out, work in between. `worker.js` runs it once the module is loaded.
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Date, Uint8Array};
use s390_iommu_view::protocol::{Reply, decode, encode};
use s390_iommu_worker::desk::Desk;
use s390_iommu_worker::pieces::Pieces;
use s390_iommu_worker::unpack::Content;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

/// Milliseconds of work after which messages are looked at.
const SLICE: f64 = 40.0;

fn main() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    {
        let scope = scope.clone();
        std::panic::set_hook(Box::new(move |panic| send(&scope, 0, &Reply::Broken(panic.to_string()))));
    }
    let desk = Rc::new(RefCell::new(Desk::default()));
    let hear = {
        let scope = scope.clone();
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Ok(parts) = event.data().dyn_into::<Array>() {
                hold(&desk, &parts);
                return;
            }
            let bytes = Uint8Array::new(&event.data()).to_vec();
            let Some((number, request)) = decode(&bytes) else { return };
            let idle = desk.borrow().is_idle();
            let reply = desk.borrow_mut().take(number, request);
            if let Some(reply) = reply {
                send(&scope, number, &reply);
            }
            // Whoever finds work where there was none begins; a turn that leaves work over calls the next one.
            if idle {
                turn(&scope, &desk);
            }
        })
    };
    scope.set_onmessage(Some(hear.into_js_value().unchecked_ref()));
}

/// Takes a file: its number and the file itself, which is read piece by piece.
fn hold(desk: &Rc<RefCell<Desk>>, parts: &Array) {
    if let (Some(number), Ok(blob)) = (parts.get(0).as_f64(), parts.get(1).dyn_into::<Blob>()) {
        #[expect(clippy::cast_sign_loss, reason = "the page counts from 1")]
        desk.borrow_mut().hold(number as u32, Content::of(Pieces::new(blob)));
    }
}

/// Works for a slice, then lets messages in.
fn turn(scope: &DedicatedWorkerGlobalScope, desk: &Rc<RefCell<Desk>>) {
    let end = Date::now() + SLICE;
    let done = desk.borrow_mut().work(|| Date::now() < end);
    if let Some((number, reply)) = done {
        send(scope, number, &reply);
    }
    if !desk.borrow().is_idle() {
        let (scope, desk) = (scope.clone(), desk.clone());
        Timeout::new(0, move || turn(&scope, &desk)).forget();
    }
}

fn send(scope: &DedicatedWorkerGlobalScope, number: u32, reply: &Reply) {
    // It fails only where a worker is being ended, and then nobody listens.
    let _ = scope.post_message(&Uint8Array::from(&*encode(number, reply)));
}
