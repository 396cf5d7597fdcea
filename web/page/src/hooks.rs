//! What other programs may call on the page: replaying recordings and hashing traces, as the native engine does.

use s390_iommu::recording::Report;
use s390_iommu::revision::Revision;
use wasm_bindgen::prelude::*;

use crate::runner;

/// Replays the lines of a recording; the answer is the engine's summary.
pub fn replay(text: &str) -> String {
    let mut report = Report::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        report.replay(line);
    }
    report.to_string()
}

/// The hash of a scenario's trace, on a kernel or its own; otherwise what is wrong.
pub fn trace_hash(text: &str, kernel: Option<&str>) -> String {
    let revision = match kernel.map(str::parse::<Revision>).transpose() {
        Ok(revision) => revision,
        Err(error) => return format!("error: {error}"),
    };
    let reading = runner::read(text);
    let Some(scenario) = reading.scenario else {
        return reading
            .problems
            .first()
            .map_or_else(String::new, |problem| format!("error: {}", problem.message));
    };
    match runner::run(&scenario, revision) {
        Ok(ran) => ran.outcome.trace_hash,
        Err(problem) => format!("error: {}", problem.message),
    }
}

/// Makes both callable as `window.s390_replay(text)` and `window.s390_trace_hash(text, kernel)`.
pub fn install() {
    let global = js_sys::global();
    let replay = Closure::<dyn Fn(String) -> String>::new(|text: String| replay(&text));
    let _ = js_sys::Reflect::set(&global, &"s390_replay".into(), &replay.into_js_value());
    let hash =
        Closure::<dyn Fn(String, Option<String>) -> String>::new(|text: String, kernel: Option<String>| {
            trace_hash(&text, kernel.as_deref())
        });
    let _ = js_sys::Reflect::set(&global, &"s390_trace_hash".into(), &hash.into_js_value());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_stable_and_errors_are_told() {
        let text = include_str!("first.zpci.toml");
        assert_eq!(trace_hash(text, None), trace_hash(text, Some("base")));
        assert_ne!(trace_hash(text, None), trace_hash(text, Some("p6")));
        assert!(trace_hash(text, Some("p9")).starts_with("error: "));
        assert!(trace_hash("schema = 1", None).starts_with("error: "));
    }

    #[test]
    fn an_empty_recording_is_summed_up() {
        assert_eq!(replay("\n"), Report::default().to_string());
    }
}
