//! Mapping and unmapping against a loop that stores the same entries into a flat vector, in one run: ratios hold
//! on a noisy machine, absolute times do not.
//!
//! `cargo bench -p s390-iommu --bench mapping`

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use s390_iommu::addr::{Iova, IovaRange, Phys};
use s390_iommu::check::Checks;
use s390_iommu::hw::profile::Profile;
use s390_iommu::ids::DomainId;
use s390_iommu::lab::{FunctionSpec, Lab, Op};
use s390_iommu::linux::driver::Prot;
use s390_iommu::linux::{Errno, core};
use s390_iommu::trace::Trace;

const PAGES: u32 = 262_144;
const PAIRS: u32 = 100_000;
const BASE: u64 = 0x1_0000_0000;
const RW: Prot = Prot { read: true, write: true };

/// Nanoseconds per item of the fastest of many rounds: what the code costs when nothing disturbs it.
fn fastest(rounds: u32, items: u32, mut round: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        round();
        start.elapsed()
    };
    let fastest: Duration = (0..rounds).map(time).min().unwrap_or_default();
    fastest.as_secs_f64() * 1e9 / f64::from(items)
}

fn lab(kernel: &str, checks: Option<Checks>) -> (Lab, DomainId) {
    let mut lab = Lab::with(kernel.parse().expect("a kernel"), Profile::Lpar, Trace::off());
    if let Some(checks) = checks {
        lab.watch(checks);
    }
    let dma = IovaRange::new(Iova::new(BASE), Iova::new(0x1_ffff_ffff));
    let function = lab.add_function(&FunctionSpec::new("f0", dma));
    assert_eq!(lab.perform(&Op::Probe { function }).rc, 0);
    let domain = lab.alloc_domain("d0", function).expect("a domain");
    assert_eq!(lab.perform(&Op::Attach { function, domain }).rc, 0);
    (lab, domain)
}

fn main() {
    let mut flat = vec![0_u64; PAGES as usize];
    let flat_loop = fastest(200, PAGES, || {
        for (k, entry) in flat.iter_mut().enumerate() {
            *entry = BASE + (k as u64) * 0x1000;
        }
        black_box(&mut flat);
        for (k, entry) in flat.iter_mut().enumerate() {
            *entry = (BASE + (k as u64) * 0x1000) | 0x400;
        }
        black_box(&mut flat);
    });
    println!("flat loop, two stores a page          {flat_loop:8.2} ns/page");

    for kernel in ["p6", "v7.3"] {
        measure(kernel, flat_loop);
    }
}

fn measure(kernel: &str, flat_loop: f64) {
    let (mut lab, domain) = lab(kernel, None);
    let (iova, phys, size) = (Iova::new(BASE), Phys::new(0x8000_0000), u64::from(PAGES) * 0x1000);
    let gib = fastest(60, PAGES, || {
        assert_eq!(lab.perform(&Op::Map { domain, iova, phys, size, prot: RW }).rc, 0);
        assert_eq!(lab.perform(&Op::Unmap { domain, iova, size }).value.number(), Some(size));
    });
    let ratio = gib / flat_loop;
    println!(
        "{kernel:>5}: map + unmap of 1 GiB         {gib:8.2} ns/page, {ratio:.1} x the loop (at most 6)"
    );

    let (mut watched, domain) = crate::lab(kernel, Some(Checks::ALL));
    let checked = fastest(20, PAGES, || {
        assert_eq!(watched.perform(&Op::Map { domain, iova, phys, size, prot: RW }).rc, 0);
        assert_eq!(watched.perform(&Op::Unmap { domain, iova, size }).value.number(), Some(size));
    });
    println!(
        "{kernel:>5}:   checked                     {checked:8.2} ns/page, {:.1} x unchecked",
        checked / gib
    );

    let page = |k: u32| Iova::new(BASE + u64::from(k % 256) * 0x1000);
    let calls = fastest(20, PAIRS, || {
        let done = lab.kernel(|cx| {
            for k in 0..PAIRS {
                if let Err(errno) = core::map(cx, domain, page(k), phys, 0x1000, RW) {
                    return Ok(Err(errno));
                }
                core::unmap(cx, domain, page(k), 0x1000)?;
            }
            Ok(Ok::<_, Errno>(()))
        });
        assert_eq!(done, Some(Ok(())));
    });
    println!(
        "{kernel:>5}: map + unmap of 4 KiB         {calls:8.2} ns/pair, {:.0} x the loop",
        calls / flat_loop
    );
    let operations = fastest(20, PAIRS, || {
        for k in 0..PAIRS {
            lab.perform(&Op::Map { domain, iova: page(k), phys, size: 0x1000, prot: RW });
            lab.perform(&Op::Unmap { domain, iova: page(k), size: 0x1000 });
        }
    });
    println!("{kernel:>5}:   as operations of a Lab      {operations:8.2} ns/pair");
}
