//! A module of its own for what few visitors ask for: replays the recording that it is sent and answers with the
//! engine's summary.
#![forbid(unsafe_code)]

use s390_iommu::recording::Report;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

fn main() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let hear = {
        let scope = scope.clone();
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            let mut report = Report::default();
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                report.replay(line);
            }
            let _ = scope.post_message(&report.to_string().into());
        })
    };
    scope.set_onmessage(Some(hear.into_js_value().unchecked_ref()));
}
