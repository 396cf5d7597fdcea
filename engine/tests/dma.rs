//! The DMA API of newer kernels on a driver and a machine: addresses from the top, flushes that wait, time that passes.

use s390_iommu::addr::{Iova, IovaRange, Phys};
use s390_iommu::exec::{Crash, Stop};
use s390_iommu::ids::FunctionId;
use s390_iommu::lab::{FunctionSpec, GroupOp, Lab, Op, OpResult};
use s390_iommu::linux::dma::{Buffer, Direction};
use s390_iommu::scenario;
use s390_iommu::session::{self, Options};
use s390_iommu::state::kernel::{Armed, Failure, FaultSite};
use s390_iommu::trace::Warning;

const PAGE: u64 = 0x1000;

struct Bench {
    lab: Lab,
    f0: FunctionId,
}

impl Bench {
    fn new(kernel: &str, strict: bool, spec: impl FnOnce(FunctionSpec) -> FunctionSpec) -> Self {
        let mut lab = Lab::new(kernel.parse().unwrap());
        lab.world_mut().kernel.strict_dma = strict;
        let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
        let f0 = lab.add_function(&spec(FunctionSpec::new("f0", dma)));
        assert_eq!(lab.perform(&Op::Probe { function: f0 }).rc, 0);
        Self { lab, f0 }
    }

    fn lazy(kernel: &str) -> Self {
        Self::new(kernel, false, |spec| spec)
    }

    fn map(&mut self, pages: u64) -> OpResult {
        let direction = Direction::Bidirectional;
        let buffer = Buffer { phys: Phys::new(0x8000_0000), size: pages * PAGE, direction };
        self.lab.perform(&Op::DmaMap { function: self.f0, buffer })
    }

    fn address(&mut self, pages: u64) -> u64 {
        let result = self.map(pages);
        assert_eq!(result.rc, 0, "{result:?}");
        result.value.number().unwrap()
    }

    fn unmap(&mut self, iova: u64, pages: u64) -> OpResult {
        let (iova, direction) = (Iova::new(iova), Direction::Bidirectional);
        self.lab.perform(&Op::DmaUnmap { function: self.f0, iova, size: pages * PAGE, direction })
    }

    fn advance(&mut self, ms: u64) -> OpResult {
        self.lab.perform(&Op::Advance { ms })
    }
}

const LATER: [&str; 5] = ["v6.8", "v6.12", "v6.16", "v6.18", "v7.3"];

#[test]
fn addresses_come_from_the_top_of_the_functions_range() {
    for kernel in LATER {
        let mut bench = Bench::lazy(kernel);
        // The worked example of the allocator: pages asked for, and the address.
        for (pages, iova) in [
            (1, 0x1_ffff_f000),
            (1, 0x1_ffff_e000),
            (3, 0x1_ffff_8000),
            (5, 0x1_ffff_0000),
            (8, 0x1_fffe_8000),
            (33, 0x1_fffc_0000),
            (256, 0x1_ffe0_0000),
            (1, 0x1_ffdf_f000),
            (100, 0x1_ffd8_0000),
        ] {
            assert_eq!(bench.address(pages), iova, "{kernel}: {pages} pages");
        }
    }
}

#[test]
fn the_place_inside_the_page_is_kept_and_direction_protects() {
    let mut bench = Bench::lazy("v7.3");
    let buffer = Buffer { phys: Phys::new(0x8000_0f80), size: 0x100, direction: Direction::ToDevice };
    let result = bench.lab.perform(&Op::DmaMap { function: bench.f0, buffer });
    // Two pages are touched.
    assert_eq!(result.value.number(), Some(0x1_ffff_ef80));
    let domain = &bench.lab.domains()[0];
    assert_eq!((domain.name.as_str(), domain.translations.len()), ("f0.dma", 1));
    assert_eq!((domain.translations[0].pages, domain.translations[0].writable), (2, false));
}

#[test]
fn a_strict_unmap_refreshes_at_once_and_its_address_is_free() {
    for kernel in LATER {
        let mut bench = Bench::new(kernel, true, |spec| spec);
        let iova = bench.address(1);
        assert_eq!(bench.unmap(iova, 1).refreshes, 1, "{kernel}");
        assert_eq!(bench.address(1), iova, "{kernel}: from the CPU's cache");
    }
}

#[test]
fn a_lazy_unmap_waits_ten_milliseconds_for_one_flush() {
    for kernel in LATER {
        let mut bench = Bench::lazy(kernel);
        let iova = bench.address(1);
        assert_eq!(bench.unmap(iova, 1).refreshes, 0, "{kernel}");
        assert_ne!(bench.address(1), iova, "{kernel}: not before the flush");
        assert_eq!(bench.advance(9).refreshes, 0, "{kernel}");
        assert_eq!(bench.advance(1).refreshes, 1, "{kernel}");
        assert_eq!(bench.address(1), iova, "{kernel}");
    }
}

#[test]
fn the_256th_unmap_flushes_for_255() {
    for kernel in LATER {
        let mut bench = Bench::lazy(kernel);
        let addresses: Vec<u64> = (0..256).map(|_| bench.address(1)).collect();
        let refreshes: Vec<u64> = addresses.iter().map(|iova| bench.unmap(*iova, 1).refreshes).collect();
        assert_eq!(refreshes.iter().sum::<u64>(), 1, "{kernel}");
        assert_eq!(refreshes[255], 1, "{kernel}: a queue of 256 holds 255");
    }
}

#[test]
fn shadowed_functions_share_one_queue_and_wait_a_second() {
    let mut bench = Bench::new("v6.12", false, |spec| FunctionSpec { refresh: true, ..spec });
    let iova = bench.address(1);
    bench.unmap(iova, 1);
    assert_eq!(bench.advance(999).refreshes, 0);
    assert_eq!(bench.advance(1).refreshes, 1);
}

#[test]
fn ism_functions_never_wait() {
    let mut bench = Bench::new("v6.12", false, |spec| FunctionSpec { ism: true, ..spec });
    let iova = bench.address(1);
    assert_eq!(bench.unmap(iova, 1).refreshes, 1);
}

#[test]
fn queued_addresses_are_not_flushed_for_want_of_others() {
    let eight_pages = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_0000_7fff));
    let mut bench = Bench::new("v6.12", false, |spec| FunctionSpec { dma: eight_pages, ..spec });
    let addresses: Vec<u64> = (0..8).map(|_| bench.address(1)).collect();
    for iova in addresses {
        bench.unmap(iova, 1);
    }
    let failed = bench.map(1);
    assert_eq!((failed.rc, failed.refreshes), (-12, 0));
    bench.advance(10);
    bench.address(1);
}

#[test]
fn a_failed_map_gives_its_address_back() {
    let mut bench = Bench::new("v6.12", true, |spec| spec);
    let iova = bench.address(1);
    bench.unmap(iova, 1);
    let site = FaultSite::AllocTable;
    let armed = Armed { after: 0, count: 1, failure: Failure::default() };
    bench.lab.perform(&Op::Inject { site, armed });
    // 256 pages need a second page table, which there is no memory for.
    assert_eq!(bench.map(512).rc, -12);
    let again = bench.address(512);
    assert_eq!(again, 0x1_ffc0_0000);
}

#[test]
fn a_domain_that_goes_away_takes_its_timers_along() {
    let mut bench = Bench::lazy("v7.3");
    let iova = bench.address(1);
    bench.unmap(iova, 1);
    let domain = bench.lab.world().kernel.domain_named("f0.dma").unwrap();
    bench.lab.perform(&Op::Attach { function: bench.f0, domain: s390_iommu::ids::DomainId::BLOCKING });
    bench.lab.perform(&Op::Free { domain });
    assert_eq!(bench.advance(1000).refreshes, 0);
    assert_eq!(bench.lab.stopped(), None);
}

#[test]
fn an_owner_is_not_disturbed_by_the_dma_api() {
    for kernel in LATER {
        let mut bench = Bench::lazy(kernel);
        let f0 = bench.f0;
        for op in [GroupOp::Plug(f0), GroupOp::Get(f0)] {
            assert_eq!(bench.lab.perform(&Op::Group(op)).rc, 0, "{kernel}");
        }
        let iova = bench.address(1);
        assert_eq!(bench.lab.perform(&Op::Group(GroupOp::Claim(f0, 7))).rc, 0, "{kernel}");
        let domains = bench.lab.domains().len();
        let blocked = bench.lab.world().kernel.functions[0].domain;
        // The default domain is still there, and still maps; the device just does not use it.
        assert_ne!(bench.address(1), iova, "{kernel}");
        assert_eq!(bench.lab.domains().len(), domains, "{kernel}");
        assert_eq!(bench.lab.world().kernel.functions[0].domain, blocked, "{kernel}");
    }
}

#[test]
fn what_is_not_mapped_or_lies_at_zero_is_not_unmapped() {
    for kernel in LATER {
        let mut bench = Bench::new(kernel, true, |spec| spec);
        let iova = bench.address(1);
        bench.unmap(iova, 1);
        let again = bench.unmap(iova, 1);
        assert_eq!((again.warnings, again.refreshes), (vec![(Warning::DmaUnmapsNothing, 1)], 0), "{kernel}");
        assert_eq!((bench.address(1), bench.address(1)), (iova, iova - PAGE), "{kernel}: free once only");
        // The driver says 0 for "not mapped" and for the page at 0 alike: its address is lost.
        let buffer = Buffer { phys: Phys::new(0x80), size: 8, direction: Direction::Bidirectional };
        let mapped = bench.lab.perform(&Op::DmaMap { function: bench.f0, buffer });
        let lost = mapped.value.number().unwrap();
        assert_eq!(bench.unmap(lost, 1).warnings, [(Warning::DmaUnmapsNothing, 1)], "{kernel}");
        assert_ne!(bench.address(1), lost - 0x80, "{kernel}");
    }
}

#[test]
fn a_coherent_buffer_needs_pages_first() {
    for kernel in ["p6", "v6.6", "v6.8", "v7.3"] {
        let mut bench = Bench::lazy(kernel);
        let armed = Armed { after: 0, count: 1, failure: Failure::default() };
        bench.lab.perform(&Op::Inject { site: FaultSite::AllocPages, armed });
        let alloc = Op::DmaAlloc { function: bench.f0, phys: Phys::new(0x8000_0000), size: PAGE };
        assert_eq!(bench.lab.perform(&alloc).rc, -12, "{kernel}");
        assert_eq!(bench.lab.perform(&alloc).rc, 0, "{kernel}");
    }
}

#[test]
fn early_addresses_of_ism_stay_inside_a_mebibyte() {
    for kernel in ["p6", "v6.2", "v6.6"] {
        let mut bench = Bench::new(kernel, false, |spec| FunctionSpec { ism: true, ..spec });
        bench.address(200);
        // 56 pages are left before the boundary.
        assert_eq!(bench.address(100), 0x1_0010_0000, "{kernel}");
        // More than a mebibyte can never lie inside one: the search goes round and round with the lock held.
        let stuck = bench.map(257);
        assert_eq!(stuck.stop, Some(Stop::Crash(Crash::SearchNeverEnds)), "{kernel}");
    }
}

#[test]
fn early_kernels_trust_that_there_is_a_bitmap() {
    let beside = Some(Stop::Crash(Crash::BesideBitmap));
    for kernel in ["base", "p6", "v6.2", "v6.6"] {
        // In the domain of somebody else a function has none.
        let mut bench = Bench::lazy(kernel);
        let domain = bench.lab.alloc_domain("d0", bench.f0).unwrap();
        assert_eq!(bench.lab.perform(&Op::Attach { function: bench.f0, domain }).rc, 0, "{kernel}");
        assert_eq!(bench.unmap(0x1_0000_0000, 1).stop, None, "{kernel}: unmapping looks first");
        assert_eq!(bench.map(1).stop, beside, "{kernel}");

        // An unmap outside the range: the rest of the bitmap's last page of memory takes it.
        let short = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_0000_7fff));
        let mut bench = Bench::new(kernel, false, |spec| FunctionSpec { dma: short, ..spec });
        assert_eq!(bench.unmap(0x1_0000_8000, 2).stop, None, "{kernel}");
        assert_eq!((0..8).filter(|_| bench.map(1).rc == 0).count(), 7, "{kernel}");
        assert_eq!(bench.unmap(0x1_07ff_f000, 2).stop, beside, "{kernel}");
    }
}

#[test]
fn early_kernels_count_pages_in_an_int() {
    let mut bench = Bench::lazy("p6");
    let iova = bench.address(2);
    bench.unmap(iova, (1 << 32) + 1);
    let own = &bench.lab.world().kernel.functions[bench.f0.index()].dma;
    assert_eq!((own.lazy.as_ref().unwrap().count(), own.unmapped_pages), (1, 1));
}

#[test]
fn strict_is_strict_for_groups_too() {
    for kernel in LATER {
        let mut bench = Bench::new(kernel, true, |spec| spec);
        assert_eq!(bench.lab.perform(&Op::Group(GroupOp::Plug(bench.f0))).rc, 0, "{kernel}");
        let iova = bench.address(1);
        assert_eq!(bench.unmap(iova, 1).refreshes, 1, "{kernel}");
    }
}

/// On two processors: the trace says that an address is queued when it is, not when its CPU has decided to queue it.
#[test]
fn the_trace_tells_of_a_queued_address_after_the_flush_that_it_missed() {
    let text = include_str!("../../examples/scenarios/queued-during-a-flush.zpci.toml");
    let outcome = session::run(&scenario::parse(text).scenario.unwrap(), Options::default()).unwrap();
    let place = |part: &str| outcome.trace.iter().position(|line| line.contains(part)).unwrap();
    let queued = place("cpu0 addresses queued of f0.dma 0x1ffffe000");
    assert!(
        place("cpu1 refresh f0") < queued && queued < place("cpu1 addresses reclaimed of f0.dma 0x1fffff000")
    );
}
