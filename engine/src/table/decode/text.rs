//! An explained word as an aligned text table.

use std::fmt;

use super::Decoded;

impl fmt::Display for Decoded {
    /// The line, one row per field (a `!` marks what Linux never writes), and what comes next.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:#018x}  {}\n", self.word, self.meaning)?;
        let width = self.fields.iter().map(|field| format!("{:#x}", field.value).len()).max();
        let width = width.unwrap_or(0).max("value".len());
        writeln!(f, "    LSB-0  MSB-0  field   {:>width$}  meaning", "value")?;
        for field in &self.fields {
            writeln!(
                f,
                "  {} {:>5}  {:>5}  {:<6}  {:>width$}  {}",
                if field.usual { ' ' } else { '!' },
                bits(field.lsb),
                bits(field.msb),
                field.name,
                format!("{:#x}", field.value),
                field.meaning,
            )?;
        }
        write!(f, "\nNext: {}", self.next)
    }
}

fn bits((first, last): (u8, u8)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::table::{WordKind, decode};

    #[test]
    fn a_page_entry_as_text() {
        let text = "\
0x000000007feed600  page entry: invalid, last mapped frame 0x7feed000, read-only

    LSB-0  MSB-0  field     value  meaning
    63-12   0-51  frame   0x7feed  once: page at 0x7feed000
       11     52  -           0x0  unused
       10     53  I           0x1  invalid
  !     9     54  P           0x1  read-only
      8-0  55-63  -           0x0  unused

Next: Stops with error event 0x7: the entry is invalid.";
        assert_eq!(decode(WordKind::Page, 0x7fee_d600).to_string(), text);
    }

    #[test]
    fn lines_by_value() {
        let lines = [
            ("iota", 0x8a00_4804, "anchor: region-third table at 0x8a004000"),
            ("iota", 0, "anchor: identity, no tables"),
            ("iota", 0x812, "anchor: designation 4 (page frame, no table) at 0x0"),
            ("region-third", 0x20, "region-third entry: invalid, never used"),
            ("region-third", 0x8a00_8007, "region-third entry: segment table at 0x8a008000"),
            ("region-first", 0xa000_400f, "region-first entry: region-second table at 0xa0004000"),
            (
                "region-second",
                0x9000_4207,
                "region-second entry: region-third table at 0x90004000, read-only, wrong type",
            ),
            ("segment", 0x8a01_0800, "segment entry: page table at 0x8a010800"),
            ("segment", 0x7fe0_0600, "segment entry: 1 MiB frame 0x7fe00000, read-only"),
            ("page", 0x7fee_d000, "page entry: frame 0x7feed000, read and write"),
            ("page", 0x7fee_d400, "page entry: invalid, last mapped frame 0x7feed000"),
            ("page", 0x1, "page entry: frame 0x0, read and write, with bits of no known meaning"),
        ];
        for (kind, word, line) in lines {
            assert_eq!(decode(kind.parse().unwrap(), word).meaning, line, "{kind} {word:#x}");
        }
    }

    #[test]
    fn what_linux_writes_is_usual_and_what_it_never_writes_is_not() {
        use WordKind::{Iota, Page, RegionFirst, RegionThird, Segment};
        let usual = |kind, word| decode(kind, word).fields.iter().all(|field| field.usual);
        let written = [
            (Iota, [0, 0x8a00_4804, 0x9000_0808]),
            (RegionThird, [0x20, 0x8a00_8007, 0x7]),
            (RegionFirst, [0x20, 0xa000_400f, 0xf]),
            (Segment, [0x20, 0x8a01_0800, 0]),
            (Page, [0x400, 0x7fee_d400, 0x200]),
        ];
        let never = [
            (Iota, [0x8a00_4a04, 0x8a00_4800, 0x4000]),
            (RegionThird, [0x8a00_8004, 0x8a00_8047, 0x8a00_800b]),
            (RegionFirst, [0xa000_402f, 0xa000_420f, 0]),
            (Segment, [0x7fe0_0400, 0x8a01_0804, 0x8a01_0820]),
            (Page, [0x7fee_d600, 0x7fee_d001, 0x7fee_d820]),
        ];
        for (kind, words) in written {
            for word in words {
                assert!(usual(kind, word), "{kind} {word:#x}");
            }
        }
        for (kind, words) in never {
            for word in words {
                assert!(!usual(kind, word), "{kind} {word:#x}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_fields_are_the_word(word: u64, low in 0_u64..0x1000, kind in 0_usize..6) {
            for word in [word, low, word & !0xfff | low] {
                let decoded = decode(WordKind::ALL[kind], word);
                let mut next = 63;
                let mut sum = 0;
                for field in &decoded.fields {
                    prop_assert_eq!(i32::from(field.lsb.0), next);
                    prop_assert_eq!(field.msb, (63 - field.lsb.0, 63 - field.lsb.1));
                    prop_assert!(!field.meaning.is_empty());
                    sum |= field.value << field.lsb.1;
                    next = i32::from(field.lsb.1) - 1;
                }
                prop_assert_eq!(next, -1);
                prop_assert_eq!(sum, word);
            }
        }
    }
}
