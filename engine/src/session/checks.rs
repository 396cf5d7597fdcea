//! Expectations against what is.

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::{Check, DeviceOutcome, StepOutcome};
use crate::lab::{DomainView, FunctionView, GroupView, Lab, MachineWalk, Translation};
use crate::linux::Errno;
use crate::revision::Revision;
use crate::scenario::{
    CountersExpect, DomainExpect, FinalExpect, FunctionExpect, GroupExpect, Profile, Step, StepExpect,
    bytes_text,
};
use crate::state::kernel::Counter;
use crate::table::Level;

/// The expectations of a step that apply to this kernel.
pub(super) fn step(step: &Step, outcome: &StepOutcome, on: (Revision, Profile)) -> Vec<Check> {
    let mut checks = Vec::new();
    for expect in step.expect.iter().filter(|expect| expect.when.applies(&on.0, on.1)) {
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
    let phys = outcome.device.as_ref().map_or(value, |device| device.phys.map_or_else(none, hex));
    check("phys", expect.phys.map(hex), phys);
    check("warns", expect.warns.as_ref().map(|list| listed(list)), listed(&outcome.warnings));
    check("refreshes", expect.refreshes.map(|count| count.to_string()), outcome.refreshes.to_string());
    check("allocates", expect.allocates.map(|count| count.to_string()), outcome.allocates.to_string());
    check("frees", expect.frees.map(|count| count.to_string()), outcome.frees.to_string());
    check("waits", expect.waits.map(|count| count.to_string()), outcome.waits.to_string());
    check("calls", expect.calls.map(|count| count.to_string()), outcome.calls.to_string());
    check("hw", expect.hw.as_ref().map(|list| listed(list)), listed(&outcome.hw));
    let expected = expect.regions.as_ref().map(|list| regions_text(list.iter().map(|pair| (*pair).into())));
    check("regions", expected, regions_text(outcome.regions.iter().flatten().copied()));
    let expected = expect.range.map(|range| range_text(range.into()));
    check("range", expected, outcome.range.map_or_else(none, range_text));
    let device = outcome.device.as_ref();
    let fault = outcome.walk.as_ref().and_then(MachineWalk::fault);
    let fault = fault.or(device.and_then(|device| device.fault)).map_or_else(none, ToOwned::to_owned);
    check("fault", expect.fault.clone(), fault);
    let of_device = |text: fn(&DeviceOutcome) -> String| device.map_or_else(none, text);
    let code = of_device(|device| device.event.map_or(0, |event| event.code).to_string());
    check("event", expect.event.map(|code| code.to_string()), code);
    let cached = of_device(|device| device.cached.to_string());
    check("cached", expect.cached.map(|cached| cached.to_string()), cached);
    let bytes = expect.bytes.as_ref().map(|bytes| bytes_text(bytes));
    check("bytes", bytes, of_device(|device| device.bytes.clone()));
    let judgement = device.and_then(|device| device.judgement.as_ref());
    let verdict = judgement.map_or_else(none, |judgement| judgement.verdict.name().to_owned());
    check("verdict", expect.verdict.clone(), verdict);
    check("violates", expect.violates.as_ref().map(|list| sorted(list)), violations([outcome]));
    check("stop", expect.stop.clone(), outcome.stop.map_or_else(none, ToOwned::to_owned));
    if let Some(expected) = expect.skipped {
        let got = outcome.skipped.is_some();
        let (expected, got) = (expected.to_string(), got.to_string());
        checks.push(Check { what: "skipped".to_owned(), held: expected == got, expected, got });
    }
}

/// Regions as `START+BYTES`.
pub(super) fn regions_text(regions: impl Iterator<Item = (u64, u64)>) -> String {
    listed(&regions.map(|(start, len)| format!("{start:#x}+{len:#x}")).collect::<Vec<_>>())
}

/// Mappings as `IOVA->PHYS PROT xPAGES`.
pub(super) fn translations_text(all: &[Translation]) -> String {
    let run =
        |run: &Translation| run_text(run.iova, run.phys, if run.writable { "rw" } else { "r" }, run.pages);
    listed(&all.iter().map(run).collect::<Vec<_>>())
}

/// A range, both ends in it.
pub(super) fn range_text((first, last): (u64, u64)) -> String {
    format!("{first:#x}..={last:#x}")
}

/// The expectations of the end that apply to this kernel.
pub(super) fn last(
    expects: &[FinalExpect],
    domains: &[DomainView],
    functions: &[FunctionView],
    steps: &[StepOutcome],
    lab: &Lab,
    on: (Revision, Profile),
) -> Vec<Check> {
    let mut checks = Vec::new();
    for expect in expects.iter().filter(|expect| expect.when.applies(&on.0, on.1)) {
        for (name, expected) in &expect.domains {
            // The one allocated last, where a name was used again.
            let view = domains.iter().rev().find(|domain| domain.name == *name);
            domain(name, expected, view, &mut checks);
        }
        for (name, expected) in &expect.functions {
            let view = functions.iter().find(|function| function.name == *name);
            function(name, expected, view, &mut checks);
            machine(name, expected, lab, &mut checks);
        }
        for (name, expected) in &expect.groups {
            let view = functions.iter().find(|function| function.name == *name);
            group(name, expected, view.and_then(|view| view.group.as_ref()), &mut checks);
        }
        if let Some(expected) = &expect.warns {
            let mut expected = expected.clone();
            expected.sort();
            push(&mut checks, "warns", Some(listed(&expected)), listed(&all_warnings(steps)));
        }
        push(&mut checks, "violates", expect.violates.as_ref().map(|list| sorted(list)), violations(steps));
    }
    checks
}

/// Violations as `check: what`, each once, in order of their names.
fn violations<'s>(steps: impl IntoIterator<Item = &'s StepOutcome>) -> String {
    let all = steps.into_iter().flat_map(|step| &step.violations);
    let names = all.map(|violation| format!("{}: {}", violation.check.name(), violation.what));
    listed(&names.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>())
}

fn sorted(list: &[String]) -> String {
    let mut list = list.to_vec();
    list.sort();
    listed(&list)
}

/// The machine's side of a function.
fn machine(name: &str, expected: &FunctionExpect, lab: &Lab, checks: &mut Vec<Check>) {
    let Some(id) = lab.world().kernel.function_named(name) else { return };
    let registers = lab.registers(id);
    push(checks, &format!("functions.{name}.pal"), expected.pal.map(hex), hex(registers.pal));
    let mut check = |what: &str, expected: Option<u64>, got: Option<u64>| {
        let got = got.map_or_else(none, |got| got.to_string());
        push(checks, &format!("functions.{name}.{what}"), expected.map(|number| number.to_string()), got);
    };
    check("cached", expected.cached, Some(registers.cached));
    check("credits", expected.credits, registers.credits);
    let open = lab.checker().map(|checker| checker.windows().open()).unwrap_or_default();
    let pages = open.iter().filter(|window| window.function == id).map(|window| window.pages).sum();
    check("exposed", expected.exposed, Some(pages));
}

/// The warnings of all steps as labels with their counts, in alphabetical order.
fn all_warnings(steps: &[StepOutcome]) -> Vec<String> {
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    for warning in steps.iter().flat_map(|step| &step.warnings) {
        let (label, times) = warning.split_once('*').unwrap_or((warning, "1"));
        *all.entry(label).or_default() += times.parse::<u64>().unwrap_or(1);
    }
    all.into_iter()
        .map(|(label, times)| if times == 1 { label.to_owned() } else { format!("{label}*{times}") })
        .collect()
}

fn domain(name: &str, expected: &DomainExpect, view: Option<&DomainView>, checks: &mut Vec<Check>) {
    let place = |what: &str| format!("domains.{name}.{what}");
    let got = |text: fn(&DomainView) -> String| view.map_or_else(|| "no such domain".to_owned(), text);
    let devices = expected.devices.as_ref().map(|list| listed(list));
    push(checks, &place("devices"), devices, got(|view| listed(&view.devices)));
    let aperture = expected.aperture.map(|range| range_text(range.into()));
    push(checks, &place("aperture"), aperture, got(|view| view.aperture.to_string()));
    let translations = expected.translations.as_ref().map(|list| {
        listed(&list.iter().map(|t| run_text(t.iova, t.phys, &t.prot, t.pages)).collect::<Vec<_>>())
    });
    push(checks, &place("translations"), translations, got(|view| translations_text(&view.translations)));
    if let Some(tables) = &expected.tables {
        let kinds = [("region", tables.region), ("segment", tables.segment), ("page", tables.page)];
        for (index, (kind, count)) in kinds.into_iter().enumerate() {
            let found = view.map_or_else(none, |view| view.tables[index].to_string());
            push(checks, &place(&format!("tables.{kind}")), count.map(|count| count.to_string()), found);
        }
    }
    let levels = expected.levels.map(|levels| levels.to_string());
    push(
        checks,
        &place("levels"),
        levels,
        got(|view| (Level::Page as u64 + 1 - view.level as u64).to_string()),
    );
    if let Some(counters) = &expected.counters {
        let CountersExpect { mapped_pages, unmapped_pages, global_rpcits, sync_map_rpcits, sync_rpcits } =
            *counters;
        let counts = [mapped_pages, unmapped_pages, global_rpcits, sync_map_rpcits, sync_rpcits];
        for ((index, (_, name)), count) in Counter::ALL.into_iter().enumerate().zip(counts) {
            let found = view.map_or_else(none, |view| view.counters[index].to_string());
            push(checks, &place(&format!("counters.{name}")), count.map(|count| count.to_string()), found);
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
    let start = expected.start_dma.map(hex);
    push(checks, &place("start_dma"), start, got(|view| view.range.start.to_string()));
    let end = expected.end_dma.map(hex);
    push(checks, &place("end_dma"), end, got(|view| view.range.last.to_string()));
    push(checks, &place("state"), expected.state.clone(), got(|view| view.state.to_owned()));
}

fn group(name: &str, expected: &GroupExpect, view: Option<&GroupView>, checks: &mut Vec<Check>) {
    let mut check = |what: &str, expected: Option<String>, got: Option<String>| {
        let got = if view.is_some() { got.unwrap_or_else(none) } else { "no such group".to_owned() };
        push(checks, &format!("groups.{name}.{what}"), expected, got);
    };
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    check("id", number(expected.id), view.map(|view| view.id.to_string()));
    check("domain", expected.domain.clone(), view.and_then(|view| view.domain.clone()));
    let default_domain = view.and_then(|view| view.default_domain.clone());
    check("default_domain", expected.default_domain.clone(), default_domain);
    let blocking_domain = view.and_then(|view| view.blocking_domain.clone());
    check("blocking_domain", expected.blocking_domain.clone(), blocking_domain);
    check("owner", number(expected.owner), view.map(|view| view.owner.unwrap_or(0).to_string()));
    check("owner_cnt", number(expected.owner_cnt), view.map(|view| view.owner_cnt.to_string()));
    check("devices", number(expected.devices), view.map(|view| view.devices.to_string()));
    check("refs", number(expected.refs), view.map(|view| view.refs.to_string()));
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

fn run_text(iova: u64, phys: u64, prot: &str, pages: u64) -> String {
    format!("{iova:#x}->{phys:#x} {prot} x{pages}")
}
