//! The scenarios that need the machine: they hold on every kernel, and what they say of a machine holds on that one.

use std::fs;
use std::path::Path;

use s390_iommu::addr::{Iova, IovaRange, Phys};
use s390_iommu::check::{Checks, Verdict};
use s390_iommu::exec::{Data, Pinned};
use s390_iommu::hw::profile::Profile;
use s390_iommu::ids::{DomainId, FunctionId};
use s390_iommu::lab::{FunctionSpec, Lab, Op};
use s390_iommu::linux::driver::Prot;
use s390_iommu::revision::Revision;
use s390_iommu::scenario::{self, Action, Scenario};
use s390_iommu::session::{self, Options, Outcome};
use s390_iommu::state::kernel::{Armed, Failure, FaultSite};

fn gallery() -> Vec<(String, Scenario)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/scenarios");
    let mut all: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    let read = |path: &Path| {
        let scenario = scenario::parse(&fs::read_to_string(path).unwrap()).scenario.unwrap();
        (path.file_name().unwrap().to_string_lossy().into_owned(), Scenario { patches: None, ..scenario })
    };
    all.iter().map(|path| read(path)).collect()
}

fn wrong(name: &str, outcome: &Outcome) -> Vec<String> {
    let steps =
        outcome.steps.iter().flat_map(|step| step.checks.iter().map(move |check| (step.number, check)));
    let all = steps.chain(outcome.checks.iter().map(|check| (0, check)));
    all.filter(|(_, check)| !check.held)
        .map(|(step, check)| {
            format!(
                "{name} on {}: step {step}: {} {} {}",
                outcome.revision, check.what, check.expected, check.got
            )
        })
        .collect()
}

#[test]
fn what_devices_reach_is_as_foretold_on_every_kernel() {
    let mut complaints = Vec::new();
    let mut count = 0;
    for (name, scenario) in gallery() {
        let is_access = |action: &Action| matches!(action, Action::Read { .. } | Action::Write { .. });
        if !scenario.steps.iter().any(|step| is_access(&step.action)) {
            continue;
        }
        count += 1;
        for revision in Revision::line() {
            let options = Options { revision: Some(revision), ..Options::default() };
            complaints.extend(wrong(&name, &session::run(&scenario, options).unwrap()));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    assert!(count >= 15, "the scenarios were not found");
}

/// A scenario that says what a machine does differently holds on all of them.
#[test]
fn machines_differ_as_foretold() {
    let mut complaints = Vec::new();
    let mut count = 0;
    for (name, scenario) in gallery() {
        let steps = scenario.steps.iter().flat_map(|step| &step.expect).map(|expect| &expect.when);
        let mut conditions = steps.chain(scenario.expect.iter().map(|expect| &expect.when));
        if conditions.all(|when| when.profiles.is_empty()) {
            continue;
        }
        count += 1;
        for (_, profile) in Profile::NAMED {
            for revision in Revision::line() {
                let options =
                    Options { revision: Some(revision), profile: Some(profile), ..Options::default() };
                let name = format!("{name} on {profile:?}");
                complaints.extend(wrong(&name, &session::run(&scenario, options).unwrap()));
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    assert!(count >= 4, "the scenarios were not found");
}

const IOVA: Iova = Iova::new(0x1_0000_0000);
const PHYS: Phys = Phys::new(0x8000_0000);

/// A watched system with a function in a domain, and a page mapped there.
fn system(kernel: &str) -> (Lab, FunctionId, DomainId) {
    let mut lab = Lab::new(kernel.parse().unwrap());
    lab.watch(Checks::ALL);
    let dma = IovaRange::new(IOVA, Iova::new(0x1_ffff_ffff));
    let function = lab.add_function(&FunctionSpec::new("f0", dma));
    lab.perform(&Op::Probe { function });
    let domain = lab.alloc_domain("d0", function).unwrap();
    lab.perform(&Op::Attach { function, domain });
    let prot = Prot { read: true, write: true };
    assert_eq!(lab.perform(&Op::Map { domain, iova: IOVA, phys: PHYS, size: 0x1000, prot }).rc, 0);
    (lab, function, domain)
}

fn read(function: FunctionId) -> Op {
    Op::Access { function, iova: IOVA, data: Data::Read(8) }
}

/// While an unmap is under way the device may reach the page or not. Once it has returned, it may not.
#[test]
fn an_access_during_an_unmap_is_nobodys_fault() {
    for kernel in ["base", "p6", "v6.2", "v7.3"] {
        let mut reached = [0, 0];
        for turns in 0..40 {
            let (mut lab, function, domain) = system(kernel);
            assert_eq!(lab.perform(&read(function)).judgement.unwrap().verdict, Verdict::Agree);
            let cpus = [vec![(1, Op::Unmap { domain, iova: IOVA, size: 0x1000 })], vec![(2, read(function))]];
            let mut schedule = Pinned::new(format!("0x{turns} 1x9").parse().unwrap());
            let results = lab.perform_together(&cpus, &mut schedule);
            let device = results[1][0].device.as_deref().unwrap();
            reached[usize::from(device.fault.is_none())] += 1;
            let judgement = results[1][0].judgement.as_deref().unwrap();
            assert_eq!(judgement.verdict, Verdict::Agree, "{kernel}: {judgement:?}");
            assert!(results.iter().flatten().all(|result| result.violations.is_empty()), "{kernel}");
        }
        assert!(reached.iter().all(|times| *times > 0), "{kernel}: {reached:?}");
    }
}

/// What the machine shows of a function, and what it tells the kernel.
#[test]
fn registers_caches_and_events() {
    let (mut lab, function, domain) = system("p6");
    lab.perform(&read(function));
    let registers = lab.registers(function);
    assert_eq!((registers.controls, registers.pba, registers.pal), (0x90, IOVA.get(), 0x1_ffff_ffff));
    assert_eq!((registers.iota & 0x3fff, registers.cached, registers.error), (0x804, 1, None));
    let run = lab.iotlb(function, 10)[0];
    assert_eq!((run.iova, run.phys, run.pages, run.stale), (IOVA.get(), PHYS.get(), 1, false));
    let failure = Failure { rc: -5, ..Failure::default() };
    lab.perform(&Op::Inject { site: FaultSite::RefreshTrans, armed: Armed { after: 0, count: 1, failure } });
    lab.perform(&Op::Unmap { domain, iova: IOVA, size: 0x1000 });
    assert!(lab.iotlb(function, 10)[0].stale);
    assert!(lab.iotlb(function, 0).is_empty());
    assert_eq!(lab.perform(&Op::Evict { function, iova: IOVA }).value.number(), Some(1));
    let result = lab.perform(&read(function));
    assert_eq!(result.device.unwrap().fault.unwrap().event.unwrap().code, 7);
    let registers = lab.registers(function);
    assert_eq!((registers.controls, registers.error, registers.cached), (0xf0, Some(7), 0));
    let told = lab.world().kernel.functions[0].error.unwrap();
    assert_eq!((told.code, told.address), (7, IOVA));
    assert_eq!(lab.perform(&Op::ResetBlock { function }).value.number(), Some(0));
    assert_eq!(lab.registers(function).controls, 0xd0);
    assert_eq!(lab.perform(&Op::ResetError { function }).value.number(), Some(0));
    assert_eq!(lab.registers(function).controls, 0x90);
}

/// What a machine caches early is used as if it had been asked for.
#[test]
fn a_translation_that_is_cached_early_outlives_its_page() {
    let (mut lab, function, domain) = system("v7.3");
    assert_eq!(lab.perform(&Op::Fill { function, iova: IOVA }).value.number(), Some(1));
    assert_eq!(lab.perform(&Op::Fill { function, iova: IOVA }).value.number(), Some(0), "it is there");
    lab.perform(&Op::UnmapFast { domain, iova: IOVA, size: 0x1000 });
    let result = lab.perform(&read(function));
    assert_eq!(result.judgement.unwrap().verdict, Verdict::Deferred);
    assert_eq!(lab.windows().len(), 1);
    lab.perform(&Op::IotlbSync { domain });
    assert_eq!(lab.windows()[0].closed.map(|moment| moment.step - lab.windows()[0].opened.step), Some(2));
}

/// Violations that no scenario of the gallery shows.
#[test]
fn lists_without_an_end_and_tables_without_an_owner() {
    let (mut lab, function, _) = system("v6.1-rc2+p2");
    let other = lab.alloc_domain("d1", function).unwrap();
    let result = lab.perform(&Op::Attach { function, domain: other });
    assert!(result.violations.iter().any(|found| found.what == "broken-list"), "{:?}", result.violations);
    let (mut lab, _, domain) = system("v7.3");
    let root = lab.domain(domain).root;
    let entry = root.wrapping_add(2 * 8);
    lab.perform(&Op::Poke { phys: entry, word: 0x20 });
    let result = lab.perform(&Op::Free { domain });
    let found: Vec<_> = result.violations.iter().map(|found| found.what).collect();
    assert_eq!(found, ["freed-tables", "orphaned-tables"]);
}
