//! Expectations against what is.

use std::collections::BTreeMap;

use super::condition::holds;
use super::outcome::{Check, StepOutcome};
use crate::lab::{DomainView, FunctionView, MachineWalk};
use crate::linux::Errno;
use crate::revision::Revision;
use crate::scenario::{DomainExpect, FinalExpect, FunctionExpect, Step, StepExpect};

/// The expectations of a step that apply to this kernel.
pub(super) fn step(step: &Step, outcome: &StepOutcome, revision: Revision) -> Vec<Check> {
    let mut checks = Vec::new();
    for expect in step.expect.iter().filter(|expect| holds(&expect.when, revision)) {
        one_step(expect, outcome, &mut checks);
    }
    checks
}

fn one_step(expect: &StepExpect, outcome: &StepOutcome, checks: &mut Vec<Check>) {
    let mut check = |what: &str, expected: Option<String>, got: String| {
        if let Some(expected) = expected {
            // A step that did not happen holds no expectation.
            let got = outcome.skipped.as_ref().map_or(got, |reason| format!("skipped: {reason}"));
            checks.push(Check { what: what.to_owned(), held: expected == got, expected, got });
        }
    };
    check("rc", expect.rc.map(rc_text), rc_text(outcome.rc));
    let value = outcome.value.map_or_else(none, hex);
    check("value", expect.value.map(hex), value.clone());
    check("phys", expect.phys.map(|phys| hex(phys.get())), value);
    check("warns", expect.warns.as_ref().map(|list| listed(list)), listed(&outcome.warnings));
    check("refreshes", expect.refreshes.map(|count| count.to_string()), outcome.refreshes.to_string());
    check("calls", expect.calls.map(|count| count.to_string()), outcome.calls.to_string());
    check("hw", expect.hw.as_ref().map(|list| listed(list)), listed(&outcome.hw));
    let regions = |regions: &[[u64; 2]]| {
        listed(&regions.iter().map(|[start, len]| format!("{start:#x}+{len:#x}")).collect::<Vec<_>>())
    };
    let got: Vec<[u64; 2]> = outcome.regions.iter().flatten().map(|(start, len)| [*start, *len]).collect();
    check("regions", expect.regions.as_ref().map(|list| regions(list)), regions(&got));
    let fault = outcome.walk.as_ref().and_then(MachineWalk::fault).map_or_else(none, ToOwned::to_owned);
    check("fault", expect.fault.clone(), fault);
    check("stop", expect.stop.clone(), outcome.stop.map_or_else(none, ToOwned::to_owned));
}

/// The expectations of the end that apply to this kernel.
pub(super) fn last(
    expects: &[FinalExpect],
    domains: &[DomainView],
    functions: &[FunctionView],
    steps: &[StepOutcome],
    revision: Revision,
) -> Vec<Check> {
    let mut checks = Vec::new();
    for expect in expects.iter().filter(|expect| holds(&expect.when, revision)) {
        for (name, expected) in &expect.domains {
            // The one allocated last, where a name was used again.
            let view = domains.iter().rev().find(|domain| domain.name == *name);
            domain(name, expected, view, &mut checks);
        }
        for (name, expected) in &expect.functions {
            let view = functions.iter().find(|function| function.name == *name);
            function(name, expected, view, &mut checks);
        }
        if let Some(expected) = &expect.warns {
            let text = |warns: &BTreeMap<String, u64>| {
                listed(&warns.iter().map(|(label, times)| format!("{label}*{times}")).collect::<Vec<_>>())
            };
            push(&mut checks, "warns", Some(text(expected)), text(&all_warnings(steps)));
        }
    }
    checks
}

fn all_warnings(steps: &[StepOutcome]) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for warning in steps.iter().flat_map(|step| &step.warnings) {
        let (label, times) = warning.split_once('*').unwrap_or((warning, "1"));
        *all.entry(label.to_owned()).or_default() += times.parse::<u64>().unwrap_or(1);
    }
    all
}

fn domain(name: &str, expected: &DomainExpect, view: Option<&DomainView>, checks: &mut Vec<Check>) {
    let place = |what: &str| format!("domains.{name}.{what}");
    let got = |text: fn(&DomainView) -> String| view.map_or_else(|| "no such domain".to_owned(), text);
    let devices = expected.devices.as_ref().map(|list| listed(list));
    push(checks, &place("devices"), devices, got(|view| listed(&view.devices)));
    let aperture = expected.aperture.map(|aperture| aperture.to_string());
    push(checks, &place("aperture"), aperture, got(|view| view.aperture.to_string()));
    let translations = expected.translations.as_ref().map(|list| {
        listed(
            &list
                .iter()
                .map(|t| run_text(t.iova.get(), t.phys.get(), t.prot.write(), t.pages))
                .collect::<Vec<_>>(),
        )
    });
    let found = got(|view| {
        let runs = view.translations.iter().map(|t| run_text(t.iova, t.phys, t.writable, t.pages));
        listed(&runs.collect::<Vec<_>>())
    });
    push(checks, &place("translations"), translations, found);
    if let Some(tables) = expected.tables {
        let kinds = [("region", tables.region), ("segment", tables.segment), ("page", tables.page)];
        for (index, (kind, count)) in kinds.into_iter().enumerate() {
            let found = view.map_or_else(none, |view| view.tables[index].to_string());
            push(checks, &place(&format!("tables.{kind}")), count.map(|count| count.to_string()), found);
        }
    }
    push(
        checks,
        &place("freed"),
        expected.freed.map(|freed| freed.to_string()),
        got(|view| view.freed.to_string()),
    );
}

fn function(name: &str, expected: &FunctionExpect, view: Option<&FunctionView>, checks: &mut Vec<Check>) {
    let place = |what: &str| format!("functions.{name}.{what}");
    let got = |text: fn(&FunctionView) -> String| view.map_or_else(|| "no such function".to_owned(), text);
    push(
        checks,
        &place("domain"),
        expected.domain.clone(),
        got(|view| view.domain.clone().unwrap_or_else(none)),
    );
    let dma_table = got(|view| view.dma_table.clone().unwrap_or_else(none));
    push(checks, &place("dma_table"), expected.dma_table.clone(), dma_table);
    let registered = got(|view| match &view.registered {
        Some(_) if view.registered_freed => "freed".to_owned(),
        Some(name) => name.clone(),
        None => none(),
    });
    push(checks, &place("registered"), expected.registered.clone(), registered);
    let start = expected.start_dma.map(|iova| iova.to_string());
    push(checks, &place("start_dma"), start, got(|view| view.range.start.to_string()));
    let end = expected.end_dma.map(|iova| iova.to_string());
    push(checks, &place("end_dma"), end, got(|view| view.range.last.to_string()));
    push(checks, &place("state"), expected.state.clone(), got(|view| view.state.to_owned()));
}

fn push(checks: &mut Vec<Check>, what: &str, expected: Option<String>, got: String) {
    if let Some(expected) = expected {
        checks.push(Check { what: what.to_owned(), held: expected == got, expected, got });
    }
}

fn none() -> String {
    "none".to_owned()
}

fn hex(number: u64) -> String {
    format!("{number:#x}")
}

fn rc_text(rc: i32) -> String {
    Errno::from_rc(rc).map_or_else(|| rc.to_string(), |errno| errno.to_string())
}

fn listed(items: &[String]) -> String {
    if items.is_empty() { none() } else { items.join(", ") }
}

fn run_text(iova: u64, phys: u64, writable: bool, pages: u64) -> String {
    format!("{iova:#x}->{phys:#x} {} x{pages}", if writable { "rw" } else { "r" })
}
