//! A device's translation at random addresses of 1 GiB that is mapped, with a warm cache and without one; and the replay
//! of a captured run.
//!
//! `cargo bench -p s390-iommu --bench machine [-- DIR]`: `DIR` is the directory of a captured run, `k612-nvme-lazy` of
//! the tests if there is none.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod common;

use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use s390_iommu::addr::{Iova, IovaRange, Phys};
use s390_iommu::capture::{Capture, Report};
use s390_iommu::hw::dma;
use s390_iommu::hw::function::{Function, Ioat, Machine};
use s390_iommu::hw::profile::{Caching, Profile};
use s390_iommu::hw::walk::Access;
use s390_iommu::hw::zpci::{Refresh, rpcit};
use s390_iommu::mem::Memory;
use s390_iommu::table::{Iota, Level, PageEntry, RegionEntry, SegmentEntry};

use common::{ADDRESSES, BASE, PHYS, SIZE, addresses, fastest};

const ROOT: u64 = 0x10_0000;

/// Tables for 1 GiB, and a function that has them registered.
fn system(profile: Profile) -> (Machine, Memory) {
    let mut memory = Memory::new();
    let (segments, pages) = (Phys::new(ROOT + 0x4000), ROOT + 0x8000);
    memory.write(
        Level::RegionThird.entry_address(Phys::new(ROOT), Iova::new(BASE)),
        RegionEntry::table(Level::RegionThird, segments).bits(),
    );
    for segment in 0..SIZE >> 20 {
        let table = Phys::new(pages + segment * 0x800);
        memory.write(segments.wrapping_add(segment * 8), SegmentEntry::table(table).bits());
        for page in 0..256 {
            let frame = Phys::new(PHYS + (segment << 20 | page << 12));
            memory.write(table.wrapping_add(page * 8), PageEntry::mapping(frame).bits());
        }
    }
    let range = IovaRange::new(Iova::new(BASE), Iova::new(BASE + SIZE - 1));
    let mut machine = Machine::new(profile);
    let mut function = Function::new(0x8002_0000, 1, range);
    function.ioat = Some(Ioat { iota: Iota::from_bits(ROOT | 0x804), range });
    machine.functions.push(function);
    (machine, memory)
}

/// Sum of all addresses that the accesses lead to: one comparison shows that all were right.
fn accesses(machine: &mut Machine, memory: &Memory) -> u64 {
    addresses().fold(0_u64, |sum, iova| {
        let reached = dma::translate(black_box(machine), 0, iova, Access::Write, |at| memory.read(at));
        sum.wrapping_add(reached.map_or(0, |reached| reached.phys.get()))
    })
}

fn unpack(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).expect("a file of a captured run");
    flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).expect("a gzip file");
    bytes
}

/// A run in memory: lines, and the files of each checkpoint.
fn replay(directory: &Path) {
    let about = std::fs::read_to_string(directory.join("run.json")).expect("a captured run");
    let log = String::from_utf8(unpack(&directory.join("events.jsonl.gz"))).expect("text");
    let checkpoint = |name: &str| {
        let json = String::from_utf8(unpack(&directory.join(format!("{name}.json.gz")))).expect("text");
        let tables = directory.join(format!("{name}.tab.gz"));
        (json, tables.exists().then(|| unpack(&tables)))
    };
    let mut events = 0;
    let time = fastest(10, || {
        let mut capture = Capture::new(&about).expect("a captured run");
        for line in log.lines() {
            if let Some(name) = capture.line(line).expect("a line of a run") {
                let (json, tables) = checkpoint(&name);
                capture.checkpoint(&name, &json, tables.as_deref()).expect("a checkpoint");
            }
        }
        let mut report = Report::default();
        capture.finish(&mut report);
        assert_eq!(report.mismatches, 0);
        events = report.runs[0].events;
    });
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let rate = f64::from(u32::try_from(events).unwrap_or(u32::MAX)) / time.as_secs_f64();
    println!("replay of {name:24}  {rate:12.0} events/s (at least 200000)");
}

fn main() {
    let expected = addresses().fold(0_u64, |sum, iova| sum.wrapping_add(iova.get() - BASE + PHYS));
    let report = |what: &str, note: &str, time: Duration| {
        println!("{what:34}  {:8.2} ns/access{note}", time.as_secs_f64() * 1e9 / f64::from(ADDRESSES));
    };
    report(
        "addresses alone",
        "",
        fastest(30, || _ = black_box(addresses().map(Iova::get).fold(0_u64, u64::wrapping_add))),
    );
    for profile in [Profile::Lpar, Profile::Qemu] {
        let (mut machine, memory) = system(profile);
        let all = Refresh { handle: 0x8002_0000, start: Iova::new(BASE), len: SIZE };
        let refresh = fastest(3, || {
            assert_eq!(rpcit(&mut machine, all, |at| memory.read(at)).answer.cc, 0);
        });
        if profile == Profile::Qemu {
            println!("{:34}  {:8.2} ns/page", "refresh of 1 GiB", refresh.as_secs_f64() * 1e9 / 262_144.0);
        }
        let warm = fastest(60, || assert_eq!(accesses(&mut machine, &memory), expected));
        report(&format!("warm, {profile:?}"), " (at most 10)", warm);
    }
    let (mut machine, memory) = system(Profile::Lpar);
    machine.rules.caching = Caching::Nothing;
    let cold = fastest(60, || assert_eq!(accesses(&mut machine, &memory), expected));
    report("cold: range, walk of three tables", " (at most 25)", cold);
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/runs/k612-nvme-lazy");
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    replay(&given.map_or(tests, PathBuf::from));
}
