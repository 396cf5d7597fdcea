//! The gallery's search.

use s390_iommu_view::text::{Entry, Group};

/// The scenarios that contain every word of the query, by topic.
pub fn found<'a>(groups: &'a [Group], query: &str) -> Vec<(&'a Group, Vec<&'a Entry>)> {
    let words: Vec<String> = query.split_whitespace().map(str::to_ascii_lowercase).collect();
    let fits = |entry: &&Entry| {
        let all = format!("{} {} {} {}", entry.file, entry.title, entry.about, entry.topics.join(" "));
        let all = all.to_ascii_lowercase();
        words.iter().all(|word| all.contains(word))
    };
    let fitting = |group: &'a Group| (group, group.entries.iter().filter(fits).collect::<Vec<_>>());
    groups.iter().map(fitting).filter(|(_, entries)| !entries.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_be_found() {
        let entry = |title: &str, topic: &str| Entry {
            file: "f".to_owned(),
            title: title.to_owned(),
            about: String::new(),
            topics: vec![topic.to_owned()],
        };
        let group = |topic: &str, title: &str| Group {
            topic: topic.to_owned(),
            heading: String::new(),
            entries: vec![entry(title, topic)],
        };
        let groups = [group("p3", "Shrinking aperture"), group("p4", "Aperture")];
        assert_eq!(found(&groups, "APERTURE shrink").len(), 1);
        assert_eq!(found(&groups, "p4")[0].1[0].title, "Aperture");
        assert!(found(&groups, "nothing").is_empty());
        assert_eq!(found(&groups, "").len(), 2);
    }
}
