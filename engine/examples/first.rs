//! Runs one scenario on two kernels and says where they first differ.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use s390_iommu::session::{Options, compare, run_text};

fn main() {
    let text = include_str!("../../examples/scenarios/aperture-shrinks.zpci.toml");
    let on = |kernel: &str| {
        let revision = Some(kernel.parse().expect("a kernel"));
        run_text(text, Options { revision, ..Options::default() }).expect("a scenario without mistakes")
    };
    let (before, after) = (on("p2"), on("p3"));
    let first = compare(&before, &after).divergence.expect("patch 3 changes something");
    println!("step {}: {} is {} on p2 and {} on p3", first.step, first.what, first.left, first.right);
}
