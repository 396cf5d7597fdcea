//! Replays recordings of the real driver (`.jsonl` or `.jsonl.gz`) and says where the engine differs.
//!
//! `cargo run --release --example replay FILE…`
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use s390_iommu::recording::Report;

fn main() -> std::io::Result<()> {
    let mut total = Report::default();
    for name in std::env::args().skip(1).map(PathBuf::from) {
        let file = std::fs::File::open(&name)?;
        let reader: Box<dyn BufRead> = if name.extension().is_some_and(|kind| kind == "gz") {
            Box::new(BufReader::new(MultiGzDecoder::new(file)))
        } else {
            Box::new(BufReader::new(file))
        };
        let mut report = Report::default();
        for line in reader.lines() {
            report.replay(&line?);
        }
        for mismatch in report.details.iter().take(10) {
            println!("{mismatch}");
        }
        println!("{}: {report}", name.display());
        total.merge(report);
    }
    println!("{total}");
    std::process::exit(i32::from(total.mismatches > 0));
}
