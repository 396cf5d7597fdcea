//! The page of findings: every entry says all that it should, names kernels and scenarios that exist, and no finding of the
//! gallery is missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use s390_iommu::revision::Revision;
use s390_iommu::scenario;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Title and text of each entry.
fn entries() -> Vec<(String, String)> {
    let page = fs::read_to_string(root().join("book/src/findings.md")).unwrap();
    let entries = page.split("\n## ").skip(1);
    entries.map(|entry| entry.split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap()).collect()
}

/// Names of the scenarios that a text names by their files.
fn named(text: &str) -> Vec<&str> {
    let files = text.split('`').filter_map(|code| code.strip_prefix("examples/scenarios/"));
    files.map(|file| file.strip_suffix(".zpci.toml").unwrap()).collect()
}

#[test]
fn every_entry_says_all_that_it_should() {
    let entries = entries();
    assert!(entries.len() >= 20, "{}", entries.len());
    for (title, text) in &entries {
        for field in
            ["- **Kernels**: ", "- **What happens**: ", "- **What a caller can do**: ", "- **Scenario"]
        {
            assert_eq!(text.matches(field).count(), 1, "{title}: {field}");
        }
        assert!(!named(text).is_empty(), "{title}");
        let how = ["Recorded", "ecorded", "aptured", "Read from the code"];
        assert!(how.iter().any(|how| text.contains(how)), "{title}: how it was seen");
    }
}

/// Whatever looks like a kernel of the line is one.
#[test]
fn every_kernel_named_is_one() {
    let mut kernels = 0;
    for (title, text) in entries() {
        let field = text.split("- **").find(|field| field.starts_with("Kernels")).unwrap().to_owned();
        for word in field.split(|c: char| c.is_whitespace() || ",;:()`".contains(c)) {
            let word = word.trim_end_matches('.');
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            if word.starts_with(['v', 'p']) && digit(word.chars().nth(1)) {
                assert!(word.parse::<Revision>().is_ok(), "{title}: {word}");
                kernels += 1;
            }
        }
    }
    assert!(kernels >= entries().len(), "each entry names a kernel");
}

#[test]
fn findings_of_page_and_gallery_are_the_same() {
    let page: BTreeSet<String> =
        entries().iter().flat_map(|(_, text)| named(text)).map(str::to_owned).collect();
    let mut gallery = BTreeSet::new();
    for file in fs::read_dir(root().join("examples/scenarios")).unwrap() {
        let file = file.unwrap().path();
        let name = file.file_name().unwrap().to_str().unwrap().trim_end_matches(".zpci.toml").to_owned();
        let scenario = scenario::parse(&fs::read_to_string(&file).unwrap()).scenario.unwrap();
        if scenario.topics.iter().any(|topic| topic == "finding") {
            gallery.insert(name);
        }
    }
    assert_eq!(page, gallery);
}
