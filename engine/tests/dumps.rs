//! Table memory of captured guests: the tree read from it has every translation that was listed when it was captured,
//! and no other.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use s390_iommu::addr::{Iova, IovaRange};
use s390_iommu::dump::{DumpWalk, Flaw, Format, LintOptions, LintReport, MemoryImage, lint};
use s390_iommu::hw::walk::Access;
use s390_iommu::table::Iota;
use s390_iommu::tree::Tree;
use serde::Deserialize;

/// A checkpoint's list, as far as it is looked at here.
#[derive(Deserialize)]
struct Checkpoint {
    fns: BTreeMap<String, Function>,
}

#[derive(Deserialize)]
struct Function {
    iota: u64,
    pba: u64,
    pal: u64,
    translations: Option<Vec<(u64, u64, u8, u64)>>,
}

fn gunzip(path: &Path) -> Vec<u8> {
    let packed = std::fs::read(path).unwrap();
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Every checkpoint of which table memory is kept.
fn checkpoints() -> Vec<(PathBuf, MemoryImage<Vec<u8>>, Checkpoint)> {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dumps")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let mut tables: Vec<PathBuf> = files.filter(|path| path.to_str().unwrap().ends_with(".tab.gz")).collect();
    tables.sort();
    tables
        .into_iter()
        .map(|path| {
            let list = path.to_str().unwrap().replace(".tab.gz", ".json.gz");
            let image = MemoryImage::open(gunzip(&path), None).unwrap();
            let checkpoint = serde_json::from_slice(&gunzip(Path::new(&list))).unwrap();
            (path, image, checkpoint)
        })
        .collect()
}

fn checked(image: &MemoryImage<Vec<u8>>, function: &Function) -> LintReport {
    let range = IovaRange::new(Iova::new(function.pba), Iova::new(function.pal));
    let options = LintOptions { range: Some(range), memory: None };
    lint(image, Iota::from_bits(function.iota), options).unwrap()
}

#[test]
fn every_translation_is_found_and_no_other() {
    let (mut lists, mut translations) = (0, 0);
    for (path, image, checkpoint) in checkpoints() {
        assert_eq!(image.format(), Format::Records);
        for (fid, function) in &checkpoint.fns {
            let Some(recorded) = &function.translations else { continue };
            let iota = Iota::from_bits(function.iota);
            let tree = Tree::below(&image, iota, usize::MAX).unwrap();
            let here: Vec<_> = tree
                .mappings()
                .iter()
                .flat_map(|run| {
                    (0..run.count).map(move |number| {
                        let offset = number * run.frame_len;
                        let (iova, phys) = (run.iova.get() + offset, run.phys.get() + offset);
                        (iova, phys, u8::from(!run.writable), run.frame_len)
                    })
                })
                .collect();
            assert_eq!(&here, recorded, "{} function {fid}", path.display());
            for (iova, phys, protected, len) in recorded {
                let walk = DumpWalk::of(&image, iota, Iova::new(iova + len - 1), Access::Read).unwrap();
                let found = walk.path.translation.unwrap();
                assert_eq!((found.phys.get(), found.writable), (phys + len - 1, *protected == 0));
            }
            let counts = checked(&image, function).counts;
            assert_eq!(counts.pages, recorded.len() as u64, "{}", path.display());
            lists += 1;
            translations += recorded.len();
        }
    }
    assert!(lists >= 4 && translations > 500, "{lists} lists, {translations} translations");
}

#[test]
fn tables_that_linux_built_have_no_flaws_and_a_changed_word_shows() {
    for (path, image, checkpoint) in checkpoints() {
        let mut found = BTreeMap::new();
        for function in checkpoint.fns.values().filter(|function| function.iota & 0x800 != 0) {
            let report = checked(&image, function);
            assert!(report.is_clean(), "{}:\n{report}", path.display());
            found.extend(report.found);
        }
        // One run had the protection bit set in a segment entry, from outside.
        let expected = path.to_str().unwrap().contains("steprot").then_some(&1);
        assert_eq!(found.get(&Flaw::ProtectedAbove), expected, "{}", path.display());
    }
}
