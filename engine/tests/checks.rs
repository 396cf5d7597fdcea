//! Random operations on every kernel: what the checks find is what each kernel is known for, no more and no less.

use std::collections::{BTreeMap, BTreeSet};

use s390_iommu::addr::{Iova, IovaRange, Phys};
use s390_iommu::check::Checks;
use s390_iommu::exec::Data;
use s390_iommu::hw::function::FunctionState;
use s390_iommu::hw::profile::Profile;
use s390_iommu::ids::{DomainId, FunctionId, TableUse};
use s390_iommu::lab::{FunctionSpec, Lab, Op};
use s390_iommu::linux::driver::{DomainType, Prot};
use s390_iommu::revision::Revision;
use s390_iommu::scenario::Condition;
use s390_iommu::state::kernel::{Armed, Failure, FaultSite};
use s390_iommu::trace::Trace;

const BASE: u64 = 0x1_0000_0000;
const PAGE: u64 = 0x1000;
const RW: Prot = Prot { read: true, write: true };

/// Numbers that look random and are the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) % sides
    }
}

/// What may be done besides calls that make sense.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Callers do what they should, and nothing fails.
    None,
    /// Allocations, registrations and refreshes fail.
    Failures,
    /// Callers map over mappings, attach what is attached, detach from a wrong domain, free what is in use.
    Callers,
}

struct Bench {
    lab: Lab,
    functions: [FunctionId; 2],
    domains: [DomainId; 2],
    /// Where each function is, and which pages of each domain are mapped: what a careful caller keeps.
    inside: [Option<usize>; 2],
    mapped: [BTreeSet<u64>; 2],
    found: BTreeSet<String>,
}

impl Bench {
    fn new(revision: Revision, profile: Profile) -> Self {
        let mut lab = Lab::with(revision, profile, Trace::off());
        lab.watch(Checks::ALL);
        let functions = ["f0", "f1"].map(|name| {
            let dma = IovaRange::new(Iova::new(BASE), Iova::new(0x1_ffff_ffff));
            let refresh = profile != Profile::Lpar;
            let function = lab.add_function(&FunctionSpec { refresh, ..FunctionSpec::new(name, dma) });
            lab.perform(&Op::Probe { function });
            function
        });
        let domains = ["d0", "d1"].map(|name| lab.alloc_domain(name, functions[0]).unwrap());
        let (inside, mapped) = ([None; 2], [BTreeSet::new(), BTreeSet::new()]);
        Self { lab, functions, domains, inside, mapped, found: BTreeSet::new() }
    }

    fn perform(&mut self, op: &Op) -> i32 {
        let result = self.lab.perform(op);
        let found = result.violations.iter().map(|found| format!("{}: {}", found.check.name(), found.what));
        self.found.extend(found);
        result.rc
    }

    /// One operation.
    fn play(&mut self, dice: &mut Dice, trouble: Trouble) {
        let (f, d) = (dice.roll(2) as usize, dice.roll(2) as usize);
        let (function, domain) = (self.functions[f], self.domains[d]);
        let careless = trouble == Trouble::Callers && dice.roll(4) == 0;
        let first = dice.roll(24);
        let count = 1 + dice.roll(4);
        let iova = Iova::new(BASE + first * PAGE);
        match dice.roll(12) {
            0 | 1 if careless || trouble == Trouble::Failures || self.inside[f].is_none() => {
                if self.perform(&Op::Attach { function, domain }) == 0 {
                    self.inside[f] = Some(d);
                }
            }
            2 if careless || self.inside[f] == Some(d) => {
                self.perform(&Op::Detach { function, domain });
                // Later kernels have no such operation: their callers attach something else.
                let gone = self.lab.function(function).domain.as_deref() != Some(["d0", "d1"][d]);
                if gone && self.inside[f] == Some(d) {
                    self.inside[f] = None;
                }
            }
            3..=5 if careless || (first..first + count).all(|page| !self.mapped[d].contains(&page)) => {
                // Before a function is attached, the first kernels map nothing.
                let phys = Phys::new(0x8000_0000 + dice.roll(2) * 0x10_0000 + first * PAGE);
                if self.perform(&Op::Map { domain, iova, phys, size: count * PAGE, prot: RW }) == 0 {
                    self.mapped[d].extend(first..first + count);
                }
            }
            6 | 7 if careless || (first..first + count).all(|page| self.mapped[d].contains(&page)) => {
                self.perform(&Op::Unmap { domain, iova, size: count * PAGE });
                self.mapped[d].retain(|page| !(first..first + count).contains(page));
            }
            8 if (first..first + count).all(|page| self.mapped[d].contains(&page)) => {
                self.perform(&Op::UnmapFast { domain, iova, size: count * PAGE });
                self.mapped[d].retain(|page| !(first..first + count).contains(page));
                self.perform(&Op::IotlbSync { domain });
            }
            9 if trouble == Trouble::Failures => {
                let sites = [
                    (FaultSite::AllocTable, Failure::default()),
                    (FaultSite::RefreshTrans, Failure { rc: -12, ..Failure::default() }),
                    (FaultSite::RefreshTrans, Failure { rc: -5, ..Failure::default() }),
                    (FaultSite::RegisterIoat, Failure { cc: 1, status: 16, rc: 0 }),
                ];
                let (site, failure) = sites[dice.roll(4) as usize];
                self.perform(&Op::Inject { site, armed: Armed { after: dice.roll(2), count: 1, failure } });
            }
            10 if careless && dice.roll(4) == 0 => {
                self.perform(&Op::Free { domain });
                let name = ["d0", "d1"][d].to_owned();
                let kind = DomainType::Unmanaged;
                let result = self.lab.perform(&Op::Alloc { name, function: self.functions[0], kind });
                self.domains[d] = result.domain.unwrap();
                self.mapped[d].clear();
                self.inside = self.inside.map(|inside| inside.filter(|inside| *inside != d));
            }
            _ => {
                let data = if dice.roll(2) == 0 { Data::Read(8) } else { Data::Write(vec![7; 8]) };
                self.perform(&Op::Access { function, iova, data });
                self.perform(&Op::SetState { function, state: FunctionState::Enabled });
            }
        }
    }
}

/// What is found on a kernel, over many runs.
fn found(revision: Revision, profile: Profile, trouble: Trouble) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for seed in 0..RUNS {
        let mut bench = Bench::new(revision, profile);
        let mut dice = Dice(seed * 77 + 5);
        for _ in 0..60 {
            bench.play(&mut dice, trouble);
            if bench.lab.stopped().is_some() {
                break;
            }
        }
        if trouble == Trouble::None {
            // What was looked at step by step adds up to the whole.
            let checker = bench.lab.checker().unwrap();
            for domain in bench.domains {
                let left = checker.disagreements(bench.lab.world(), TableUse::Domain(domain));
                assert!(left.is_empty(), "{revision}, {profile:?}: {left:?}");
            }
        }
        all.append(&mut bench.found);
    }
    all
}

const RUNS: u64 = 60;

/// What kernels are known for: the violation, and where it is found.
type Known = &'static [(&'static str, &'static str)];

fn compare(profile: Profile, trouble: Trouble, known: Known) {
    let mut wrong = BTreeMap::new();
    for revision in Revision::line() {
        let expected: BTreeSet<String> = known
            .iter()
            .filter(|(_, on)| {
                Condition { on: Some((*on).to_owned()), ..Condition::default() }.holds(&revision)
            })
            .map(|(what, _)| (*what).to_owned())
            .collect();
        let found = found(revision, profile, trouble);
        if found != expected {
            let more: Vec<_> = found.difference(&expected).cloned().collect();
            let less: Vec<_> = expected.difference(&found).cloned().collect();
            wrong.insert(revision.to_string(), (more, less));
        }
    }
    assert!(wrong.is_empty(), "kernel: (found and not known, known and not found): {wrong:#?}");
}

#[test]
fn nothing_is_wrong_while_all_goes_well() {
    compare(Profile::Lpar, Trouble::None, &[]);
    // A registration tells a hypervisor nothing of what is mapped already, and no kernel refreshes after it.
    for profile in [Profile::Zvm, Profile::Qemu] {
        compare(profile, Trouble::None, &[("agree: not-visible", "base..")]);
    }
}

#[test]
fn failures() {
    compare(
        Profile::Lpar,
        Trouble::Failures,
        &[
            // A function that changes domains stays on the list of the old one, until patch 1.
            ("shape: ghost", "base"),
            // It is refreshed for that list even when nothing is registered for it any more.
            ("order: out-of-order", "base"),
            // From patch 1 on a failed attach leaves it with nothing registered.
            ("agree: unregistered", "p1.."),
            // An unmap whose refresh fails says that nothing is unmapped, and its entries are gone.
            ("agree: lost", "..p6"),
            ("stale: stale", "base.."),
            // From v6.2 on it says that all is unmapped, and the refresh is missing.
            ("order: exposed", "v6.2.."),
        ],
    );
}

#[test]
fn failures_under_a_hypervisor() {
    compare(
        Profile::Zvm,
        Trouble::Failures,
        &[
            ("shape: ghost", "base"),
            ("order: out-of-order", "base"),
            ("agree: unregistered", "p1.."),
            ("agree: lost", "..p6"),
            ("stale: stale", "base.."),
            ("order: exposed", "v6.2.."),
            ("agree: not-visible", "base.."),
        ],
    );
}

#[test]
fn callers_that_do_what_they_should_not() {
    compare(
        Profile::Lpar,
        Trouble::Callers,
        &[
            ("leak: freed-tables", "base.."),
            ("shape: ghost", "base"),
            // Detach of a wrong domain leaves the current one, and goes back to the DMA API even from there.
            ("agree: wrong-tables", "p1..v6.6"),
            ("order: out-of-order", "p1..v6.6"),
            ("agree: unregistered", "v6.12.."),
            // A map over a mapping is not refreshed where entries that become valid are not.
            ("order: exposed", "v6.2.."),
            ("stale: stale", "v6.2.."),
        ],
    );
}
