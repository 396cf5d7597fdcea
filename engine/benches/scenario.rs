//! A scenario of forty operations, from its parsed form to its outcome, with every event kept.
//!
//! `cargo bench -p s390-iommu --bench scenario`

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use s390_iommu::scenario::{Scenario, parse};
use s390_iommu::session::{Options, Session, run};

fn text() -> String {
    let mut text = String::from(
        "schema = 1\ntitle = \"Forty operations\"\nkernel = \"p6\"\n\
         functions = [{ name = \"f0\", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]\ndomains = [\"d0\", \"d1\"]\nsteps = [\n",
    );
    for k in 0..5 {
        let iova = 0x1_0000_0000_u64 + k * 0x10_0000;
        let _ = write!(
            text,
            "{{ attach = \"f0\", to = \"d0\" }},\n{{ map = {iova}, phys = 0x8000_0000, size = \"64 KiB\", in = \"d0\" }},\n\
             {{ iova_to_phys = {iova}, in = \"d0\" }},\n{{ walk = {iova}, for = \"f0\" }},\n\
             {{ unmap = {iova}, size = \"32 KiB\", in = \"d0\" }},\n{{ resv_regions = \"f0\" }},\n\
             {{ attach = \"f0\", to = \"d1\" }},\n{{ detach = \"f0\", from = \"d1\" }},\n",
        );
    }
    text + "]\n"
}

fn main() {
    let text = text();
    let scenario = parse(&text).scenario.expect("a scenario");
    assert_eq!(scenario.steps.len(), 40);
    let unchecked = Scenario { checks: Some(Vec::new()), ..scenario.clone() };
    let fastest = |name: &str, round: &mut dyn FnMut()| {
        let times = (0..500).map(|_| {
            let start = Instant::now();
            round();
            start.elapsed()
        });
        let micros = times.min().unwrap_or_default().as_secs_f64() * 1e6;
        println!("{name:42}  {micros:8.1} us");
        micros
    };
    let run_all = |scenario: &Scenario, trace: bool| {
        let options = Options { trace, ..Options::default() };
        let mut session = Session::new(scenario, options).expect("a known kernel");
        while !session.advance(40) {}
        black_box(&session);
    };
    for trace in [true, false] {
        let kept = if trace { "trace on" } else { "outcomes only" };
        let off = fastest(&format!("40 operations, {kept}, unchecked (at most 200)"), &mut || {
            run_all(&unchecked, trace);
        });
        let on = fastest(&format!("  {kept}, checked"), &mut || run_all(&scenario, trace));
        println!("  checking costs {:.2} times as much (at most 3)", on / off);
    }
    fastest("  and the outcome as text and views", &mut || {
        black_box(run(&scenario, Options::default()).expect("a known kernel"));
    });
    fastest("  parsing it", &mut || {
        black_box(parse(&text));
    });
}
