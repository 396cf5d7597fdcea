//! The kernel log: warnings and crashes up to the selected step.

use s390_iommu::session::Outcome;
use s390_iommu::trace::Warning;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The step it came from.
    pub step: u32,
    /// It tells of the end.
    pub crash: bool,
    /// What is said, as in the kernel: the name.
    pub label: String,
    /// What it means.
    pub meaning: &'static str,
}

/// The log of a run up to a step.
pub fn log(outcome: &Outcome, step: u32) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut stopped = false;
    for done in outcome.steps.iter().take_while(|done| done.number <= step) {
        for warning in &done.warnings {
            let name = warning.split('*').next().unwrap_or_default();
            let meaning =
                Warning::ALL.iter().find(|(known, _)| known.name() == name).map_or("", |(_, text)| text);
            lines.push(Line { step: done.number, crash: false, label: warning.clone(), meaning });
        }
        if let Some(stop) = done.stop.filter(|_| !stopped) {
            stopped = true;
            lines.push(Line {
                step: done.number,
                crash: true,
                label: stop.to_owned(),
                meaning: stop_text(stop),
            });
        }
    }
    lines
}

/// What a stop means.
pub fn stop_text(stop: &str) -> &'static str {
    match stop {
        "list-never-ends" => "a list is walked that never leads back to its head; the real kernel hangs here",
        "deadlock" => "a lock is waited for that nobody will give back",
        "too-much-memory" => "the step wants more table memory than this laboratory allows",
        "too-much-work" => "the step changes more pages than this laboratory allows",
        _ => "the system stopped here",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner;

    #[test]
    fn warnings_are_explained() {
        let text = r#"
schema = 1
title = "A free with a function attached"
functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
domains = ["d0"]
steps = [{ attach = "f0", to = "d0" }, { free = "d0" }]
"#;
        let scenario = runner::read(text).scenario.expect("a scenario");
        let ran = runner::run(&scenario, Some("p6".parse().unwrap())).expect("it runs");
        assert!(log(&ran.outcome, 1).is_empty());
        let lines = log(&ran.outcome, 2);
        assert_eq!((lines.len(), lines[0].step), (1, 2));
        assert!(lines[0].meaning.contains("freed"), "{lines:?}");
    }
}
