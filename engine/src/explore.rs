//! Every way in which two CPUs can interleave, up to a number of preemptions, by running again and again.
//!
//! A preemption is a switch away from a CPU that could go on; switches at a lock or at the end of a CPU's work are
//! free. Most races need one or two. Without a bound the search is exhaustive, and long.

use crate::exec::{CPUS, Schedule, Scheduler};
use crate::lab::{Lab, Op, OpResult};

/// One interleaving that was tried.
#[derive(Clone, Debug)]
pub struct Run {
    /// Replays it.
    pub schedule: Schedule,
    /// What the operations gave, by CPU.
    pub results: Vec<Vec<OpResult>>,
    /// The system afterwards.
    pub lab: Lab,
}

/// The interleavings of some operations on a system: an iterator, so that the caller decides how far to go.
///
/// ```
/// # use s390_iommu::addr::{Iova, IovaRange};
/// # use s390_iommu::explore::Explorer;
/// # use s390_iommu::lab::{FunctionSpec, Lab, Op};
/// let mut lab = Lab::new("base".parse()?);
/// let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
/// let f0 = lab.add_function(&FunctionSpec::new("f0", dma));
/// let d0 = lab.alloc_domain("d0", f0).expect("a domain");
/// let cpus = [vec![(1, Op::Attach { function: f0, domain: d0 })], vec![(2, Op::Release { function: f0 })]];
/// let registered = |run: s390_iommu::explore::Run| run.lab.function(f0).registered;
/// assert!(Explorer::new(lab, &cpus, 0).map(registered).any(|table| table.as_deref() == Some("d0")));
/// # Ok::<(), s390_iommu::revision::UnknownRevision>(())
/// ```
pub struct Explorer {
    start: Lab,
    cpus: Vec<Vec<(u32, Op)>>,
    bound: u32,
    /// Beginnings still to be tried.
    pending: Vec<Vec<u8>>,
}

impl Explorer {
    /// Explores the operations of each CPU (two at most), with at most `bound` preemptions.
    pub fn new(start: Lab, cpus: &[Vec<(u32, Op)>], bound: u32) -> Self {
        let cpus = cpus.iter().take(CPUS).cloned().collect();
        Self { start, cpus, bound, pending: vec![Vec::new()] }
    }
}

impl Iterator for Explorer {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        let beginning = self.pending.pop()?;
        let fixed = beginning.len();
        let mut scheduler = Branching { beginning, points: Vec::new() };
        let mut lab = self.start.clone();
        let results = lab.perform_together(&self.cpus, &mut scheduler);
        self.branch(&scheduler.points, fixed);
        let schedule = Schedule { choices: scheduler.points.iter().map(|point| point.chosen).collect() };
        Some(Run { schedule, results, lab })
    }
}

impl Explorer {
    /// Adds every other choice at the points that were not fixed, as far as its preemptions allow.
    fn branch(&mut self, points: &[Choice], fixed: usize) {
        let mut preemptions = 0;
        for (at, point) in points.iter().enumerate() {
            let last = at.checked_sub(1).map(|before| points[before].chosen);
            let preempts = |cpu: u8| last.is_some_and(|last| last != cpu && point.can_run(last));
            if at >= fixed {
                for cpu in (0..CPUS as u8).filter(|cpu| point.can_run(*cpu) && *cpu != point.chosen) {
                    if preemptions + u32::from(preempts(cpu)) <= self.bound {
                        let before = points[..at].iter().map(|point| point.chosen);
                        self.pending.push(before.chain([cpu]).collect());
                    }
                }
            }
            preemptions += u32::from(preempts(point.chosen));
        }
    }
}

/// A choice that was made.
struct Choice {
    runnable: [bool; CPUS],
    chosen: u8,
}

impl Choice {
    fn can_run(&self, cpu: u8) -> bool {
        self.runnable[usize::from(cpu)]
    }
}

/// Follows a beginning, then lets whoever runs go on; remembers what else could have run.
struct Branching {
    beginning: Vec<u8>,
    points: Vec<Choice>,
}

impl Scheduler for Branching {
    fn next(&mut self, runnable: &[u8]) -> u8 {
        let fixed = self.beginning.get(self.points.len()).copied();
        let last = self.points.last().map(|point| point.chosen).filter(|cpu| runnable.contains(cpu));
        let chosen = fixed.or(last).unwrap_or(runnable[0]);
        let runnable = std::array::from_fn(|cpu| runnable.contains(&(cpu as u8)));
        self.points.push(Choice { runnable, chosen });
        chosen
    }
}
