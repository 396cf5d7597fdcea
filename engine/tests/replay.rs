//! Every recording of the real driver agrees with the engine, field by field.

use std::io::Read;
use std::path::Path;

use s390_iommu::recording::Report;

/// The text of a recording.
fn gunzip(path: &Path) -> String {
    let mut bytes = Vec::new();
    std::fs::File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    text
}

fn replay(name: &str) -> Report {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(format!("{name}.jsonl.gz"));
    let mut report = Report::default();
    gunzip(&path).lines().for_each(|line| report.replay(line));
    for mismatch in report.details.iter().take(10) {
        eprintln!("{name}: {mismatch}");
    }
    report
}

macro_rules! recordings {
    ($($test:ident $name:literal: $verdict:literal,)+) => {
        $(#[test] fn $test() { assert_eq!(replay($name).to_string(), $verdict); })+
    };
}

recordings! {
    series "series": "931 scenarios, 6085 operations, 0 mismatches",
    random_base "random-base": "300 scenarios, 12101 operations, 0 mismatches",
    random_p1 "random-p1": "300 scenarios, 12006 operations, 0 mismatches",
    random_p2 "random-p2": "300 scenarios, 12125 operations, 0 mismatches",
    random_p3 "random-p3": "300 scenarios, 12073 operations, 0 mismatches",
    random_p4 "random-p4": "300 scenarios, 11501 operations, 0 mismatches",
    random_p5 "random-p5": "300 scenarios, 11904 operations, 0 mismatches",
    random_p6 "random-p6": "300 scenarios, 11640 operations, 0 mismatches",
    lockstep "random-series-lockstep": "840 scenarios, 32606 operations, 0 mismatches",
    groups "groups": "1070 scenarios, 20906 operations, 0 mismatches",
    legacy_dma "legacy-dma": "432 scenarios, 51953 operations, 0 mismatches",
    insn "insn": "130 scenarios, 130 operations, 0 mismatches",
    modern "modern": "1306 scenarios, 8594 operations, 0 mismatches",
    random_v6_2 "random-v6.2": "300 scenarios, 11863 operations, 0 mismatches",
    random_v6_6 "random-v6.6": "300 scenarios, 11878 operations, 0 mismatches",
    random_v6_8 "random-v6.8": "300 scenarios, 11122 operations, 0 mismatches",
    random_v6_12 "random-v6.12": "300 scenarios, 12063 operations, 0 mismatches",
    random_v6_16 "random-v6.16": "300 scenarios, 11892 operations, 0 mismatches",
    random_v6_18 "random-v6.18": "300 scenarios, 11931 operations, 0 mismatches",
    random_v7_3 "random-v7.3": "300 scenarios, 12487 operations, 0 mismatches",
    iova "iova": "319 scenarios, 85727 operations, 0 mismatches",
}

/// The first line of a recording.
fn first_line(name: &str) -> String {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(format!("{name}.jsonl.gz"));
    gunzip(&path).lines().next().unwrap().to_owned()
}

/// A replay that finds nothing proves something only if it finds what is there.
#[test]
fn a_recording_that_was_changed_does_not_agree() {
    for (name, recorded, changed) in [
        ("series", r#""rc":0"#, r#""rc":-5"#),
        ("series", r#"0x3fffffffff""#, r#"0x3ffffffffe""#),
        ("series", r#""rpcit""#, r#""rpcis""#),
        ("iova", r#"{"v":"0x13ffff000"}"#, r#"{"v":"0x13fffe000"}"#),
        ("iova", r#""queue":false"#, r#""queue":true"#),
        ("iova", r#""final":{"nodes":17"#, r#""final":{"nodes":18"#),
        ("legacy-dma", r#""v":"0x10000000""#, r#""v":"0x10001000""#),
        ("legacy-dma", r#""lazy":["#, r#""lazy":[[900,1],"#),
        ("legacy-dma", r#""mapped_pages":18"#, r#""mapped_pages":19"#),
        ("legacy-dma", r#""0x40028000","rw""#, r#""0x40028000","r""#),
    ] {
        let line = first_line(name);
        assert!(line.contains(recorded), "{recorded}");
        let mut report = Report::default();
        report.replay(&line.replacen(recorded, changed, 1));
        assert!(report.mismatches > 0, "{recorded}");
    }
}

#[test]
fn what_cannot_be_replayed_is_told() {
    let line = |config: &str, op: &str| {
        format!(
            r#"{{"id":"x","revisions":["6.12"],"config":{{"aperture":["0x0","0xffffff"],"reserved":[],"type":"dma",{config}}},
            "init":{{"rc":0,"type":"dma","queue":false}},"ops":[{op}],"results":[{{}}],
            "final":{{"nodes":0,"pages":0,"tree":[],"caches":{{}},"max32_pages":1048576,"now":0}}}}"#
        )
    };
    for (config, op, told) in [
        (r#""cpus":1"#, r#"{"op":"cpu","cpu":0}"#, None),
        (r#""cpus":1"#, r#"{"op":"cpu","cpu":1}"#, Some("there is no CPU 1")),
        (r#""cpus":0"#, r#"{"op":"reinit"}"#, Some("0 CPUs, not 1 to 512")),
        (r#""cpus":1"#, r#"{"op":"inject","what":"luck"}"#, Some("no place luck to fail at")),
        (r#""cpus":1"#, r#"{"op":"remap"}"#, Some("unknown variant `remap`")),
        (
            r#""cpus":1"#,
            r#"{"op":"alloc_many","size":"0x1000","count":99999999}"#,
            Some("99999999 at once, 1048576 at most"),
        ),
    ] {
        let mut report = Report::default();
        report.replay(&line(config, op));
        assert_eq!(report.mismatches, u64::from(told.is_some()), "{op}: {:?}", report.details);
        if let (Some(told), Some(found)) = (told, report.details.first()) {
            assert!(found.here.as_str().unwrap().contains(told), "{found}");
        }
    }
}
