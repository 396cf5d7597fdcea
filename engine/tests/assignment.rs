//! Programs that used devices in real guests: our clients give the same results and cause the same instructions, and a
//! log that was changed is noticed.

use std::io::Read;
use std::path::{Path, PathBuf};

use s390_iommu::assignment::Assignment;
use s390_iommu::capture::Report;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/vfio")
}

fn text(path: &Path) -> String {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

fn run(name: &str, change: impl Fn(&str) -> String) -> Report {
    let directory = directory().join(name);
    let about = std::fs::read_to_string(directory.join("run.json")).unwrap();
    let mut run = Assignment::new(&about).unwrap();
    for line in text(&directory.join("vfio.jsonl.gz")).lines() {
        run.line(&change(line)).unwrap();
    }
    let mut report = Report::default();
    run.finish(&mut report);
    report
}

/// Every run of one kernel: how many there are, and that none differs.
fn kernel(prefix: &str) -> (usize, u64) {
    let mut names: Vec<String> = std::fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    let mut checks = 0;
    for name in &names {
        let report = run(name, str::to_owned);
        assert_eq!(report.mismatches, 0, "{name}: {:#?}", report.details);
        checks += report.checks;
    }
    (names.len(), checks)
}

#[test]
fn users_of_6_1() {
    let (runs, checks) = kernel("k61-");
    assert!(runs >= 6 && checks > 15_000, "{runs} runs, {checks} checks");
}

#[test]
fn users_of_6_12() {
    let (runs, checks) = kernel("k612-");
    assert!(runs >= 6 && checks > 8_000, "{runs} runs, {checks} checks");
}

#[test]
fn users_of_7_2() {
    let (runs, checks) = kernel("k72-");
    assert!(runs >= 10 && checks > 20_000, "{runs} runs, {checks} checks");
}

#[test]
fn what_was_changed_is_noticed() {
    let changed =
        |from: &'static str, to: &'static str| run("k61-dma", move |line| line.replace(from, to)).mismatches;
    assert_eq!(changed("no such thing", "-"), 0);
    assert!(changed(r#""unmapped":1048576"#, r#""unmapped":1048577"#) > 0, "a result");
    assert!(changed(r#""rc":-1,"errno":5"#, r#""rc":0,"errno":0"#) > 0, "a return code");
    assert!(changed(r#""cc":1,"st":40"#, r#""cc":0,"st":0"#) > 0, "an answer");
    assert!(
        changed(r#""op":"set_fn","rsp":16,"fid":1,"oc":1"#, r#""op":"list","rsp":16"#) > 0,
        "an instruction"
    );
    assert!(changed(r#""pal":5368709119"#, r#""pal":5368705023"#) > 0, "a range");
}

#[test]
fn tables_are_the_same_only_where_they_were() {
    // The second registration of the user's tables after the hot reset, as if it were another table.
    let report = run("k61-dma", |line| {
        match line.split_once(r#""iota":"#).filter(|_| line.contains(r#""op":"reset""#)) {
            Some((before, after)) => {
                let (iota, rest) = after.split_once(',').unwrap();
                format!(r#"{before}"iota":{},{rest}"#, iota.parse::<u64>().unwrap() + 0x4000)
            }
            None => line.to_owned(),
        }
    });
    assert!(report.details.iter().any(|mismatch| mismatch.field == "same table"), "{:#?}", report.details);
}

#[test]
fn what_is_no_log_is_refused() {
    let about = std::fs::read_to_string(directory().join("k61-dma/run.json")).unwrap();
    assert_eq!(Assignment::new("{}").unwrap_err().code, "C001");
    assert_eq!(Assignment::new(&about.replace("6.1.0", "5.4.0")).unwrap_err().code, "C008");
    let mut run = Assignment::new(&about).unwrap();
    assert_eq!(run.line("{").unwrap_err().code, "C001");
    // Arguments without sense are refused by the clients, or differ from what was recorded.
    for args in [
        r#"{"container":"c0","iova":18446744073709551615,"size":18446744073709551615,"mflags":3,"mem":"m","vaddr":4096}"#,
        r#"{"iommufd":"i","ioas":"$s","iova":0,"size":0,"mflags":255}"#,
        "{}",
    ] {
        for op in
            ["map", "imap", "unmap", "iunmap", "icopy", "close", "bind", "power", "destroy", "attach", "what"]
        {
            run.line(&format!(r#"{{"op":"{op}","args":{args},"rc":0,"errno":0,"instrs":[]}}"#)).unwrap();
        }
    }
}
