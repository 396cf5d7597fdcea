//! Mapping and unmapping against a loop that stores the same entries into a flat vector, in one run: ratios hold
//! on a noisy machine, absolute times do not.
//!
//! `cargo bench -p s390-iommu --bench mapping`

use std::hint::black_box;
use std::time::{Duration, Instant};

use s390_iommu::addr::{Iova, IovaRange, Phys};
use s390_iommu::hw::function::Profile;
use s390_iommu::lab::{FunctionSpec, Lab, Op};
use s390_iommu::linux::driver::Prot;
use s390_iommu::linux::{Errno, core};
use s390_iommu::trace::Trace;

const PAGES: u64 = 262_144;
const BASE: u64 = 0x1_0000_0000;
const RW: Prot = Prot { read: true, write: true };

/// The fastest of many rounds: what the code costs when nothing disturbs it.
fn fastest(rounds: u32, mut round: impl FnMut()) -> Duration {
    (0..rounds)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn lab(kernel: &str) -> (Lab, s390_iommu::ids::DomainId) {
    let mut lab = Lab::with(kernel.parse().expect("a kernel"), Profile::Lpar, Trace::off());
    let dma = IovaRange::new(Iova::new(BASE), Iova::new(0x1_ffff_ffff));
    let f0 = lab.add_function(&FunctionSpec::new("f0", dma));
    let d0 = lab.alloc_domain("d0", f0).expect("a domain");
    assert_eq!(lab.perform(&Op::Attach { function: f0, domain: d0 }).rc, 0);
    (lab, d0)
}

fn main() {
    let mut flat = vec![0_u64; PAGES as usize];
    let flat_loop = fastest(200, || {
        for (k, entry) in flat.iter_mut().enumerate() {
            *entry = BASE + (k as u64) * 0x1000;
        }
        black_box(&mut flat);
        for (k, entry) in flat.iter_mut().enumerate() {
            *entry = (BASE + (k as u64) * 0x1000) | 0x400;
        }
        black_box(&mut flat);
    });
    let per_page = |time: Duration| time.as_secs_f64() * 1e9 / PAGES as f64;
    println!("flat loop, two stores a page        {:8.2} ns/page", per_page(flat_loop));

    for kernel in ["p6"] {
        let (mut lab, domain) = lab(kernel);
        let (iova, phys, size) = (Iova::new(BASE), Phys::new(0x8000_0000), PAGES * 0x1000);
        let gib = fastest(60, || {
            assert_eq!(lab.perform(&Op::Map { domain, iova, phys, size, prot: RW }).rc, 0);
            assert_eq!(lab.perform(&Op::Unmap { domain, iova, size }).value.number(), Some(size));
        });
        let ratio = gib.as_secs_f64() / flat_loop.as_secs_f64();
        println!(
            "map + unmap of 1 GiB, {kernel:8}      {:8.2} ns/page {ratio:6.1} x the loop (at most 6)",
            per_page(gib)
        );

        let pairs = 100_000_u32;
        let page = |k: u32| Iova::new(BASE + u64::from(k % 256) * 0x1000);
        let per_pair = |time: Duration| time.as_secs_f64() * 1e9 / f64::from(pairs);
        let calls = fastest(20, || {
            let done = lab.kernel(async |cx| {
                for k in 0..pairs {
                    core::map(cx, domain, page(k), phys, 0x1000, RW).await?;
                    core::unmap(cx, domain, page(k), 0x1000).await;
                }
                Ok::<_, Errno>(())
            });
            assert_eq!(done, Some(Ok(())));
        });
        println!("map + unmap of 4 KiB, {kernel:8}      {:8.2} ns/pair", per_pair(calls));
        let operations = fastest(20, || {
            for k in 0..pairs {
                lab.perform(&Op::Map { domain, iova: page(k), phys, size: 0x1000, prot: RW });
                lab.perform(&Op::Unmap { domain, iova: page(k), size: 0x1000 });
            }
        });
        println!("  the same as operations of a Lab   {:8.2} ns/pair", per_pair(operations));
    }
}
