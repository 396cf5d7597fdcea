//! The book: its scenarios run and hold, its gallery is complete, and its links lead somewhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use s390_iommu::check::{Check, Verdict};
use s390_iommu::revision::Revision;
use s390_iommu::scenario;
use s390_iommu::session::{self, Options};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every page with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let mut pending = vec![root().join("book/src")];
    let mut pages = Vec::new();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path).unwrap();
            pages.push((path, text));
        }
    }
    pages.sort();
    pages
}

/// The blocks of a page that are tagged as scenarios.
fn scenarios(page: &str) -> Vec<&str> {
    page.split("```toml,scenario\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

#[test]
fn scenarios_of_the_book_hold_on_every_kernel() {
    let mut count = 0;
    for (page, text) in pages() {
        for block in scenarios(&text) {
            count += 1;
            let parsed = scenario::parse(block);
            let complaints: Vec<_> =
                parsed.diagnostics.iter().map(|found| found.render(block, "<text>")).collect();
            assert!(complaints.is_empty(), "{}:\n{}", page.display(), complaints.join("\n"));
            let scenario = parsed.scenario.unwrap();
            for revision in Revision::line() {
                let options = Options { revision: Some(revision), ..Options::default() };
                let outcome = session::run(&scenario, options).unwrap();
                let checks = outcome.steps.iter().flat_map(|step| &step.checks).chain(&outcome.checks);
                let wrong: Vec<_> = checks.filter(|check| !check.held).collect();
                assert!(wrong.is_empty(), "{} on {revision}: {wrong:#?}", page.display());
                assert_eq!(outcome.stop, None, "{} on {revision}", page.display());
            }
        }
    }
    assert!(count >= 2, "the scenarios of the book were not found");
}

const GALLERY: &str = "\
# Gallery

Every scenario of `examples/scenarios`, by topic. Their expectations are part of the tests: they hold on every kernel they
speak of. Each can be run by name, for example `s390-iommu run examples/scenarios/attach-twice.zpci.toml`, and all of them are
in the playground's gallery.

<!-- This page is written by a test: UPDATE=1 cargo test -p s390-iommu --test book -->
";

/// What a topic is called in headings; those without a name come last, under their own word.
const TOPICS: [(&str, &str); 6] = [
    ("p1", "Patch 1: attach and leave"),
    ("p2", "Patch 2: the list of devices"),
    ("p3", "Patch 3: the aperture"),
    ("p4", "Patch 4: the range check"),
    ("p5", "Patch 5: page sizes"),
    ("p6", "Patch 6: many pages in one call"),
];

/// The gallery's page: scenarios under their first topic.
fn gallery_page() -> String {
    let mut by_topic: BTreeMap<(usize, String), Vec<(String, scenario::Scenario)>> = BTreeMap::new();
    for entry in fs::read_dir(root().join("examples/scenarios")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().replace(".zpci.toml", "");
        let scenario = scenario::parse(&fs::read_to_string(&path).unwrap()).scenario.unwrap();
        let topic = scenario.topics.first().cloned().unwrap_or_default();
        let place = TOPICS.iter().position(|(word, _)| *word == topic).unwrap_or(TOPICS.len());
        by_topic.entry((place, topic)).or_default().push((name, scenario));
    }
    let mut page = GALLERY.to_owned();
    for ((place, topic), mut scenarios) in by_topic {
        let heading = TOPICS.get(place).map_or_else(
            || topic.get(..1).unwrap_or_default().to_uppercase() + topic.get(1..).unwrap_or_default(),
            |(_, heading)| (*heading).to_owned(),
        );
        write!(page, "\n## {heading}\n").unwrap();
        scenarios.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, scenario) in scenarios {
            let about = scenario.about.unwrap_or_default();
            write!(page, "\n### {name}\n\n**{}.** {about}\n\n", scenario.title).unwrap();
            write!(page, "<details><summary>{name}.zpci.toml</summary>\n\n").unwrap();
            let include = format!("{{{{#include ../../examples/scenarios/{name}.zpci.toml}}}}");
            write!(page, "```toml\n{include}\n```\n\n</details>\n").unwrap();
        }
    }
    page
}

#[test]
fn the_gallery_page_shows_every_scenario() {
    let path = root().join("book/src/gallery.md");
    let page = gallery_page();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), page, "UPDATE=1 writes the page");
}

/// As the schema: run with `UPDATE=1` to write it anew.
#[test]
fn the_page_of_codes_is_what_the_texts_say() {
    let path = root().join("book/src/codes.md");
    let now = s390_iommu::explain::page();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let page = fs::read_to_string(&path).unwrap_or_default();
    assert!(page == now, "run the test with UPDATE=1 to rewrite book/src/codes.md");
}

#[test]
fn links_between_pages_lead_somewhere() {
    for (path, text) in pages() {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let page = fs::read_to_string(&target).unwrap_or_else(|_| panic!("{}: {link}", path.display()));
            let heading = |line: &str| {
                let words = line.trim_start_matches('#').trim().to_lowercase();
                let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
                kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>()
            };
            let found = anchor.is_empty()
                || page.lines().any(|line| line.starts_with('#') && heading(line) == anchor);
            assert!(found, "{}: {link}", path.display());
        }
    }
}

/// The README shows this program; it is compiled with the tests, and what it prints stands below it.
#[test]
fn the_programs_of_the_readme_are_the_real_ones() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let program = fs::read_to_string(root().join("engine/examples/first.rs")).unwrap();
    assert!(readme.contains(&format!("```rust\n{program}```")));
    for link in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        // The picture is made from the page, later.
        assert!(link.starts_with("book/src/images/") || root().join(link).exists(), "{link}");
    }
}

/// Each verdict is in the table, and some scenario of the page or of the gallery foretells it.
#[test]
fn every_verdict_has_an_example() {
    let page = fs::read_to_string(root().join("book/src/three-truths.md")).unwrap();
    let mut scenarios: Vec<String> = scenarios(&page).into_iter().map(str::to_owned).collect();
    let gallery = fs::read_dir(root().join("examples/scenarios")).unwrap();
    scenarios.extend(gallery.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()));
    for (verdict, _) in Verdict::ALL {
        assert!(page.contains(&format!("\n| `{verdict}` |")), "{verdict} is not in the table");
        let example = format!("verdict = \"{verdict}\"");
        assert!(scenarios.iter().any(|text| text.contains(&example)), "{verdict} has no example");
    }
    for (check, _) in Check::ALL {
        assert!(page.contains(&format!("\n| `{}` |", check.name())), "{}", check.name());
    }
}
