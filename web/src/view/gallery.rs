//! The shipped scenarios, grouped by topic.

use s390_iommu::revision::PatchId;

mod files {
    include!(concat!(env!("OUT_DIR"), "/gallery.rs"));

    /// File names without ending, with their texts, in order of name.
    pub(super) fn all() -> &'static [(&'static str, &'static str)] {
        FILES
    }
}

/// What the page opens with if no scenario is shipped.
const FALLBACK: (&str, &str) = ("first", include_str!("../first.zpci.toml"));

/// A shipped scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name of its file, without ending.
    pub file: &'static str,
    /// The file.
    pub text: &'static str,
    /// Its title.
    pub title: String,
    /// What it shows.
    pub about: String,
    /// Its topics.
    pub topics: Vec<String>,
}

/// Scenarios of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The topic.
    pub topic: String,
    /// In words.
    pub heading: String,
    /// Its scenarios, as indices of entries.
    pub entries: Vec<usize>,
}

/// Every shipped scenario; `read` gives title, remark and topics of a text.
pub fn entries(read: impl Fn(&str) -> Option<(String, String, Vec<String>)>) -> Vec<Entry> {
    let shipped = files::all();
    let shipped = if shipped.is_empty() { std::slice::from_ref(&FALLBACK) } else { shipped };
    let entry = |&(file, text): &(&'static str, &'static str)| {
        let (title, about, topics) =
            read(text).unwrap_or_else(|| (file.replace('-', " "), String::new(), Vec::new()));
        Entry { file, text, title, about, topics }
    };
    shipped.iter().map(entry).collect()
}

/// The text of the scenario that the page opens with.
pub fn first() -> &'static str {
    let shipped = files::all();
    shipped.iter().find(|(file, _)| file.contains("aperture")).or(shipped.first()).unwrap_or(&FALLBACK).1
}

/// The entries that contain every word of the query, by topic: patches first, then the others by name.
pub fn groups(entries: &[Entry], query: &str) -> Vec<Group> {
    let words: Vec<String> = query.split_whitespace().map(str::to_ascii_lowercase).collect();
    let mut groups: Vec<Group> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let all = format!("{} {} {} {}", entry.file, entry.title, entry.about, entry.topics.join(" "));
        let all = all.to_ascii_lowercase();
        if !words.iter().all(|word| all.contains(word)) {
            continue;
        }
        let topic = entry.topics.first().cloned().unwrap_or_else(|| "more".to_owned());
        match groups.iter_mut().find(|group| group.topic == topic) {
            Some(group) => group.entries.push(index),
            None => groups.push(Group { heading: heading(&topic), topic, entries: vec![index] }),
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
        Entry { file: "f", text: "", title: title.to_owned(), about: String::new(), topics }
    }

    #[test]
    fn grouped_by_first_topic_with_patches_first() {
        let entries =
            [entry("a", &["errors"]), entry("b", &["p3", "x"]), entry("c", &[]), entry("d", &["p1"])];
        let topics: Vec<_> = groups(&entries, "").into_iter().map(|group| group.topic).collect();
        assert_eq!(topics, ["p1", "p3", "errors", "more"]);
    }

    #[test]
    fn every_word_must_be_found() {
        let entries = [entry("Shrinking aperture", &["p3"]), entry("Aperture", &["p4"])];
        assert_eq!(groups(&entries, "APERTURE shrink").len(), 1);
        assert_eq!(groups(&entries, "p4")[0].entries, [1]);
        assert!(groups(&entries, "nothing").is_empty());
    }

    #[test]
    fn there_is_a_first_scenario() {
        assert!(first().contains("steps"));
        assert!(!entries(|_| None).is_empty());
    }
}
