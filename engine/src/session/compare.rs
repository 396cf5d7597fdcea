//! Two runs of one scenario on one timeline: where they part.

use serde::Serialize;

use super::checks::{range_text, regions_text, translations_text};
use super::outcome::{Outcome, StepOutcome};
use crate::lab::MachineWalk;

/// The first difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// The step, from 1; 0 for the state at the end.
    pub step: u32,
    /// What differs: `rc`, `hw`, `functions.f0.registered`.
    pub what: String,
    /// On the first kernel.
    pub left: String,
    /// On the second kernel.
    pub right: String,
}

/// How two runs differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The first difference, if there is any.
    pub divergence: Option<Divergence>,
    /// Every step that differs.
    pub differing_steps: Vec<u32>,
}

/// Compares two runs of the same scenario by what can be seen from outside; how the driver got there does not count.
pub fn compare(left: &Outcome, right: &Outcome) -> Comparison {
    let mut divergence = None;
    let mut differing_steps = Vec::new();
    for (a, b) in left.steps.iter().zip(&right.steps) {
        if let Some((what, left, right)) = first_difference(&seen(a), &seen(b)) {
            differing_steps.push(a.number);
            divergence.get_or_insert(Divergence { step: a.number, what, left, right });
        }
    }
    if divergence.is_none() {
        let end = first_difference(&state(left), &state(right));
        divergence = end.map(|(what, left, right)| Divergence { step: 0, what, left, right });
    }
    Comparison { divergence, differing_steps }
}

/// Characters of each side of a difference that are shown at most.
const SHOWN: usize = 160;

/// Two different texts, cut to where they part: long lists may share a long beginning and have a long end.
fn apart(left: &str, right: &str) -> (String, String) {
    let shared = left.chars().zip(right.chars()).take_while(|(a, b)| a == b).count();
    let skip = if shared > SHOWN / 2 { shared - SHOWN / 4 } else { 0 };
    let cut = |text: &str| {
        let shown: String = text.chars().skip(skip).take(SHOWN).collect();
        let before = if skip > 0 { "… " } else { "" };
        let after = if text.chars().count() > skip + SHOWN { " …" } else { "" };
        format!("{before}{shown}{after}")
    };
    (cut(left), cut(right))
}

type Seen = Vec<(String, String)>;

fn first_difference(left: &Seen, right: &Seen) -> Option<(String, String, String)> {
    let pair = left.iter().zip(right).find(|(a, b)| a != b);
    if let Some(((what, a), (_, b))) = pair {
        let (a, b) = apart(a, b);
        return Some((what.clone(), a, b));
    }
    let longer = left.len().max(right.len());
    let missing = || "nothing".to_owned();
    (left.len() != right.len()).then(|| {
        let at = left.len().min(right.len());
        let what = left
            .get(at)
            .or_else(|| right.get(at))
            .map_or_else(|| longer.to_string(), |(what, _)| what.clone());
        let text = |side: &Seen| side.get(at).map_or_else(missing, |(_, text)| text.clone());
        (what, text(left), text(right))
    })
}

/// Where a device's access led, and the verdict about it.
fn judged(step: &StepOutcome) -> String {
    let Some(device) = &step.device else { return "none".to_owned() };
    let verdict = device.judgement.as_ref().map_or("none", |judgement| judgement.verdict.name());
    match (device.phys, device.fault) {
        (_, Some(fault)) => format!("{verdict}, {fault}"),
        (Some(phys), None) => format!("{verdict}, {phys:#x}"),
        (None, None) => verdict.to_owned(),
    }
}

/// What a step shows from outside.
fn seen(step: &StepOutcome) -> Seen {
    let list = |items: &[String]| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
    let number = |value: Option<u64>| value.map_or_else(|| "none".to_owned(), |value| format!("{value:#x}"));
    [
        ("rc", if step.rc == 0 { "0".to_owned() } else { format!("-{}", step.errno) }),
        ("value", number(step.value)),
        ("range", step.range.map_or_else(|| "none".to_owned(), range_text)),
        ("regions", regions_text(step.regions.iter().flatten().copied())),
        ("warnings", list(&step.warnings)),
        ("hardware", list(&step.hw)),
        ("driver calls", step.calls.to_string()),
        ("refreshes", step.refreshes.to_string()),
        ("fault", step.walk.as_ref().and_then(MachineWalk::fault).unwrap_or("none").to_owned()),
        ("verdict", judged(step)),
        (
            "violations",
            list(&step.violations.iter().map(|violation| violation.text.clone()).collect::<Vec<_>>()),
        ),
        ("stop", step.stop.unwrap_or("none").to_owned()),
        ("skipped", step.skipped.clone().unwrap_or_else(|| "no".to_owned())),
    ]
    .into_iter()
    .map(|(what, text)| (what.to_owned(), text))
    .collect()
}

fn tables([region, segment, page]: [u64; 3]) -> String {
    format!("region {region}, segment {segment}, page {page}")
}

/// The state at the end.
fn state(outcome: &Outcome) -> Seen {
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
    let functions = outcome.functions.iter().flat_map(|function| {
        [
            (format!("functions.{}.domain", function.name), name(&function.domain)),
            (format!("functions.{}.dma_table", function.name), name(&function.dma_table)),
            (format!("functions.{}.registered", function.name), name(&function.registered)),
            (format!("functions.{}.range", function.name), function.range.to_string()),
        ]
    });
    let domains = outcome.domains.iter().flat_map(|domain| {
        [
            (format!("domains.{}.devices", domain.name), domain.devices.join(", ")),
            (format!("domains.{}.aperture", domain.name), domain.aperture.to_string()),
            (format!("domains.{}.translations", domain.name), translations_text(&domain.translations)),
            (format!("domains.{}.tables", domain.name), tables(domain.tables)),
        ]
    });
    functions.chain(domains).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_difference_is_cut_to_where_it_begins() {
        let same = "rpcit f0, ".repeat(50);
        let (left, right) = apart(&format!("{same}one{same}"), &format!("{same}two{same}"));
        assert!(
            left.starts_with("… ") && left.ends_with(" …") && left.chars().count() < SHOWN + 10,
            "{left}"
        );
        assert!(left.contains("one") && right.contains("two"));
        assert_eq!(apart("0", "-EINVAL"), ("0".to_owned(), "-EINVAL".to_owned()));
    }
}
