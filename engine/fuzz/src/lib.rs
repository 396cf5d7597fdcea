//! What holds for any bytes that somebody hands in. The fuzzer looks for exceptions; `tests/any_input.rs` of the engine
//! tries some on every run of the tests.
//!
//! `cargo +nightly fuzz run dump` in the directory of the engine, with another target's name for the others.

use s390_iommu::addr::{Iova, Phys};
use s390_iommu::dump::{DumpError, DumpWalk, LintOptions, LintReport, MemoryImage, lint};
use s390_iommu::explain;
use s390_iommu::hw::walk::Access;
use s390_iommu::link::{Link, LinkError};
use s390_iommu::recording::Report;
use s390_iommu::scenario;
use s390_iommu::table::{Iota, WordKind, decode};
use s390_iommu::tree::Tree;

/// A text is a scenario or has mistakes, each with a place in it and a known code; a scenario survives being written.
pub fn scenario(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let parsed = scenario::parse(&text);
    assert_eq!(parsed.scenario.is_some(), parsed.diagnostics.is_empty());
    for diagnostic in &parsed.diagnostics {
        assert!(diagnostic.render(&text, "<text>").contains(diagnostic.code));
        assert!(scenario::explain(diagnostic.code).is_some());
        if let Some(span) = &diagnostic.span {
            assert!(text.get(span.clone()).is_some(), "{span:?}");
            assert!(diagnostic.line > 0 && diagnostic.column > 0);
        }
    }
    if let Some(scenario) = parsed.scenario {
        for written in [scenario::to_toml(&scenario), scenario::to_json(&scenario)] {
            let again = scenario::parse(&written);
            assert_eq!(again.scenario.as_ref(), Some(&scenario), "{written}");
        }
    }
}

/// A text is a link, which is written as one that holds the same, or has a known mistake.
pub fn link(bytes: &[u8]) {
    match Link::decode(&String::from_utf8_lossy(bytes)) {
        Ok(link) => assert_eq!(Link::decode(&link.encode()), Ok(link)),
        Err(error) => assert!(LinkError::explain(error.code()).is_some()),
    }
}

/// A word of any kind is explained bit by bit, and a name has a meaning or none. The first byte is the kind.
pub fn word(bytes: &[u8]) {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let word = number(rest);
    let decoded = decode(WordKind::ALL[usize::from(*first) % WordKind::ALL.len()], word);
    let bits: u64 = decoded.fields.iter().map(|field| field.value << field.lsb.1).sum();
    assert_eq!(bits, word, "every bit is in one field");
    assert!(!decoded.next.is_empty() && decoded.to_string().contains(&decoded.meaning));
    explain::find(&String::from_utf8_lossy(bytes));
}

/// A file is a dump or has a known mistake; trees, walks and lint of a dump end, are bounded, and agree. The first byte
/// says whether it is raw memory, the next sixteen are base and anchor, or the anchor and a walked address.
pub fn dump(bytes: &[u8]) {
    let Some((head, file)) = bytes.split_at_checked(17) else { return };
    let (one, other) = (number(&head[1..9]), number(&head[9..]));
    let base = (head[0] % 2 == 1).then_some(Phys::new(one));
    let image = match MemoryImage::open(file, base) {
        Ok(image) => image,
        Err(error) => {
            assert!(DumpError::explain(error.code).is_some());
            return;
        }
    };
    let anchors = [other, one, other & !0x1f | 0x800, other & !0xff | 0x804, other & !0xff | 0x80c];
    for iota in anchors.map(Iota::from_bits) {
        let Ok(report) = lint(&image, iota, LintOptions::default()) else {
            assert_eq!(iota.root_level(), None);
            continue;
        };
        assert!(report.findings.len() as u64 <= 12 * LintReport::SHOWN);
        assert_eq!(report.totals().0 == 0, report.is_clean());
        let Some(tree) = Tree::below(&image, iota, 500) else { panic!("a lint without a tree") };
        for mapped in tree.mappings() {
            let walk = DumpWalk::of(&image, iota, mapped.iova, Access::Read);
            let found = walk.expect("there is a tree").path.translation.expect("the tree leads there");
            assert_eq!((found.phys, found.writable), (mapped.phys, mapped.writable));
        }
        let walk = DumpWalk::of(&image, iota, Iova::new(one), Access::Write).expect("there is a tree");
        let ends = [walk.path.translation.is_some(), walk.path.fault.is_some(), walk.missing.is_some()];
        assert_eq!(ends.into_iter().filter(|end| *end).count(), 1, "{walk}");
    }
}

/// A line is replayed or told to be no recording.
pub fn recording(bytes: &[u8]) {
    let mut report = Report::default();
    report.replay(&String::from_utf8_lossy(bytes));
    assert!(report.scenarios <= 1 && report.details.len() as u64 <= report.mismatches);
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
