//! Files that hold memory: what is read from good ones, and what is said about bad ones.

use proptest::prelude::*;
use s390_iommu::addr::{Iova, IovaRange, Phys};
use s390_iommu::dump::{DumpError, DumpWalk, Flaw, Format, LintOptions, LintReport, MemoryImage, lint};
use s390_iommu::hw::walk::Access;
use s390_iommu::table::Iota;
use s390_iommu::tree::{TableMemory, Tree};

const ANCHOR: Iota = Iota::from_bits(0x1_0804);
const ROOT: usize = 0;
const SEGMENTS: usize = 0x4000;
const PAGES: usize = 0x8000;
/// The tables below begin at this address.
const BASE: u64 = 0x1_0000;

/// A region-third table, a segment table and a page table in a row; the page table holds two pages.
fn tables() -> Vec<u8> {
    let mut bytes =
        [[0_u8, 0, 0, 0, 0, 0, 0, 0x20].repeat(4096), [0, 0, 0, 0, 0, 0, 4, 0].repeat(256)].concat();
    put(&mut bytes, ROOT + 2 * 8, 0x1_4007);
    put(&mut bytes, SEGMENTS, 0x1_8000);
    put(&mut bytes, PAGES, 0x7000_0000);
    put(&mut bytes, PAGES + 8, 0x7000_1200);
    bytes
}

fn put(bytes: &mut [u8], at: usize, word: u64) {
    bytes[at..at + 8].copy_from_slice(&word.to_be_bytes());
}

/// An ELF core with these segments: physical address and bytes.
fn core(segments: &[(u64, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0; 64 + 56 * segments.len()];
    bytes[..8].copy_from_slice(b"\x7fELF\x02\x02\x01\x00");
    bytes[16..20].copy_from_slice(&[0, 4, 0, 22]);
    put(&mut bytes, 32, 64);
    bytes[54..58].copy_from_slice(&[0, 56, 0, segments.len() as u8]);
    for (number, (address, memory)) in segments.iter().enumerate() {
        let (header, at) = (64 + 56 * number, bytes.len() as u64);
        bytes[header + 3] = 1;
        put(&mut bytes, header + 8, at);
        put(&mut bytes, header + 16, 0xffff_0000_0000_0000);
        put(&mut bytes, header + 24, *address);
        put(&mut bytes, header + 32, memory.len() as u64);
        put(&mut bytes, header + 40, memory.len() as u64 + 0x1000);
        bytes.extend_from_slice(memory);
    }
    bytes
}

fn records(blocks: &[(u64, u64)]) -> Vec<u8> {
    let record = |(address, word): &(u64, u64)| {
        [address.to_be_bytes().to_vec(), word.to_be_bytes().repeat(256)].concat()
    };
    blocks.iter().flat_map(record).collect()
}

fn refused(bytes: Vec<u8>, base: Option<u64>) -> (&'static str, Option<u64>) {
    let error = MemoryImage::open(bytes, base.map(Phys::new)).unwrap_err();
    assert!(DumpError::explain(error.code).is_some(), "{error}");
    (error.code, error.at)
}

#[test]
fn raw_memory_and_a_core_with_it_in_pieces_read_alike() {
    let bytes = tables();
    let raw = MemoryImage::open(bytes.clone(), Some(Phys::new(BASE))).unwrap();
    // Cut in the middle of a word, in another order, and with memory that is there twice.
    let (low, high) = bytes.split_at(SEGMENTS + 4);
    let pieces = [(BASE + low.len() as u64, high), (BASE, low), (BASE + 0x100, &bytes[0x100..0x900])];
    let elf = MemoryImage::open(core(&pieces), None).unwrap();
    assert_eq!((raw.format(), elf.format()), (Format::Raw, Format::Elf));
    let last = Phys::new(BASE + bytes.len() as u64 - 1);
    assert_eq!((raw.machine_memory(), elf.machine_memory()), (None, Some((Phys::new(BASE), last))));
    let tree = |image| Tree::below(image, ANCHOR, 100).unwrap();
    assert_eq!(tree(&raw), tree(&elf));
    assert_eq!(tree(&raw).mappings().len(), 2);
    assert_eq!(elf.word(Phys::new(BASE + SEGMENTS as u64)), Some(0x1_8000));
    assert_eq!((elf.word(Phys::new(BASE - 8)), elf.word(Phys::new(last.get() + 1))), (None, None));
}

#[test]
fn more_program_headers_than_their_field_can_count() {
    let mut bytes = core(&[(BASE, &tables())]);
    let section = bytes.len() as u64;
    put(&mut bytes, 40, section);
    bytes[56..58].copy_from_slice(&[0xff; 2]);
    bytes.extend([0; 64]);
    bytes[section as usize + 47] = 1;
    assert_eq!(MemoryImage::open(bytes.clone(), None).unwrap().segments().len(), 1);
    bytes.truncate(section as usize);
    assert_eq!(refused(bytes, None), ("D007", Some(40)));
}

#[test]
fn bad_cores() {
    let good = core(&[(BASE, &tables()), (0x10_0000, &[0; 64])]);
    let with = |at: usize, new: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + new.len()].copy_from_slice(new);
        refused(bytes, None)
    };
    assert_eq!(with(4, &[1]), ("D006", Some(4)), "32 bits");
    assert_eq!(with(5, &[1]), ("D006", Some(4)), "little-endian");
    assert_eq!(with(17, &[2]), ("D006", Some(4)), "a program");
    assert_eq!(with(19, &[62]), ("D006", Some(4)), "another machine");
    assert_eq!(with(55, &[55]), ("D007", Some(54)), "size of a program header");
    assert_eq!(with(32, &[0xff; 8]), ("D002", Some(32)), "place of the program headers");
    assert_eq!(with(64 + 8, &[0xff; 8]), ("D002", Some(64)), "place of the memory");
    assert_eq!(with(64 + 32, &[0xff; 8]), ("D002", Some(64)), "size of the memory");
    assert_eq!(with(64 + 56 + 24, &[0xff; 8]), ("D008", Some(64 + 56)), "address");
    assert_eq!(with(56, &[0; 2]), ("D009", Some(64)), "no program headers");
    assert_eq!(refused(core(&[(0, &[1; 8]), (0, &[2; 8])]), None), ("D009", Some(64)), "a process");
    assert_eq!(refused(good.clone(), Some(BASE)), ("D010", Some(0)));
    for len in 1..good.len() {
        let (code, _) = refused(good[..len].to_vec(), None);
        assert!(["D002", "D011"].contains(&code), "{len} bytes: {code}");
    }
}

#[test]
fn bad_records() {
    assert_eq!(refused(Vec::new(), None), ("D001", None));
    let good = records(&[(0x8000, 1), (0x1_0000, 2)]);
    let image = MemoryImage::open(good.clone(), None).unwrap();
    assert_eq!((image.word(Phys::new(0x8000)), image.word(Phys::new(0x1_07f8))), (Some(1), Some(2)));
    assert_eq!((image.word(Phys::new(0x8800)), image.word(Phys::new(0x1_07fc))), (None, None));
    assert_eq!(refused(good[..good.len() - 1].to_vec(), None), ("D002", Some(2056)));
    assert_eq!(refused(good[..100].to_vec(), None), ("D011", Some(0)));
    assert_eq!(refused(records(&[(0x8000, 1), (0x8400, 2)]), None), ("D011", Some(2056)));
    assert_eq!(refused(records(&[(0x8001, 1)]), None), ("D011", Some(0)));
    assert_eq!(refused(records(&[(0x8000, 1), (0, 3), (0x8000, 1)]), None), ("D004", Some(2 * 2056)));
    assert_eq!(refused(b"KDUMP   and so on".to_vec(), None), ("D005", Some(0)));
    assert_eq!(refused(vec![0; 8], Some(u64::MAX - 6)), ("D008", Some(0)));
    let top = MemoryImage::open(vec![7; 8], Some(Phys::new(u64::MAX - 7))).unwrap();
    assert_eq!(top.word(Phys::new(u64::MAX - 7)), Some(0x0707_0707_0707_0707));
    assert_eq!(top.word(Phys::new(u64::MAX - 3)), None);
}

fn checked(anchor: Iota, change: impl FnOnce(&mut Vec<u8>), options: LintOptions) -> LintReport {
    let mut bytes = tables();
    change(&mut bytes);
    let image = MemoryImage::open(bytes, Some(Phys::new(BASE))).unwrap();
    lint(&image, anchor, options).unwrap()
}

/// The only finding of tables with one word changed: its code, the address it is about, and where the entry is.
fn flaw(at: usize, word: u64) -> (&'static str, u64, u64) {
    let report = checked(ANCHOR, |bytes| put(bytes, at, word), LintOptions::default());
    assert_eq!(report.findings.len(), 1, "{report}");
    let finding = &report.findings[0];
    assert_eq!((finding.word, report.is_clean()), (word, finding.note));
    (finding.flaw.code(), finding.iova.get(), finding.at.unwrap().get())
}

#[test]
fn every_flaw_of_a_word_is_found_with_its_place() {
    let clean = checked(ANCHOR, |_| {}, LintOptions::default());
    assert_eq!(
        clean.to_string(),
        "tables: 3 (region 1, segment 1, page 1); pages: 2 (read-only 1), unmapped 0\n0 findings, 0 notes"
    );
    let (third, segment, page) = (0x8000_0000 * 3, 0x1_0010_0000, 0x1_0000_2000);
    let (region_at, segment_at, page_at) = (0x1_0018, 0x1_4008, 0x1_8010);
    assert_eq!(flaw(ROOT + 3 * 8, 0x9000_4007), ("T001", third, region_at), "no such memory");
    assert_eq!(flaw(ROOT + 3 * 8, 0x1_4007), ("T002", third, region_at), "the segment table again");
    assert_eq!(flaw(SEGMENTS + 8, 0x1_4800), ("T002", segment, segment_at), "inside of the segment table");
    assert_eq!(flaw(SEGMENTS + 8, 0x1_0000), ("T002", segment, segment_at), "the root as page table");
    assert_eq!(flaw(ROOT + 3 * 8, 0x9000_400b), ("T003", third, region_at));
    assert_eq!(flaw(SEGMENTS + 8, 0x9000_0004), ("T003", segment, segment_at));
    assert_eq!(flaw(ROOT + 3 * 8, 0x9000_4006), ("T004", third, region_at));
    assert_eq!(flaw(ROOT + 3 * 8, 0x9000_4047), ("T004", third, region_at));
    assert_eq!(flaw(PAGES + 2 * 8, 0x7000_2001), ("T005", page, page_at));
    assert_eq!(flaw(PAGES + 2 * 8, 0x7000_2600), ("T005", page, page_at), "invalid and protected");
    assert_eq!(flaw(SEGMENTS + 8, 0x1_8020), ("T005", segment, segment_at), "invalid again");
    assert_eq!(flaw(SEGMENTS + 8, 0x7ff0_8400), ("T008", segment, segment_at), "a frame");
    assert_eq!(flaw(ROOT + 3 * 8, 0), ("T009", third, region_at));
    assert_eq!(flaw(SEGMENTS + 8, 0), ("T009", segment, segment_at));
    assert_eq!(flaw(PAGES + 2 * 8, 0x7000_0000), ("T010", page, page_at));
    assert_eq!(flaw(ROOT + 2 * 8, 0x1_4207), ("T011", 0x1_0000_0000, 0x1_0010));
}

#[test]
fn the_anchor_is_looked_at_too() {
    let codes = |anchor| {
        let report = checked(Iota::from_bits(anchor), |_| {}, LintOptions::default());
        report.findings.iter().map(|finding| (finding.flaw.code(), finding.at)).collect::<Vec<_>>()
    };
    assert_eq!(codes(0x1_0a04), [("T011", None)]);
    assert_eq!(codes(0x1_0824), [("T005", None)]);
    assert_eq!(codes(0x1_1804), [("T008", None)]);
    assert_eq!(codes(0x9_0804), [("T001", None)]);
    let image = MemoryImage::open(tables(), Some(Phys::new(BASE))).unwrap();
    for anchor in [0, 0x1_0000, 0x1_0812] {
        assert_eq!(lint(&image, Iota::from_bits(anchor), LintOptions::default()).unwrap_err().code, "D020");
    }
}

#[test]
fn bounds_are_held_against_what_is_mapped() {
    let range = |first, last| Some(IovaRange::new(Iova::new(first), Iova::new(last)));
    let found = |range, memory| checked(ANCHOR, |_| {}, LintOptions { range, memory }).found;
    assert_eq!(found(range(0x1_0000_0000, 0x1_0000_1fff), None).len(), 0);
    assert_eq!(found(range(0x1_0000_0000, 0x1_0000_1ffe), None)[&Flaw::OutsideRange], 1);
    assert_eq!(found(range(0x1_0000_2000, 0x1_ffff_ffff), None)[&Flaw::OutsideRange], 2);
    let memory = |last| Some((Phys::new(0), Phys::new(last)));
    assert_eq!(found(None, memory(0x7000_1fff)).len(), 0);
    assert_eq!(found(None, memory(0x7000_0fff))[&Flaw::OutsideMemory], 1);
}

#[test]
fn tables_that_lead_in_circles_and_to_everywhere_end() {
    let everywhere = |bytes: &mut Vec<u8>| {
        for index in 0..2048 {
            put(bytes, ROOT + index * 8, 0x1_0007);
            put(bytes, SEGMENTS + index * 8, 0x1_8000);
        }
    };
    let report = checked(ANCHOR, everywhere, LintOptions::default());
    assert_eq!(report.found[&Flaw::UsedTwice], 2048);
    assert_eq!(report.findings.len() as u64, LintReport::SHOWN);
    let mut bytes = tables();
    everywhere(&mut bytes);
    let image = MemoryImage::open(bytes, Some(Phys::new(BASE))).unwrap();
    let tree = Tree::below(&image, ANCHOR, 3000).unwrap();
    assert!(tree.lines().len() < 10_000 && tree.left_out() > 0);
}

#[test]
fn a_walk_tells_each_step_and_how_it_ends() {
    let mut bytes = tables();
    put(&mut bytes, ROOT + 3 * 8, 0x9000_4007);
    let image = MemoryImage::open(bytes, Some(Phys::new(BASE))).unwrap();
    let walk = |iova, access| DumpWalk::of(&image, ANCHOR, Iova::new(iova), access).unwrap().to_string();
    assert_eq!(
        walk(0x1_0000_1234, Access::Read),
        "read 0x100001234
  0x0000000000010804  anchor: region-third table at 0x10000
  0x0000000000014007  region-third entry: segment table at 0x14000; entry 0x2, at 0x10010
  0x0000000000018000  segment entry: page table at 0x18000; entry 0x0, at 0x14000
  0x0000000070001200  page entry: frame 0x70001000, read-only; entry 0x1, at 0x18008
  -> 0x70001234, read-only, in a frame of 4 KiB"
    );
    let ending = |iova, access| walk(iova, access).lines().last().unwrap().trim().to_owned();
    assert_eq!(ending(0x1_0000_1234, Access::Write), "-> fault protection (error event 0x4)");
    assert_eq!(ending(0x1_0000_2000, Access::Read), "-> fault invalid-entry (error event 0x7)");
    assert_eq!(
        ending(0x1_8000_0000, Access::Read),
        "-> unknown: the entry at 0x90004000 is not in this memory"
    );
    let nowhere = DumpWalk::of(&image, Iota::IDENTITY, Iova::new(0), Access::Read);
    assert_eq!(
        nowhere.unwrap_err().to_string(),
        "D020: 0x0 designates no table (anchor: identity, no tables)"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_file_is_too_strange(mut bytes in prop::collection::vec(any::<u8>(), 0..8192), kind in 0..4, at in 0..0x8800_usize, word: u64) {
        let base = match kind {
            0 => None,
            1 => Some(Phys::new(word)),
            2 => {
                bytes = core(&[(word & 0xf_f000, &bytes), (0x1_0000, &tables())]);
                None
            }
            _ => {
                bytes = tables();
                put(&mut bytes, at, word);
                Some(Phys::new(BASE))
            }
        };
        let Ok(image) = MemoryImage::open(bytes, base) else { return Ok(()) };
        for iota in [ANCHOR, Iota::from_bits(word & !0x1f | 0x800), Iota::from_bits(0x1_0808), Iota::from_bits(word)] {
            let Ok(report) = lint(&image, iota, LintOptions::default()) else { continue };
            let tree = Tree::below(&image, iota, 300).unwrap();
            prop_assert!(report.findings.len() < 50 * Flaw::ALL.len() && tree.lines().len() < 2000);
            for run in tree.mappings() {
                let walk = DumpWalk::of(&image, iota, run.iova, Access::Read).unwrap();
                prop_assert_eq!(walk.path.translation.map(|found| (found.phys, found.writable)), Some((run.phys, run.writable)));
            }
        }
    }

    #[test]
    fn headers_of_any_kind_are_survived(header in prop::collection::vec(any::<u8>(), 60), at in 0_usize..120, bytes in prop::collection::vec(any::<u8>(), 8)) {
        let mut file = core(&[(BASE, &tables())]);
        file[at..at + 8].copy_from_slice(&bytes);
        let _ = MemoryImage::open(file.clone(), None);
        file[4..64].copy_from_slice(&header);
        let _ = MemoryImage::open(file, None);
    }
}
