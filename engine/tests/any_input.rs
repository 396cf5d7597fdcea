//! What the fuzzer looks for, tried on some inputs: files and lines that are good, with a change or two.

use std::io::Read;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use s390_iommu::link::Link;

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "the fuzzer's crate exports them")]
mod laws;

const SCENARIO: &str = include_str!("data/everything.zpci.toml");

/// A link with everything that one can hold.
fn link() -> String {
    let patches = Some(vec!["p1".to_owned(), "p4".to_owned()]);
    let (kernel, compare) = (Some("base".to_owned()), Some("p6".to_owned()));
    Link { text: SCENARIO[..200].to_owned(), kernel, patches, compare, step: Some(3), iova: Some(1 << 42) }
        .encode()
}

/// Pieces that mean something in one format or the other, among them the largest and the strangest of their kind.
const PIECES: [&str; 20] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    "=",
    ":",
    "\n",
    "0",
    "-1",
    "18446744073709551615",
    "\"0xffffffffffffffff\"",
    "\"0x0\"",
    "null",
    "true",
    "[]",
    "{}",
    "\u{0}",
    "🦀",
];

/// A change: where, in thousandths of the whole; how many bytes go; which piece comes.
type Change = (usize, usize, usize);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec((0..1000_usize, 0..24_usize, 0..PIECES.len()), 0..4)
}

fn changed(good: &str, changes: &[Change]) -> Vec<u8> {
    let mut bytes = good.as_bytes().to_vec();
    for (at, gone, piece) in changes {
        let at = at * bytes.len() / 1000;
        let end = (at + gone).min(bytes.len());
        bytes.splice(at..end, PIECES[*piece].bytes());
    }
    bytes
}

/// Short lines of recordings of every family.
fn recordings() -> Vec<String> {
    let mut lines = Vec::new();
    for name in ["series", "insn", "modern", "iova", "groups", "legacy-dma"] {
        let path = format!("{}/tests/recordings/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
        let Ok(packed) = std::fs::read(path) else { continue };
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
        let mut short: Vec<_> = text.lines().filter(|line| line.len() < 3000).collect();
        short.sort_by_key(|line| line.len());
        lines.extend(short.iter().rev().take(8).map(|line| (*line).to_owned()));
    }
    assert!(lines.len() > 20);
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn scenarios(changes in changes()) {
        laws::scenario(&changed(SCENARIO, &changes));
    }

    #[test]
    fn links(changes in changes()) {
        laws::link(&changed(&link(), &changes));
    }

    #[test]
    fn words(bytes in vec(any::<u8>(), 0..12), name in "[a-zA-Z0-9 /_x-]{0,16}") {
        laws::word(&bytes);
        laws::word(name.as_bytes());
    }

    #[test]
    fn dumps(bytes in vec(any::<u8>(), 0..600), place in 0..64_u64) {
        laws::dump(&bytes);
        // An anchor that leads into the file, most of which looks like tables.
        let mut file = vec![1];
        file.extend((place << 14).to_be_bytes());
        file.extend((place << 14 | 0x804).to_be_bytes());
        for (word, byte) in bytes.iter().enumerate() {
            let inside = (place << 14) + (u64::from(*byte) << 11);
            let kinds = [0x20, 0x400, inside, inside | 0x7, inside | 0xb, inside | 0xf, inside | 0x200, u64::from(*byte)];
            file.extend(kinds[(word + usize::from(*byte)) % kinds.len()].to_be_bytes().repeat(1 + usize::from(*byte) % 40));
        }
        laws::dump(&file);
    }
}

#[test]
fn recordings_with_changes_are_replayed_or_refused() {
    let lines = recordings();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(96));
    let law = |(line, changes): (usize, Vec<Change>)| {
        laws::recording(&changed(&lines[line], &changes));
        Ok(())
    };
    runner.run(&(0..lines.len(), changes()), law).unwrap();
}

#[test]
fn what_is_good_passes() {
    laws::scenario(SCENARIO.as_bytes());
    laws::link(link().as_bytes());
    assert!(s390_iommu::scenario::parse(SCENARIO).diagnostics.is_empty() && Link::decode(&link()).is_ok());
}
