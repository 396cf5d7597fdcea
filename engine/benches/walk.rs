//! The machine's walk at random addresses of 1 GiB that is mapped, warm: region-third, segment and page table.
//!
//! `cargo bench -p s390-iommu --bench walk`

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod common;

use std::hint::black_box;
use std::time::Duration;

use s390_iommu::addr::{Iova, IovaRange, Phys};
use s390_iommu::hw::profile::Profile;
use s390_iommu::hw::walk::{Access, trace_walk, translate};
use s390_iommu::lab::{FunctionSpec, Lab, Op};
use s390_iommu::linux::driver::Prot;
use s390_iommu::table::{Designation, Iota};
use s390_iommu::trace::Trace;

use common::{ADDRESSES, BASE, PHYS, SIZE, addresses, fastest};

fn main() {
    let mut lab = Lab::with("p6".parse().expect("a kernel"), Profile::Lpar, Trace::off());
    let dma = IovaRange::new(Iova::new(BASE), Iova::new(0x1_ffff_ffff));
    let function = lab.add_function(&FunctionSpec::new("f0", dma));
    let domain = lab.alloc_domain("d0", function).expect("a domain");
    assert_eq!(lab.perform(&Op::Attach { function, domain }).rc, 0);
    let (iova, phys, prot) = (Iova::new(BASE), Phys::new(PHYS), Prot { read: true, write: true });
    assert_eq!(lab.perform(&Op::Map { domain, iova, phys, size: SIZE, prot }).rc, 0);

    let world = lab.world();
    let anchor = Iota::table(world.kernel.domains[domain.index()].tables.root, Designation::RegionThird);
    let report = |what: &str, note: &str, time: Duration| {
        println!("{what:34}  {:8.2} ns/walk{note}", time.as_secs_f64() * 1e9 / f64::from(ADDRESSES));
    };

    // Every address is off by the same amount: one comparison of sums shows that all walks were right.
    let expected = addresses().fold(0_u64, |sum, iova| sum.wrapping_add(iova.get() - BASE + PHYS));
    let walk = fastest(60, || {
        let sum = addresses().fold(0_u64, |sum, iova| {
            let found = translate(black_box(anchor), iova, Access::Write, |at| world.mem.read(at));
            sum.wrapping_add(found.map_or(0, |found| found.phys.get()))
        });
        assert_eq!(sum, expected);
    });
    report(
        "addresses alone",
        "",
        fastest(30, || _ = black_box(addresses().map(Iova::get).fold(0_u64, u64::wrapping_add))),
    );
    report("walk of 1 GiB, three tables", " (at most 20)", walk);
    let traced = fastest(10, || {
        let steps: usize = addresses()
            .map(|iova| trace_walk(anchor, iova, Access::Write, |at| world.mem.read(at)).steps.len())
            .sum();
        assert_eq!(steps, ADDRESSES as usize * 3);
    });
    report("the same, with its path", "", traced);
    let function_walk = fastest(10, || {
        let found = addresses()
            .filter(|iova| lab.walk(function, *iova, Access::Write).path.translation.is_some())
            .count();
        assert_eq!(found, ADDRESSES as usize);
    });
    report("the same, asked of the lab", "", function_walk);
}
