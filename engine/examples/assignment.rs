//! Replays captured runs of device users: directories with `run.json` and `vfio.jsonl`, unpacked.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::{env, fs, path::Path};

use s390_iommu::assignment::Assignment;
use s390_iommu::capture::Report;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut report = Report::default();
    for directory in env::args().skip(1) {
        let directory = Path::new(&directory);
        let mut run = Assignment::new(&fs::read_to_string(directory.join("run.json"))?)?;
        for line in fs::read_to_string(directory.join("vfio.jsonl"))?.lines() {
            run.line(line)?;
        }
        run.finish(&mut report);
    }
    for mismatch in &report.details {
        println!("{mismatch}");
    }
    for run in &report.runs {
        println!(
            "{:24} {:>7} checks {:>6} skipped {:>5} mismatches",
            run.name, run.checks, run.skipped, run.mismatches
        );
    }
    println!("{report}");
    Ok(())
}
