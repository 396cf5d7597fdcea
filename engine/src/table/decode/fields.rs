//! Collects the fields of one word from the top bit down, so that none is left out.

use super::{Decoded, Field, WordKind};

pub(super) struct Fields {
    word: u64,
    fields: Vec<Field>,
}

impl Fields {
    pub(super) fn of(word: u64) -> Self {
        Self { word, fields: Vec::new() }
    }

    /// Value of the bits from `high` down to `low`.
    pub(super) fn value(&self, high: u8, low: u8) -> u64 {
        self.word >> low & (u64::MAX >> (63 - (high - low)))
    }

    /// The field that starts below the last one and reaches down to bit `low`.
    pub(super) fn field(
        &mut self,
        name: &'static str,
        low: u8,
        meaning: impl Into<String>,
        usual: bool,
    ) -> &mut Self {
        let high = self.fields.last().map_or(63, |field| field.lsb.1 - 1);
        let value = self.value(high, low);
        let (lsb, msb) = ((high, low), (63 - high, 63 - low));
        self.fields.push(Field { name, lsb, msb, value, meaning: meaning.into(), usual });
        self
    }

    /// The address that fills the bits down to `low`.
    pub(super) fn address(&mut self, name: &'static str, low: u8, of: &str) -> &mut Self {
        let address = self.word >> low << low;
        self.field(name, low, format!("{of} at {address:#x}"), true)
    }

    /// A single bit and what its two values mean.
    pub(super) fn bit(&mut self, name: &'static str, meanings: [&str; 2], usual: [bool; 2]) -> &mut Self {
        let low = self.fields.last().map_or(63, |field| field.lsb.1 - 1);
        let set = self.value(low, low) as usize;
        self.field(name, low, meanings[set], usual[set])
    }

    /// Bits down to `low` of which nothing is known; Linux leaves them 0.
    pub(super) fn unknown(&mut self, low: u8) -> &mut Self {
        let high = self.fields.last().map_or(63, |field| field.lsb.1 - 1);
        let zero = self.value(high, low) == 0;
        self.field("-", low, if zero { "unused" } else { "no known meaning" }, zero)
    }

    /// The explanation, with a note on stray bits added to the line.
    pub(super) fn finish(self, kind: WordKind, mut meaning: String, next: String) -> Decoded {
        debug_assert_eq!(self.fields.last().map(|field| field.lsb.1), Some(0), "all 64 bits are explained");
        if self.fields.iter().any(|field| field.name == "-" && field.value != 0) {
            meaning.push_str(", with bits of no known meaning");
        }
        Decoded { kind, word: self.word, meaning, fields: self.fields, next }
    }
}
