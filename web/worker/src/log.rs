//! The kernel log: warnings and crashes.

use s390_iommu::session::Outcome;
use s390_iommu::trace::Warning;
use s390_iommu_view::run::LogLine;

/// The log of a whole run.
pub fn log(outcome: &Outcome) -> Vec<LogLine> {
    let mut lines = Vec::new();
    let mut stopped = false;
    for done in &outcome.steps {
        for warning in &done.warnings {
            let name = warning.split('*').next().unwrap_or_default();
            let meaning =
                Warning::ALL.iter().find(|(known, _)| known.name() == name).map_or("", |(_, text)| text);
            lines.push(LogLine {
                step: done.number,
                crash: false,
                label: warning.clone(),
                meaning: meaning.to_owned(),
            });
        }
        if let Some(stop) = done.stop.filter(|_| !stopped) {
            stopped = true;
            lines.push(LogLine {
                step: done.number,
                crash: true,
                label: stop.to_owned(),
                meaning: stop_text(stop).to_owned(),
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
    use crate::run::ran;

    #[test]
    fn warnings_are_explained() {
        let text = r#"
schema = 1
title = "A free with a function attached"
functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
domains = ["d0"]
steps = [{ attach = "f0", to = "d0" }, { free = "d0" }]
"#;
        let lines = log(&ran(text, "p6").outcome);
        assert_eq!((lines.len(), lines[0].step), (1, 2));
        assert!(lines[0].meaning.contains("freed"), "{lines:?}");
    }
}
