//! Events of functions: which error handlers a kernel calls, and what the rest of the kernel makes of the outcome.

use s390_iommu::addr::{Iova, IovaRange};
use s390_iommu::hw::function::FunctionState;
use s390_iommu::hw::profile::Profile;
use s390_iommu::ids::FunctionId;
use s390_iommu::lab::{FunctionSpec, GroupOp, Lab, Op, UserOp};
use s390_iommu::state::pci::{Channel, Driver, Slot};
use s390_iommu::trace::{Event, Trace};

const F0: FunctionId = FunctionId(0);

fn system(kernel: &str, driver: Driver) -> Lab {
    let mut lab = Lab::with(kernel.parse().unwrap(), Profile::Qemu, Trace::instructions());
    let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
    lab.add_function(&FunctionSpec { flr: true, ..FunctionSpec::new("f0", dma) });
    assert_eq!(lab.perform(&Op::Group(GroupOp::Plug(F0))).rc, 0);
    assert_eq!(user(&mut lab, UserOp::Bind { function: F0, driver }), (0, None));
    lab
}

fn user(lab: &mut Lab, op: UserOp) -> (i32, Option<u64>) {
    let result = lab.perform(&Op::User(op));
    (result.rc, result.value.number())
}

/// Handlers called for an event, with their answers; and what the function's registers are taken for then.
fn handlers(lab: &mut Lab, op: UserOp) -> (Vec<String>, Channel) {
    user(lab, op);
    lab.take_records();
    user(lab, UserOp::HandleErrors);
    let records = lab.take_records();
    let called = records.iter().filter_map(|record| match record.event {
        Event::ErrorHandler { handler, answer, .. } => Some(format!("{handler} {answer}")),
        _ => None,
    });
    (called.collect(), lab.world().kernel.users.pci.function(F0).channel)
}

fn error(kernel: &str, driver: Driver) -> (Vec<String>, Channel) {
    handlers(&mut system(kernel, driver), UserOp::DeviceError { function: F0, code: 4 })
}

#[test]
fn each_driver_is_asked_what_its_kernel_asks() {
    const FAILED: &str = "error_detected disconnect";
    for kernel in ["v6.2", "v6.8", "v6.12", "v7.3"] {
        let recovered = Channel::Normal;
        let (called, channel) = error(kernel, Driver::WantsReset);
        assert_eq!(called, ["error_detected need-reset", "slot_reset recovered", "resume done"], "{kernel}");
        assert_eq!(channel, recovered, "{kernel}");
        let (called, channel) = error(kernel, Driver::Examines);
        assert_eq!(
            called,
            ["error_detected can-recover", "mmio_enabled recovered", "resume done"],
            "{kernel}"
        );
        assert_eq!(channel, recovered, "{kernel}");
        let (called, channel) = error(kernel, Driver::GivesUp);
        assert_eq!((called, channel), (vec![FAILED.to_owned(); 2], Channel::PermanentFailure), "{kernel}");
        let (called, channel) = error(kernel, Driver::Native);
        assert_eq!((called, channel), (vec![], Channel::PermanentFailure), "{kernel}");
    }
    let can = "error_detected can-recover".to_owned();
    assert_eq!(
        error("v6.12", Driver::CanRecover),
        (vec![can.clone(), FAILED.to_owned()], Channel::PermanentFailure)
    );
    assert_eq!(
        error("v6.16", Driver::CanRecover),
        (vec![can.clone(), "resume done".to_owned()], Channel::Normal)
    );
    // vfio-pci has too few handlers for the earlier ones, and is only told.
    assert_eq!(error("v6.12", Driver::Vfio), (vec![FAILED.to_owned()], Channel::PermanentFailure));
    assert_eq!(error("v6.16", Driver::Vfio), (vec![can], Channel::Normal));
}

#[test]
fn events_about_measurements_and_failures_for_good() {
    for kernel in ["v6.2", "v7.3"] {
        let mut lab = system(kernel, Driver::Examines);
        let event = |code| UserOp::MachineEvent { function: F0, code };
        assert_eq!(handlers(&mut lab, event(0x2c)), (vec![], Channel::Normal));
        let told = vec!["error_detected disconnect".to_owned()];
        assert_eq!(handlers(&mut lab, event(0x3b)), (told.clone(), Channel::PermanentFailure));
        let error = UserOp::DeviceError { function: F0, code: 4 };
        assert_eq!(handlers(&mut lab, error), (told, Channel::PermanentFailure), "nothing is tried again");
        assert_eq!(lab.world().machine.functions[0].state, FunctionState::Error);
        assert_eq!(user(&mut lab, UserOp::Recover { function: F0 }), (0, None));
        assert_eq!(lab.world().machine.functions[0].state, FunctionState::Enabled);
        assert_eq!(lab.world().kernel.users.pci.function(F0).channel, Channel::Normal);
    }
}

#[test]
fn a_function_that_failed_for_good_does_not_reset_itself() {
    let mut lab = system("v6.12", Driver::Vfio);
    lab.take_records();
    let commands = |lab: &mut Lab| {
        assert_eq!(user(lab, UserOp::SysfsReset { function: F0 }), (0, Some(0)));
        lab.take_records().iter().filter(|record| matches!(record.event, Event::Clp { .. })).count()
    };
    assert_eq!(commands(&mut lab), 0, "the function's own reset");
    handlers(&mut lab, UserOp::DeviceError { function: F0, code: 4 });
    assert_eq!(commands(&mut lab), 2, "its slot's: disable, enable");
    assert_eq!(commands(&mut lab), 2, "although it would answer now");
}

#[test]
fn availability_events_in_any_order_lead_somewhere_sensible() {
    let codes = [0x301, 0x302, 0x303, 0x304, 0x306, 0x308];
    for kernel in ["p6", "v6.2", "v6.12", "v7.3"] {
        for number in 0..6_u32.pow(4) {
            let mut lab = system(kernel, Driver::Native);
            for place in 0..4 {
                let code = codes[(number / 6_u32.pow(place) % 6) as usize];
                // No machine says of a function that somebody works with that somebody else has it.
                if code == 0x308 && lab.world().machine.functions[0].state != FunctionState::Standby {
                    continue;
                }
                user(&mut lab, UserOp::MachineEvent { function: F0, code });
                user(&mut lab, UserOp::HandleErrors);
                assert_eq!(lab.stopped(), None, "{kernel} {number}");
                let world = lab.world();
                let slot = world.kernel.users.pci.function(F0).slot;
                let on_bus = world.kernel.groups.member(F0).on_bus;
                assert_eq!(on_bus, slot == Slot::Configured, "{kernel} {number}: {code:#x}");
                let enabled = world.machine.functions[0].state == FunctionState::Enabled;
                assert_eq!(enabled, on_bus, "{kernel} {number}: {code:#x}");
            }
        }
    }
}
