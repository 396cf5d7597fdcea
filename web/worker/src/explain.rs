//! What names and codes mean, from the engine's one place of such texts.

use s390_iommu::explain;
use s390_iommu_view::explain::Meaning;

/// Every meaning of a name or code. A count behind a warning does not count: `label*3`.
pub fn meanings(name: &str) -> Vec<Meaning> {
    let name = name.split('*').next().unwrap_or(name);
    let meaning = |found: explain::Explanation| Meaning {
        code: found.code,
        title: found.title,
        text: found.text,
        look: found.look,
        source: found.source,
    };
    explain::find(name).into_iter().map(meaning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_kind_are_known() {
        for name in ["invalid-entry", "stale", "EINVAL", "cc3", "T011", "oops*2"] {
            let found = meanings(name);
            assert!(name.starts_with("oops") || !found.is_empty(), "{name}");
        }
        assert_eq!(meanings("weather"), []);
    }
}
