//! The scenarios that need the machine: they hold on every kernel, and what they say of a machine holds on that one.

use std::fs;
use std::path::Path;

use s390_iommu::hw::profile::Profile;
use s390_iommu::revision::Revision;
use s390_iommu::scenario::{self, Action, Scenario};
use s390_iommu::session::{self, Options, Outcome};

fn gallery() -> Vec<(String, Scenario)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/scenarios");
    let mut all: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    let read = |path: &Path| {
        let scenario = scenario::parse(&fs::read_to_string(path).unwrap()).scenario.unwrap();
        (path.file_name().unwrap().to_string_lossy().into_owned(), Scenario { patches: None, ..scenario })
    };
    all.iter().map(|path| read(path)).collect()
}

fn wrong(name: &str, outcome: &Outcome) -> Vec<String> {
    let steps =
        outcome.steps.iter().flat_map(|step| step.checks.iter().map(move |check| (step.number, check)));
    let all = steps.chain(outcome.checks.iter().map(|check| (0, check)));
    all.filter(|(_, check)| !check.held)
        .map(|(step, check)| {
            format!(
                "{name} on {}: step {step}: {} {} {}",
                outcome.revision, check.what, check.expected, check.got
            )
        })
        .collect()
}

#[test]
fn what_devices_reach_is_as_foretold_on_every_kernel() {
    let mut complaints = Vec::new();
    let mut count = 0;
    for (name, scenario) in gallery() {
        let is_access = |action: &Action| matches!(action, Action::Read { .. } | Action::Write { .. });
        if !scenario.steps.iter().any(|step| is_access(&step.action)) {
            continue;
        }
        count += 1;
        for revision in Revision::line() {
            let options = Options { revision: Some(revision), ..Options::default() };
            complaints.extend(wrong(&name, &session::run(&scenario, options).unwrap()));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    assert!(count >= 15, "the scenarios were not found");
}

/// A scenario that says what a machine does differently holds on all of them.
#[test]
fn machines_differ_as_foretold() {
    let mut complaints = Vec::new();
    let mut count = 0;
    for (name, scenario) in gallery() {
        let steps = scenario.steps.iter().flat_map(|step| &step.expect).map(|expect| &expect.when);
        let mut conditions = steps.chain(scenario.expect.iter().map(|expect| &expect.when));
        if conditions.all(|when| when.profiles.is_empty()) {
            continue;
        }
        count += 1;
        for (_, profile) in Profile::NAMED {
            for revision in Revision::line() {
                let options =
                    Options { revision: Some(revision), profile: Some(profile), ..Options::default() };
                let name = format!("{name} on {profile:?}");
                complaints.extend(wrong(&name, &session::run(&scenario, options).unwrap()));
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    assert!(count >= 4, "the scenarios were not found");
}
