//! Replays captures of real guests and says where the machine differs: directories of runs, of runs with operations, or
//! of random walks.
//!
//! `cargo run --release --example capture DIR…`
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use s390_iommu::capture::{Capture, Operations, Report, Walks};

type Answer<T> = Result<T, Box<dyn Error>>;

fn main() -> Answer<()> {
    let mut report = Report::default();
    for directory in std::env::args().skip(1).map(PathBuf::from) {
        replay(&directory, &mut report).map_err(|error| format!("{}: {error}", directory.display()))?;
    }
    for mismatch in &report.details {
        println!("{mismatch}");
    }
    print!("{}", report.table());
    println!("{report}");
    std::process::exit(i32::from(report.mismatches > 0));
}

/// A directory: a run, a set of walks, or directories of these.
fn replay(directory: &Path, report: &mut Report) -> Answer<()> {
    let there = |name: &str| directory.join(name).exists();
    if there("run.json") {
        let about = std::fs::read_to_string(directory.join("run.json"))?;
        if there("events.jsonl.gz") {
            run(directory, &about, report)?;
        }
        if there("vfio.jsonl.gz") {
            let mut operations = Operations::new(&about)?;
            for line in lines(&directory.join("vfio.jsonl.gz"))? {
                operations.line(&line?)?;
            }
            operations.finish(report);
        }
        return Ok(());
    }
    let mut inside: Vec<PathBuf> =
        std::fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<Answer<_>>()?;
    inside.sort();
    for path in inside {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            replay(&path, report)?;
        } else if let Some(name) = name.strip_suffix(".tab.gz") {
            let mut walks = Walks::new(name, &bytes(&path)?)?;
            for line in lines(&directory.join(format!("{name}.jsonl.gz")))? {
                walks.line(&line?)?;
            }
            walks.finish(report);
        }
    }
    Ok(())
}

fn run(directory: &Path, about: &str, report: &mut Report) -> Answer<()> {
    let mut capture = Capture::new(about)?;
    for line in lines(&directory.join("events.jsonl.gz"))? {
        if let Some(name) = capture.line(&line?)? {
            let json = String::from_utf8(bytes(&directory.join(format!("{name}.json.gz")))?)?;
            let tables = directory.join(format!("{name}.tab.gz"));
            let tables = if tables.exists() { Some(bytes(&tables)?) } else { None };
            capture.checkpoint(&name, &json, tables.as_deref())?;
        }
    }
    capture.finish(report);
    Ok(())
}

fn lines(path: &Path) -> Answer<impl Iterator<Item = std::io::Result<String>>> {
    Ok(BufReader::new(MultiGzDecoder::new(File::open(path)?)).lines())
}

fn bytes(path: &Path) -> Answer<Vec<u8>> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(File::open(path)?).read_to_end(&mut bytes)?;
    Ok(bytes)
}
