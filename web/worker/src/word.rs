//! A word, explained.

use s390_iommu::table::{self, WordKind};
use s390_iommu_view::hex::hex;
use s390_iommu_view::word::{Decoded, Field};

/// The names of all kinds of word.
pub fn kinds() -> Vec<String> {
    WordKind::ALL.into_iter().map(|kind| kind.name().to_owned()).collect()
}

/// What a word says; as a page entry if there is no such kind.
pub fn decoded(kind: &str, word: u64) -> Decoded {
    let decoded = table::decode(kind.parse().unwrap_or(WordKind::Page), word);
    let bits = |(first, last): (u8, u8)| {
        if first == last { first.to_string() } else { format!("{first}–{last}") }
    };
    let field = |field: &table::Field| Field {
        lsb: bits(field.lsb),
        msb: bits(field.msb),
        name: field.name.to_owned(),
        value: hex(field.value),
        meaning: field.meaning.clone(),
        usual: field.usual,
    };
    Decoded {
        meaning: decoded.meaning,
        fields: decoded.fields.iter().map(field).collect(),
        next: decoded.next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_explained_in_both_ways_of_counting() {
        let page = decoded("page", 0x7fee_d200);
        assert!(page.meaning.contains("0x7feed000"), "{page:?}");
        assert_eq!((&*page.fields[0].lsb, &*page.fields[0].msb), ("63–12", "0–51"));
        assert!(kinds().contains(&"segment".to_owned()));
    }
}
