//! VFIO and iommufd where captures do not reach: the end of a process, handles closed in any order, accounts, conflicts,
//! and requests larger than a batch.

use s390_iommu::addr::{Iova, IovaRange, PAGE_SIZE, Phys};
use s390_iommu::hw::profile::Profile;
use s390_iommu::hw::walk::Access;
use s390_iommu::ids::FunctionId;
use s390_iommu::lab::{FunctionSpec, GroupOp, Lab, Op, OpResult, UserOp, Value};
use s390_iommu::linux::Errno;
use s390_iommu::linux::driver::Prot;
use s390_iommu::linux::iommufd::{self, CopyRequest};
use s390_iommu::linux::vfio::{MapRequest, UnmapRequest};
use s390_iommu::state::kernel::{Armed, Failure, FaultSite};
use s390_iommu::state::pci::Driver;
use s390_iommu::trace::Trace;

const F0: FunctionId = FunctionId(0);
const F1: FunctionId = FunctionId(1);
const START: u64 = 0x1_0000_0000;
const RW: Prot = Prot { read: true, write: true };

/// Two functions on the bus, both vfio-pci's; the second one's range ends as given.
fn system(kernel: &str, last: u64) -> Lab {
    let mut lab = Lab::with(kernel.parse().unwrap(), Profile::Qemu, Trace::instructions());
    for (name, last) in [("f0", 0x1_ffff_ffff), ("f1", last)] {
        let dma = IovaRange::new(Iova::new(START), Iova::new(last));
        let function = lab.add_function(&FunctionSpec { refresh: true, ..FunctionSpec::new(name, dma) });
        assert_eq!(lab.perform(&Op::Group(GroupOp::Plug(function))).rc, 0);
        user(&mut lab, UserOp::Bind { function, driver: Driver::Vfio });
    }
    lab
}

fn user(lab: &mut Lab, op: UserOp) -> OpResult {
    lab.perform(&Op::User(op))
}

fn text(name: &str) -> String {
    name.to_owned()
}

fn join(lab: &mut Lab, group: &str, function: FunctionId) -> i32 {
    user(lab, UserOp::Group { name: text(group), function });
    user(lab, UserOp::SetContainer { group: text(group), container: text("c") }).rc
}

/// The first function in a container that maps, opened.
fn container(kernel: &str, last: u64) -> Lab {
    let mut lab = system(kernel, last);
    user(&mut lab, UserOp::Container { name: text("c") });
    assert_eq!(join(&mut lab, "g", F0), 0);
    assert_eq!(user(&mut lab, UserOp::SetIommu { container: text("c"), kind: 3 }).rc, 0);
    let open = UserOp::GetDevice { name: text("d"), group: text("g"), function: F0 };
    assert_eq!(user(&mut lab, open).rc, 0);
    lab
}

/// Pages that are no neighbours, or that all are.
fn memory(pages: u64, scattered: bool) -> Vec<(Phys, u64)> {
    let step = if scattered { 2 * PAGE_SIZE } else { PAGE_SIZE };
    (0..pages).map(|page| (Phys::new(0x8000_0000 + page * step), PAGE_SIZE)).collect()
}

fn map(lab: &mut Lab, iova: u64, pages: u64, scattered: bool) -> i32 {
    let memory = memory(pages, scattered);
    let request = MapRequest { iova: Iova::new(iova), vaddr: 0, size: pages * PAGE_SIZE, prot: RW, memory };
    user(lab, UserOp::Map { container: text("c"), request }).rc
}

fn unmap(lab: &mut Lab, iova: u64, pages: u64) -> OpResult {
    let request = UnmapRequest { iova: Iova::new(iova), size: pages * PAGE_SIZE, all: false };
    user(lab, UserOp::Unmap { container: text("c"), request })
}

fn pinned(lab: &Lab) -> u64 {
    lab.world().kernel.users.vfio.pinned
}

fn info(lab: &mut Lab) -> (u32, Vec<(u64, u64)>) {
    match user(lab, UserOp::Info { container: text("c") }).value {
        Value::Info(info) => {
            (info.available, info.ranges.iter().map(|r| (r.start.get(), r.last.get())).collect())
        }
        other => panic!("{other:?}"),
    }
}

/// What stands of a program in the kernel: open handles, pinned pages, what the machine has registered, live domains.
fn left(lab: &Lab) -> (usize, u64, bool, usize) {
    let world = lab.world();
    let users = &world.kernel.users;
    let live = world.kernel.domains.iter().filter(|domain| !domain.freed).count();
    (users.handles.len(), users.vfio.pinned, world.machine.functions[0].ioat.is_some(), live)
}

const KERNELS: [&str; 7] = ["p1", "p6", "v6.2", "v6.6", "v6.8", "v6.12", "v7.3"];

#[test]
fn a_killed_process_leaves_what_closing_in_any_order_leaves() {
    let orders = ["cgd", "cdg", "gcd", "gdc", "dcg", "dgc"];
    for kernel in KERNELS {
        let mut killed = container(kernel, 0x1_ffff_ffff);
        assert_eq!(map(&mut killed, START, 4, true), 0, "{kernel}");
        assert_eq!(pinned(&killed), 4);
        user(&mut killed, UserOp::Kill);
        let end = left(&killed);
        assert_eq!((end.0, end.1, end.2), (0, 0, true), "{kernel}: the DMA API has the function again");
        for order in orders {
            let mut lab = container(kernel, 0x1_ffff_ffff);
            assert_eq!(map(&mut lab, START, 4, true), 0);
            for name in order.chars() {
                assert_eq!(user(&mut lab, UserOp::Close { name: name.to_string() }).rc, 0);
            }
            assert_eq!(left(&lab), end, "{kernel} {order}");
        }
    }
}

#[test]
fn mappings_are_counted_and_given_back() {
    let mut lab = container("v6.12", 0x1_ffff_ffff);
    assert_eq!(info(&mut lab), (65535, vec![(START, 0x1_ffff_ffff)]));
    user(&mut lab, UserOp::Kill);
    user(&mut lab, UserOp::EntryLimit { limit: 2 });
    user(&mut lab, UserOp::Container { name: text("c") });
    join(&mut lab, "g", F0);
    user(&mut lab, UserOp::SetIommu { container: text("c"), kind: 3 });
    assert_eq!(map(&mut lab, START, 1, false), 0);
    assert_eq!(map(&mut lab, START + 0x1000, 1, false), 0);
    assert_eq!(map(&mut lab, START + 0x2000, 1, false), Errno::ENOSPC.rc());
    assert_eq!(info(&mut lab).0, 0);
    assert_eq!(unmap(&mut lab, START, 2).value.number(), Some(0x2000));
    assert_eq!((info(&mut lab).0, pinned(&lab)), (2, 0));
}

#[test]
fn an_unmap_whose_refresh_fails_leaks_pins_up_to_p6() {
    for (kernel, leaked) in [("p1", 8), ("p6", 8), ("v6.2", 0), ("v7.3", 0)] {
        let mut lab = container(kernel, 0x1_ffff_ffff);
        assert_eq!(map(&mut lab, START, 8, false), 0);
        let failure = Failure { cc: 1, status: 8, rc: Errno::EIO.rc() };
        let armed = Armed { after: 0, count: 1000, failure };
        lab.perform(&Op::Inject { site: FaultSite::RefreshTrans, armed });
        let result = unmap(&mut lab, START, 8);
        assert_eq!((result.rc, result.value.number()), (0, Some(0x8000)), "{kernel}: it says that it worked");
        assert_eq!(pinned(&lab), leaked, "{kernel}");
        lab.perform(&Op::ClearInject);
        user(&mut lab, UserOp::Kill);
        assert_eq!(pinned(&lab), leaked, "{kernel}: the end of the process does not give them back");
    }
}

#[test]
fn a_group_cannot_join_where_it_could_not_follow() {
    for kernel in ["p3", "v6.8", "v7.3"] {
        let mut lab = container(kernel, 0x1_0fff_ffff);
        assert_eq!(map(&mut lab, 0x1_8000_0000, 1, false), 0, "beyond the second function");
        assert_eq!(join(&mut lab, "h", F1), Errno::EINVAL.rc(), "{kernel}");
        assert_eq!(info(&mut lab).1, [(START, 0x1_ffff_ffff)], "{kernel}: nothing was cut");
        assert_eq!(unmap(&mut lab, 0x1_8000_0000, 1).value.number(), Some(0x1000));
        assert_eq!(user(&mut lab, UserOp::SetContainer { group: text("h"), container: text("c") }).rc, 0);
        assert_eq!(info(&mut lab).1, [(START, 0x1_0fff_ffff)], "{kernel}: what both can use");
    }
}

#[test]
fn a_domain_of_its_own_gets_the_mappings_that_stand() {
    let mut lab = container("p1", 0x1_0fff_ffff);
    assert_eq!(map(&mut lab, START, 3, true), 0);
    assert_eq!(join(&mut lab, "h", F1), 0);
    let container = lab.world().kernel.users.vfio.containers[0].iommu.clone().unwrap();
    assert_eq!(container.domains.len(), 2, "ranges differ, so each has its own");
    for page in 0..3 {
        let iova = Iova::new(START + page * PAGE_SIZE);
        let at: Vec<_> = (container.domains.iter())
            .map(|domain| lab.perform(&Op::IovaToPhys { domain: domain.domain, iova }).value.number())
            .collect();
        assert_eq!(at, [Some(0x8000_0000 + page * 2 * PAGE_SIZE); 2]);
    }
    assert_eq!(unmap(&mut lab, START, 3).value.number(), Some(0x3000));
    assert_eq!(pinned(&lab), 0);
}

/// RPCITs of the last operation.
fn refreshes(lab: &mut Lab) -> usize {
    lab.take_records()
        .iter()
        .filter(|record| matches!(record.event, s390_iommu::trace::Event::Rpcit { .. }))
        .count()
}

#[test]
fn type_1_tells_the_machine_after_512_runs() {
    for (kernel, unmaps) in [("p6", 1025), ("v6.2", 3), ("v6.12", 3), ("v7.3", 3)] {
        let mut lab = container(kernel, 0x1_ffff_ffff);
        assert_eq!(map(&mut lab, START, 1025, true), 0);
        lab.take_records();
        unmap(&mut lab, START, 1025);
        assert_eq!(refreshes(&mut lab), unmaps, "{kernel}");
    }
}

#[test]
fn written_pages_are_a_note_of_type_1_and_nothing_else() {
    let mut lab = container("v7.3", 0x1_ffff_ffff);
    assert_eq!(user(&mut lab, UserOp::TrackDirty { container: text("c"), on: true }).rc, 0);
    assert_eq!(user(&mut lab, UserOp::TrackDirty { container: text("c"), on: false }).rc, 0);
    let mut lab = space("v7.3");
    let track = UserOp::HwptTrackDirty { context: text("i"), id: 3 };
    assert_eq!(user(&mut lab, track).rc, Errno::EOPNOTSUPP.rc(), "no page table of s390 can tell");
}

/// The first function bound to an iommufd context (object 2) and attached to its address space (1), in page table 3.
fn space(kernel: &str) -> Lab {
    let mut lab = system(kernel, 0x1_ffff_ffff);
    user(&mut lab, UserOp::Context { name: text("i") });
    assert_eq!(user(&mut lab, UserOp::Ioas { context: text("i") }).value.number(), Some(1));
    user(&mut lab, UserOp::CharDevice { name: text("d"), function: F0 });
    let bind = UserOp::BindContext { device: text("d"), context: text("i") };
    assert_eq!(user(&mut lab, bind).value.number(), Some(2));
    assert_eq!(user(&mut lab, UserOp::Attach { device: text("d"), target: 1 }).value.number(), Some(3));
    lab
}

fn ioas_map(lab: &mut Lab, ioas: u32, iova: Option<u64>, pages: u64) -> OpResult {
    let memory = memory(pages, true);
    let iova = iova.map(Iova::new);
    let request = iommufd::MapRequest { iova, vaddr: 0x1000_0000, size: pages * PAGE_SIZE, prot: RW, memory };
    user(lab, UserOp::IoasMap { context: text("i"), ioas, request })
}

fn ioas_unmap(lab: &mut Lab, ioas: u32, iova: u64, size: u64) -> OpResult {
    user(lab, UserOp::IoasUnmap { context: text("i"), ioas, iova: Iova::new(iova), size })
}

#[test]
fn iommufd_flushes_a_batch_that_is_full_and_goes_on() {
    for (pages, unmaps) in [(5461, 1), (5462, 2), (10923, 3)] {
        let mut lab = space("v6.12");
        assert_eq!(ioas_map(&mut lab, 1, Some(START), pages).rc, 0);
        assert_eq!(pinned(&lab), pages);
        lab.take_records();
        assert_eq!(ioas_unmap(&mut lab, 1, START, pages * PAGE_SIZE).value.number(), Some(pages * PAGE_SIZE));
        assert_eq!((refreshes(&mut lab), pinned(&lab)), (unmaps, 0), "{pages} runs");
    }
}

#[test]
fn a_replaced_address_space_has_its_own_mappings() {
    let mut lab = space("v6.12");
    assert_eq!(user(&mut lab, UserOp::Ioas { context: text("i") }).value.number(), Some(4));
    assert_eq!(ioas_map(&mut lab, 1, Some(START), 2).rc, 0);
    let request = CopyRequest {
        source: 1,
        from: Iova::new(START + PAGE_SIZE),
        target: 4,
        to: Some(Iova::new(START)),
        size: PAGE_SIZE,
        prot: RW,
    };
    assert_eq!(user(&mut lab, UserOp::IoasCopy { context: text("i"), request }).rc, 0);
    let reads = |lab: &mut Lab| lab.walk(F0, Iova::new(START), Access::Read).phys().map(Phys::get);
    assert_eq!(reads(&mut lab), Some(0x8000_0000));
    assert_eq!(user(&mut lab, UserOp::Attach { device: text("d"), target: 4 }).value.number(), Some(5));
    assert_eq!(reads(&mut lab), Some(0x8000_2000), "the copy's place in the other space");
    assert_eq!(ioas_unmap(&mut lab, 1, 0, u64::MAX).value.number(), Some(0x2000));
    assert_eq!(reads(&mut lab), Some(0x8000_2000), "which keeps its memory");
    user(&mut lab, UserOp::Kill);
    assert_eq!((pinned(&lab), left(&lab).0), (0, 0));
}

#[test]
fn an_address_space_in_the_place_of_a_container() {
    let mut lab = system("v7.3", 0x1_ffff_ffff);
    user(&mut lab, UserOp::Context { name: text("c") });
    assert_eq!(join(&mut lab, "g", F0), 0);
    assert_eq!(user(&mut lab, UserOp::SetIommu { container: text("c"), kind: 3 }).rc, 0);
    let open = UserOp::GetDevice { name: text("d"), group: text("g"), function: F0 };
    assert_eq!(user(&mut lab, open).rc, 0);
    assert_eq!(map(&mut lab, START, 2, true), 0);
    assert_eq!(map(&mut lab, START, 1, true), Errno::EEXIST.rc());
    assert_eq!(unmap(&mut lab, START, 1).rc, Errno::ENOENT.rc(), "as iommufd says, not as type 1");
    assert_eq!(user(&mut lab, UserOp::TrackDirty { container: text("c"), on: true }).rc, Errno::ENOTTY.rc());
    assert_eq!(unmap(&mut lab, START, 2).value.number(), Some(0x2000));
}
