//! The shipped scenarios, grouped by topic.

use s390_iommu::revision::PatchId;
use s390_iommu_view::text::{Entry, Group};

use crate::run::read;

mod files {
    include!(concat!(env!("OUT_DIR"), "/gallery.rs"));

    /// File names without ending, with their texts, in order of name.
    pub(super) fn all() -> &'static [(&'static str, &'static str)] {
        FILES
    }
}

/// What the page opens with if no scenario is shipped.
const FALLBACK: (&str, &str) = ("first", include_str!("first.zpci.toml"));

fn shipped() -> &'static [(&'static str, &'static str)] {
    match files::all() {
        [] => std::slice::from_ref(&FALLBACK),
        all => all,
    }
}

/// The text of the scenario that the page opens with.
pub fn first() -> &'static str {
    let first = shipped().iter().find(|(file, _)| file.contains("aperture"));
    first.or(shipped().first()).unwrap_or(&FALLBACK).1
}

/// The text of a shipped scenario.
pub fn text(name: &str) -> Option<&'static str> {
    shipped().iter().find(|(file, _)| *file == name).map(|(_, text)| *text)
}

/// The name of the shipped scenario with exactly this text.
pub fn file(text: &str) -> Option<&'static str> {
    shipped().iter().find(|(_, shipped)| *shipped == text).map(|(file, _)| *file)
}

/// Every shipped scenario, by topic.
pub fn groups() -> Vec<Group> {
    grouped(shipped().iter().map(|(file, text)| entry(file, text)))
}

fn entry(file: &str, text: &str) -> Entry {
    let (title, about, topics) = match read(text).scenario {
        Some(scenario) => (scenario.title, scenario.about.unwrap_or_default(), scenario.topics),
        None => (file.replace('-', " "), String::new(), Vec::new()),
    };
    Entry { file: file.to_owned(), title, about, topics }
}

/// By first topic: patches first, then the others by name.
fn grouped(entries: impl IntoIterator<Item = Entry>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for entry in entries {
        let topic = entry.topics.first().map_or("more", String::as_str);
        if let Some(group) = groups.iter_mut().find(|group| group.topic == topic) {
            group.entries.push(entry);
        } else {
            let (topic, heading) = (topic.to_owned(), heading(topic));
            groups.push(Group { topic, heading, entries: vec![entry] });
        }
    }
    groups
        .sort_by_key(|group| (group.topic.parse::<PatchId>().map_or(9, |id| id as u8), group.topic.clone()));
    groups
}

fn heading(topic: &str) -> String {
    match topic.parse::<PatchId>() {
        Ok(id) => id.patch().title.to_owned(),
        Err(_) => topic.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(title: &str, topics: &[&str]) -> Entry {
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        Entry { file: "f".to_owned(), title: title.to_owned(), about: String::new(), topics }
    }

    #[test]
    fn grouped_by_first_topic_with_patches_first() {
        let entries =
            [entry("a", &["errors"]), entry("b", &["p3", "x"]), entry("c", &[]), entry("d", &["p1"])];
        let topics: Vec<_> = grouped(entries).into_iter().map(|group| group.topic).collect();
        assert_eq!(topics, ["p1", "p3", "errors", "more"]);
    }

    #[test]
    fn what_is_shipped_is_found_by_name_and_by_text() {
        let groups = groups();
        let entry = &groups[0].entries[0];
        let text = text(&entry.file).expect("a text");
        assert_eq!(file(text), Some(&*entry.file));
        assert!(first().contains("steps"));
        assert_eq!((self::text("nothing"), file("")), (None, None));
    }
}
