//! The scenario gallery: every file parses, prints back, and holds what it says on every kernel it can run on.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use s390_iommu::revision::{PatchId, PatchSet, Revision, VariantId};
use s390_iommu::scenario::{self, Scenario};
use s390_iommu::session::{self, Options, Outcome};

const HASHES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gallery.hashes");
const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gallery.catalogue");
const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const MATRIX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gallery.matrix");

/// A scenario without a single diagnostic.
fn read(name: &str, text: &str) -> Scenario {
    let parsed = scenario::parse(text);
    let complaints: Vec<_> = parsed.diagnostics.iter().map(|found| found.render(text, "<text>")).collect();
    assert!(complaints.is_empty(), "{name}:\n{}", complaints.join("\n"));
    parsed.scenario.unwrap()
}

/// Every scenario by name.
fn gallery() -> BTreeMap<String, Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/scenarios");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut gallery = BTreeMap::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let name =
            name.strip_suffix(".zpci.toml").unwrap_or_else(|| panic!("{name} is no scenario")).to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let scenario = read(&name, &text);
        gallery.insert(name, scenario);
    }
    gallery
}

/// Runs on exactly this kernel, whatever patches the scenario names.
fn run(scenario: &Scenario, revision: Revision) -> Outcome {
    let scenario = Scenario { patches: None, ..scenario.clone() };
    let options = Options { revision: Some(revision), ..Options::default() };
    session::run(&scenario, options).unwrap()
}

/// What did not go as the scenario says.
fn complaints(outcome: &Outcome) -> Vec<String> {
    let mut list = Vec::new();
    let steps = outcome.steps.iter().flat_map(|step| {
        step.checks.iter().map(move |check| (format!("step {} ({})", step.number, step.text), check))
    });
    for (place, check) in steps.chain(outcome.checks.iter().map(|check| ("at the end".to_owned(), check))) {
        if !check.held {
            list.push(format!("{place}: {} should be {}, is {}", check.what, check.expected, check.got));
        }
    }
    let foretold = |stop: &str| {
        let mut checks = outcome.steps.iter().flat_map(|step| &step.checks);
        checks.any(|check| check.what == "stop" && check.expected == stop)
    };
    if let Some(stop) = outcome.stop.filter(|stop| !foretold(stop)) {
        list.push(format!("stopped: {stop}"));
    }
    assert_eq!(
        outcome.held,
        outcome.steps.iter().flat_map(|s| &s.checks).chain(&outcome.checks).all(|c| c.held)
    );
    list
}

fn all_hold_on(revisions: &[Revision]) {
    let mut text = String::new();
    for (name, scenario) in gallery() {
        for &revision in revisions {
            for complaint in complaints(&run(&scenario, revision)) {
                writeln!(text, "{name} on {revision}: {complaint}").unwrap();
            }
        }
    }
    assert!(text.is_empty(), "\n{text}");
}

#[test]
fn every_expectation_holds_on_every_kernel() {
    all_hold_on(&Revision::line().collect::<Vec<_>>());
}

#[test]
fn and_on_each_of_the_64_sets_of_patches() {
    let with = |patches| Revision::BASE.with_set(patches).unwrap();
    all_hold_on(&PatchSet::all_subsets().map(with).collect::<Vec<_>>());
}

/// What is expected does not depend on how much of the trace is kept.
#[test]
fn and_without_a_trace() {
    for (name, scenario) in gallery() {
        let outcome = session::run(&scenario, Options { trace: false, ..Options::default() }).unwrap();
        let failed: Vec<_> = outcome
            .steps
            .iter()
            .flat_map(|step| &step.checks)
            .chain(&outcome.checks)
            .filter(|check| !check.held)
            .collect();
        assert!(failed.is_empty(), "{name}: {failed:?}");
    }
}

/// A what-if on the kernel it is best seen on.
fn seen(variant: VariantId) -> Revision {
    variant.variant().seen_on.parse::<Revision>().unwrap().with_variant(Some(variant))
}

/// A what-if is another kernel: what a scenario says of it has to hold there.
#[test]
fn and_on_the_what_ifs_that_they_name() {
    let mut shown = 0;
    for variant in VariantId::all() {
        let revision = seen(variant);
        for (name, scenario) in gallery() {
            if scenario::to_toml(&scenario).contains(&format!("~{variant}")) {
                shown += 1;
                let found = complaints(&run(&scenario, revision));
                assert!(found.is_empty(), "{name} on {revision}: {found:#?}");
            }
        }
    }
    assert!(shown >= VariantId::all().count(), "{shown}");
}

/// How much a scenario says of a kernel.
fn checks(scenario: &Scenario, revision: Revision) -> usize {
    let outcome = run(scenario, revision);
    outcome.steps.iter().map(|step| step.checks.len()).sum::<usize>() + outcome.checks.len()
}

/// An expectation whose condition never holds would say nothing.
#[test]
fn something_is_expected_on_every_kernel() {
    for (name, scenario) in gallery() {
        let own: Revision = scenario.kernel.parse().unwrap();
        for revision in Revision::line().chain([own]) {
            assert!(checks(&scenario, revision) >= 2, "{name} expects nothing on {revision}");
        }
    }
}

#[test]
fn print_and_parse_agree() {
    for (name, scenario) in gallery() {
        let printed = scenario::to_toml(&scenario);
        let again = read(&name, &printed);
        assert_eq!(again, scenario, "{name}:\n{printed}");
        assert_eq!(printed, scenario::to_toml(&again), "{name}");
    }
}

#[test]
fn every_scenario_tells_its_story() {
    let gallery = gallery();
    assert!(gallery.len() >= 16);
    for (name, scenario) in &gallery {
        assert!(scenario.title.len() >= 10, "{name}");
        let about = scenario.about.as_deref().unwrap_or_default();
        assert!(about.matches(['.', ';']).count() >= 2, "{name}: about");
        assert!(!scenario.topics.is_empty(), "{name}: topics");
    }
    for patch in PatchId::ALL {
        let count = gallery
            .values()
            .filter(|scenario| scenario.topics.iter().any(|topic| topic == patch.name()))
            .count();
        assert!(count >= 2, "{patch} has {count} scenarios");
    }
}

/// Each of the six patches changes what some scenario shows: the gallery can tell any two steps of the series apart.
#[test]
fn each_patch_can_be_seen() {
    let gallery = gallery();
    let series: Vec<_> = Revision::series().collect();
    for pair in series.windows(2) {
        let seen = gallery.values().any(|scenario| {
            let (before, after) = (run(scenario, pair[0]), run(scenario, pair[1]));
            session::compare(&before, &after).divergence.is_some()
        });
        assert!(seen, "nothing tells {} from {}", pair[0], pair[1]);
    }
}

/// `name kernel hash` for every file, on its own kernel; `UPDATE=1` writes what is.
#[test]
fn traces_are_the_same_on_every_host() {
    let mut lines = String::new();
    for (name, scenario) in gallery() {
        let outcome = session::run(&scenario, Options::default()).unwrap();
        writeln!(lines, "{name} {} {}", outcome.revision, outcome.trace_hash).unwrap();
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(HASHES, &lines).unwrap();
    }
    let pinned = fs::read_to_string(HASHES).unwrap_or_default();
    assert_eq!(pinned, lines, "UPDATE=1 writes the new ones, if the change is meant");
}

/// Steps in a row that answered alike are one word: `0:2` is success with two hardware calls, `EINVAL` a refusal with
/// none, `0*16` sixteen quiet successes.
fn answers(outcome: &Outcome) -> String {
    let mut words: Vec<(String, u32)> = Vec::new();
    for step in &outcome.steps {
        let mut word = match (&step.skipped, step.stop, step.value) {
            (Some(_), _, _) => "skipped".to_owned(),
            (_, Some(stop), _) => stop.to_owned(),
            (_, _, Some(value)) if step.rc == 0 => format!("{value:#x}"),
            _ if step.rc == 0 => "0".to_owned(),
            _ => step.errno.to_owned(),
        };
        if !step.hw.is_empty() {
            write!(word, ":{}", step.hw.len()).unwrap();
        }
        for warning in &step.warnings {
            write!(word, "!{warning}").unwrap();
        }
        match words.last_mut() {
            Some((last, count)) if *last == word => *count += 1,
            _ => words.push((word, 1)),
        }
    }
    let word = |(word, count): (String, u32)| if count == 1 { word } else { format!("{word}*{count}") };
    words.into_iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Every scenario on every kernel, what-if and the 64 sets of patches: kernels with one letter behave alike, and below stand
/// the steps' answers for each letter. Its diff shows what a change of the engine moved.
#[test]
fn the_matrix_of_scenarios_and_kernels() {
    let line: Vec<_> = Revision::line().collect();
    let sets: Vec<_> =
        PatchSet::all_subsets().map(|patches| Revision::BASE.with_set(patches).unwrap()).collect();
    let what_ifs: Vec<_> = VariantId::all().map(seen).collect();
    let names =
        |revisions: &[Revision]| revisions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let mut text = format!("line: {}\nwhat: {}\n", names(&line), names(&what_ifs));
    text.push_str("sets: p1 to p6 as bits 0 to 5, from none to all\n");
    for (name, scenario) in gallery().iter().filter(|(_, scenario)| scenario.schedule.is_none()) {
        let mut kinds: Vec<Outcome> = Vec::new();
        let mut letters = |revisions: &[Revision]| {
            let letter = |revision: &Revision| {
                let outcome = run(scenario, *revision);
                let alike = |kind: &Outcome| session::compare(kind, &outcome).divergence.is_none();
                let place = kinds.iter().position(alike).unwrap_or_else(|| {
                    kinds.push(outcome);
                    kinds.len() - 1
                });
                char::from(LETTERS[place])
            };
            revisions.iter().map(letter).collect::<String>()
        };
        let (of_line, of_sets, of_what_ifs) = (letters(&line), letters(&sets), letters(&what_ifs));
        write!(text, "\n{name}\n  line {of_line}\n  what {of_what_ifs}\n  sets {of_sets}\n").unwrap();
        for (place, kind) in kinds.iter().enumerate() {
            let letter = char::from(LETTERS[place]);
            writeln!(text, "  {letter} {}", answers(kind)).unwrap();
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(MATRIX, &text).unwrap();
    }
    assert_eq!(
        fs::read_to_string(MATRIX).unwrap_or_default(),
        text,
        "UPDATE=1 writes what is, if the change is meant"
    );
}

/// Which file shows which entry of the catalogue (s01 to s96, as topics): all are there, and none may get lost.
#[test]
fn every_entry_of_the_catalogue_is_shown() {
    let gallery = gallery();
    let mut text = String::new();
    for entry in (1..=96).map(|number| format!("s{number:02}")) {
        let files: Vec<_> = gallery
            .iter()
            .filter(|(_, scenario)| scenario.topics.contains(&entry))
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(!files.is_empty(), "no scenario has the topic {entry}");
        writeln!(text, "{entry} {}", files.join(" ")).unwrap();
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(CATALOGUE, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(CATALOGUE).unwrap_or_default(), text, "UPDATE=1 writes what is");
}
