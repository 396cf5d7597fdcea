//! Groups of the IOMMU core where recordings do not reach: two CPUs, groups without functions, and misuse of any kind.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use s390_iommu::addr::{Iova, IovaRange};
use s390_iommu::exec::Stop;
use s390_iommu::explore::Explorer;
use s390_iommu::ids::{DomainId, FunctionId};
use s390_iommu::lab::{FunctionSpec, GroupOp, Lab, Op};
use s390_iommu::revision::Revision;

const F0: FunctionId = FunctionId(0);

/// A function on the bus, and a user's domain.
fn system(kernel: &str) -> (Lab, DomainId) {
    let mut lab = Lab::new(kernel.parse().unwrap());
    let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
    lab.add_function(&FunctionSpec::new("f0", dma));
    assert_eq!(perform(&mut lab, GroupOp::Plug(F0)), 0);
    let domain = lab.perform(&Op::Group(GroupOp::Alloc(F0, "vm".to_owned()))).domain.unwrap();
    (lab, domain)
}

fn perform(lab: &mut Lab, op: GroupOp) -> i32 {
    lab.perform(&Op::Group(op)).rc
}

/// What attaching a claimed group on one CPU and removing its function on the other can lead to.
fn endings(kernel: &str, preemptions: u32) -> BTreeSet<String> {
    let (mut lab, domain) = system(kernel);
    assert_eq!(perform(&mut lab, GroupOp::Get(F0)), 0);
    assert_eq!(perform(&mut lab, GroupOp::Claim(F0, 1)), 0);
    let cpus = [vec![(1, Op::Group(GroupOp::Attach(F0, domain)))], vec![(2, Op::Group(GroupOp::Remove(F0)))]];
    Explorer::new(lab, &cpus, preemptions)
        .map(|run| {
            let function = run.lab.function(F0);
            format!(
                "rc {} group {:?} driver {:?} machine {:?} stop {:?}",
                run.results[0][0].rc,
                run.lab.held_group(F0).and_then(|group| group.domain),
                function.domain,
                function.registered,
                run.lab.stopped().map(Stop::name),
            )
        })
        .collect()
}

#[test]
fn early_cores_release_a_function_while_its_group_is_attached() {
    assert!(
        endings("base", 1).len() > endings("base", 0).len(),
        "release does not wait for the group's mutex"
    );
}

#[test]
fn later_cores_do_one_after_the_other() {
    for kernel in ["v6.12", "v7.3"] {
        assert_eq!(endings(kernel, 2), endings(kernel, 0), "{kernel}");
    }
}

/// No kernel lets this happen; the engine has to come through it all the same.
#[test]
fn a_function_removed_by_two_at_once_goes_once() {
    for revision in Revision::line() {
        let (lab, _) = system(&revision.to_string());
        let remove = |step| vec![(step, Op::Group(GroupOp::Remove(F0)))];
        for run in Explorer::new(lab, &[remove(1), remove(2)], 1) {
            assert_eq!(run.lab.group_of(F0), None, "{revision}: {}", run.schedule);
        }
    }
}

#[test]
fn a_group_without_functions_takes_any_domain_early_and_crashes_later_cores() {
    for (kernel, rc, stop) in [("p6", 0, None), ("v6.12", 0, Some("empty-group"))] {
        let (mut lab, domain) = system(kernel);
        perform(&mut lab, GroupOp::Get(F0));
        perform(&mut lab, GroupOp::Remove(F0));
        assert_eq!(perform(&mut lab, GroupOp::Attach(F0, domain)), rc, "{kernel}");
        assert_eq!(lab.stopped().map(Stop::name), stop, "{kernel}");
    }
}

#[test]
fn a_claim_by_device_counts_and_the_last_one_gives_the_group_back() {
    let (mut lab, _) = system("v7.3");
    for (op, rc, owner_cnt) in [
        (GroupOp::ClaimDevice(F0, 5), 0, 1),
        (GroupOp::ClaimDevice(F0, 5), 0, 2),
        (GroupOp::ClaimDevice(F0, 6), -1, 2),
        (GroupOp::ReleaseDeviceOwner(F0), 0, 1),
        (GroupOp::ReleaseDeviceOwner(F0), 0, 0),
    ] {
        assert_eq!(perform(&mut lab, op), rc);
        assert_eq!(lab.group_of(F0).unwrap().owner_cnt, owner_cnt);
    }
    assert_eq!(lab.function(F0).registered.as_deref(), Some("core0"));
}

fn group_op() -> impl Strategy<Value = GroupOp> {
    let function = || (0..2_u32).prop_map(FunctionId);
    let domain = || prop_oneof![Just(DomainId::BLOCKING), Just(DomainId::IDENTITY)];
    prop_oneof![
        function().prop_map(GroupOp::Create),
        function().prop_map(GroupOp::Destroy),
        function().prop_map(GroupOp::Add),
        function().prop_map(GroupOp::Plug),
        function().prop_map(GroupOp::Remove),
        function().prop_map(GroupOp::Get),
        function().prop_map(GroupOp::Put),
        function().prop_map(GroupOp::UseDefault),
        function().prop_map(GroupOp::UnuseDefault),
        (function(), 0..3_u64).prop_map(|(function, owner)| GroupOp::Claim(function, owner)),
        function().prop_map(GroupOp::ReleaseOwner),
        (function(), 0..3_u64).prop_map(|(function, owner)| GroupOp::ClaimDevice(function, owner)),
        function().prop_map(GroupOp::Detach),
        (function(), domain()).prop_map(|(function, domain)| GroupOp::DetachDevice(function, domain)),
        function().prop_map(|function| GroupOp::Alloc(function, "d".to_owned())),
    ]
}

proptest! {
    /// No order of operations makes the engine fail, and references never run out while somebody is there.
    #[test]
    fn any_order_of_operations_ends_well(ops in vec(group_op(), 0..40)) {
        for revision in Revision::line() {
            let mut lab = Lab::new(revision);
            for (name, relaxed) in [("f0", false), ("f1", true)] {
                let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
                lab.add_function(&FunctionSpec { relaxed, ..FunctionSpec::new(name, dma) });
            }
            for op in &ops {
                lab.perform(&Op::Group(op.clone()));
                if lab.stopped().is_some() {
                    break;
                }
                for function in [FunctionId(0), FunctionId(1)] {
                    let own = lab.group_of(function);
                    prop_assert!(own.is_none_or(|group| group.refs > 0 && group.devices == 1));
                }
            }
        }
    }
}
