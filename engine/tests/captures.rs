//! Captures of real guests go through the machine without a difference, and one that was changed does not.

use std::io::Read;
use std::path::{Path, PathBuf};

use s390_iommu::capture::{Capture, Operations, Report, Walks};

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(name)
}

fn unpack(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

fn text(path: &Path) -> String {
    String::from_utf8(unpack(path)).unwrap()
}

/// A run whose log lines `change` can alter, or leave out; checkpoints as they are.
fn run(name: &str, change: &mut dyn FnMut(&str) -> Option<String>) -> Report {
    let directory = directory(name);
    let about = std::fs::read_to_string(directory.join("run.json")).unwrap();
    let mut capture = Capture::new(&about).unwrap();
    for line in text(&directory.join("events.jsonl.gz")).lines() {
        let Some(line) = change(line) else { continue };
        if let Some(name) = capture.line(&line).unwrap() {
            let json = change(&text(&directory.join(format!("{name}.json.gz")))).unwrap();
            let tables = directory.join(format!("{name}.tab.gz"));
            let tables = tables.exists().then(|| unpack(&tables));
            capture.checkpoint(&name, &json, tables.as_deref()).unwrap();
        }
    }
    let mut report = Report::default();
    capture.finish(&mut report);
    report
}

fn operations(name: &str, change: impl Fn(&str) -> String) -> Report {
    let directory = directory(name);
    let about = std::fs::read_to_string(directory.join("run.json")).unwrap();
    let mut operations = Operations::new(&about).unwrap();
    for line in text(&directory.join("vfio.jsonl.gz")).lines() {
        operations.line(&change(line)).unwrap();
    }
    let mut report = Report::default();
    operations.finish(&mut report);
    report
}

fn walks(change: impl Fn(&str) -> String) -> Report {
    let directory = directory("fuzz");
    let mut walks = Walks::new("fuzz1", &unpack(&directory.join("fuzz1.tab.gz"))).unwrap();
    for line in text(&directory.join("fuzz1.jsonl.gz")).lines() {
        walks.line(&change(line)).unwrap();
    }
    let mut report = Report::default();
    walks.finish(&mut report);
    report
}

#[track_caller]
fn agrees(report: &Report, checks: u64) {
    let shown: Vec<_> = report.details.iter().take(10).map(ToString::to_string).collect();
    assert_eq!(report.to_string(), format!("1 runs, {checks} checks, 0 mismatches"), "{}", shown.join("\n"));
}

macro_rules! captures {
    ($($test:ident $how:ident $name:literal: $checks:literal,)+) => {
        $(#[test] fn $test() { agrees(&captures!($how $name), $checks); })+
    };
    (run $name:literal) => { run($name, &mut |line| Some(line.to_owned())) };
    (operations $name:literal) => { operations($name, str::to_owned) };
}

captures! {
    strict run "runs/k612-passthrough": 22636,
    lazy run "runs/k612-nvme-lazy": 28402,
    table_offset run "runs/mut-k612-rtetf": 1468,
    segment_protection run "runs/mut-k72-steprot": 1290,
    identity run "runs/lab-k72-identity": 236,
    region_second run "runs/lab-k72-rs": 23440,
    unplug run "vfio/k72-unplug": 6947,
    unplug_operations operations "vfio/k72-unplug": 195,
    device_errors operations "vfio/k72-dma": 2166,
    past_the_end operations "vfio/k72-ifd-end": 2873,
    other_ranges operations "vfio/k612-ranges-c": 282,
}

#[test]
fn random_walks() {
    agrees(&walks(str::to_owned), 92876);
}

/// Lazy invalidation leaves stale translations, strict does not.
#[test]
fn what_a_run_was_like() {
    let lazy = &captures!(run "runs/k612-nvme-lazy").runs[0];
    let strict = &captures!(run "runs/k612-passthrough").runs[0];
    assert_eq!((lazy.unmap.count, lazy.global.count, strict.global.count), (0, 10, 0));
    assert!(lazy.most_stale_pages > 0 && lazy.longest_exposure > 0 && strict.stale_pages == 0);
}

/// Each change to the first line that has it makes a difference.
#[test]
fn what_was_changed_does_not_agree() {
    let changes = [
        (r#""e":"mpcifc""#, r#""st":0"#, r#""st":8"#),
        (r#""e":"mpcifc""#, r#""raw":"0"#, r#""raw":"8"#),
        (r#""op":"reg_ioat""#, r#""iota":4"#, r#""iota":5"#),
        (r#""op":"query_grp""#, "800fa0", "800fa1"),
        (
            r#""op":"set_fn""#,
            r#""raw":"002000050000000000000000000000000002"#,
            r#""raw":"002000050000000000000000000000000003"#,
        ),
        (r#""e":"rpcit""#, r#""cc":0"#, r#""cc":1"#),
        (r#""e":"rpcit""#, ",3,4096,", ",1,4096,"),
        (r#""e":"rpcit""#, ",3,4096,", ",3,1048576,"),
        (r#""e":"rpcit""#, "0,[[", "0,[[8"),
        (r#""walk":[],"inv""#, ",3]]", ",2]]"),
        (r#""walk":[],"inv""#, ",1,3]]", ",2,3]]"),
        (r#""e":"xlate""#, r#""perm":3"#, r#""perm":1"#),
        (r#""e":"xlate""#, r#""err":0"#, r#""err":4"#),
        (r#""e":"xlate""#, r#""pa":"#, r#""pa":1"#),
        (r#""e":"pcilg""#, r#""cc":0"#, r#""cc":1"#),
        (r#""iotlb":[["#, r#""iotlb":[["#, r#""iotlb":[[4096,4096,3],["#),
        (r#""translations":[["#, ",0,4096]", ",1,4096]"),
        (r#""fns":{"1":{"iota":4"#, r#""iota":4"#, r#""iota":5"#),
    ];
    for (with, recorded, changed) in changes {
        let mut done = false;
        let report = run("runs/k612-passthrough", &mut |line| {
            let here = !done && line.contains(with) && line.contains(recorded);
            done |= here;
            Some(if here { line.replacen(recorded, changed, 1) } else { line.to_owned() })
        });
        assert!(done, "no line to change {recorded} in");
        assert!(report.mismatches > 0, "{with}: {recorded} -> {changed}");
    }
}

/// What the machine was not told it does not know: a refresh left out shows at the next checkpoint or access.
#[test]
fn every_refresh_matters() {
    for (kind, runs) in
        [(r#""e":"rpcit""#, "runs/k612-passthrough"), (r#""e":"error_event""#, "runs/mut-k72-steprot")]
    {
        let mut left_out = false;
        let report = run(runs, &mut |line| {
            let drop = !left_out && line.contains(kind);
            left_out |= drop;
            (!drop).then(|| line.to_owned())
        });
        assert!(left_out && report.mismatches > 0, "{kind}");
    }
    let address = |line: &str| line.replacen(r#""path":[["#, r#""path":[[1"#, 1);
    assert!(walks(address).mismatches >= 12_000);
    assert!(
        operations("vfio/k72-dma", |line| line
            .replace(r#""pec": 4"#, r#""pec": 7"#)
            .replace(r#""pec":4"#, r#""pec":7"#))
        .mismatches
            > 0
    );
}

/// Whatever is read, it is never a panic, and the message says where.
#[test]
fn what_is_no_capture_is_said_to_be_none() {
    let about = std::fs::read_to_string(directory("runs/mut-k72-steprot").join("run.json")).unwrap();
    assert_eq!(Capture::new("{").unwrap_err().code, "C001");
    let mut capture = Capture::new(&about).unwrap();
    capture.line(r#"{"s":1,"e":"pcilg","fid":1,"cc":3}"#).unwrap();
    for (line, code) in [
        ("{\"s\":}", "C001"),
        (r#"{"s":1}"#, "C001"),
        (r#"{"s":1,"e":"rpcit"}"#, "C005"),
        (
            r#"{"s":1,"e":"mpcifc","fid":1,"fib":{"fmt":0,"fc":0,"pba":0,"pal":0,"iota":0,"data":0,"aibv":0,"aisb":0,"fmb":0,"raw":"0"}}"#,
            "C003",
        ),
        (r#"{"s":1,"e":"clp","op":"set_fn","raw":"zz"}"#, "C003"),
        (r#"{"s":1,"e":"clp","op":"query_grp","raw":"00200004"}"#, "C003"),
    ] {
        let problem = capture.line(line).unwrap_err();
        assert_eq!(problem.code, code, "{line}: {problem}");
        assert!(problem.line > 1 && problem.to_string().starts_with(&problem.line.to_string()), "{problem}");
    }
    let problem = capture.checkpoint("ck", r#"{"fns":{}}"#, Some(&[0; 3000])).unwrap_err();
    assert_eq!((problem.code, problem.to_string().contains("byte 2056")), ("C002", true));
}

/// Tables that lead into themselves, and stretches without end, come to an end.
#[test]
fn hostile_captures_come_to_an_end() {
    let about = std::fs::read_to_string(directory("runs/mut-k72-steprot").join("run.json")).unwrap();
    let mut capture = Capture::new(&about).unwrap();
    let register = r#"{"s":1,"e":"mpcifc","fid":1,"oc":4,"iota":67588,"pba":4294967296,"pal":4611686018427387903,"cc":0}"#;
    let enable = r#"{"s":1,"e":"clp","op":"set_fn","fid":1,"oc":0,"rsp":16}"#;
    capture.line(enable).unwrap();
    capture.line(&register.replace("4611686018427387903", "5368709119")).unwrap();
    let mut tables = Vec::new();
    for block in 0..16_u64 {
        tables.extend((0x1_0000 + block * 2048).to_be_bytes());
        for _ in 0..256 {
            tables.extend((0x1_0007_u64).to_be_bytes());
        }
    }
    let json = r#"{"fns":{"1":{"iota":67588,"pba":4294967296,"pal":5368709119,"translations":[]}}}"#;
    capture.checkpoint("ck", json, Some(&tables)).unwrap();
    let stretch =
        r#"{"s":2,"e":"rpcit","fid":1,"start":4294967296,"len":4096,"inv":[[0,0,18446744073709551615,3]]}"#;
    assert_eq!(capture.line(stretch).unwrap_err().code, "C004");
    let levels = r#"{"s":2,"e":"rpcit","fid":1,"start":4294967296,"len":4096,"inv":[[0,0,1,9]]}"#;
    assert_eq!(capture.line(levels).unwrap_err().code, "C004");
    // A word in every frame there is.
    let line = |k: u64| {
        let path: Vec<_> = (0..1000).map(|n| format!("[{},32]", (k * 1000 + n) << 12)).collect();
        let walk = format!("[4294967296,0,0,4096,7,[{}]]", path.join(","));
        format!(r#"{{"s":3,"e":"rpcit","fid":1,"start":4294967296,"len":4096,"walk":[{walk}],"inv":[]}}"#)
    };
    let refused = (0..100).find_map(|k| capture.line(&line(k)).err());
    assert_eq!(refused.unwrap().code, "C007");
}
