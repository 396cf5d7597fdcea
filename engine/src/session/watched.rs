//! What a session shows of a system that is watched: exposure windows, registers, caches.

use super::Session;
use super::outcome::{MachineView, NamedWindow};
use crate::check::{Check, Checker, Checks, ExposureSummary};
use crate::hw::profile::Profile;
use crate::ids::FunctionId;
use crate::lab::Lab;
use crate::scenario::{self, Scenario};

impl Session {
    pub(super) fn exposure(&self) -> Vec<ExposureSummary> {
        exposure(&self.lab, self.next as u32)
    }

    pub(super) fn windows(&self) -> Vec<NamedWindow> {
        windows(&self.lab, SHOWN)
    }

    pub(super) fn machine(&self) -> Vec<MachineView> {
        let functions = self.lab.world().kernel.functions.iter().zip(0..);
        let view = |(known, id): (&crate::state::kernel::Function, u32)| MachineView {
            function: known.name.clone(),
            registers: self.lab.registers(FunctionId(id)),
            iotlb: self.lab.iotlb(FunctionId(id), SHOWN),
        };
        functions.map(view).collect()
    }
}

/// What exposure came to until a step, function by function.
pub fn exposure(lab: &Lab, step: u32) -> Vec<ExposureSummary> {
    let windows = lab.windows();
    let end = Checker::moment(lab.world(), step);
    let functions = lab.world().kernel.functions.iter().zip(0..);
    let all = functions.map(|(known, id)| ExposureSummary::of(&known.name, FunctionId(id), &windows, end));
    all.filter(|summary| summary.windows > 0).collect()
}

/// Exposure windows by when they were opened, at most `limit` of them.
pub fn windows(lab: &Lab, limit: usize) -> Vec<NamedWindow> {
    let names = lab.names();
    let windows = lab.windows().into_iter().take(limit);
    windows.map(|window| NamedWindow { function: names.function(window.function), window }).collect()
}

/// Windows, and runs of cached pages of a function, that an outcome shows.
const SHOWN: usize = 100;

/// Before there are functions: who watches, and what there is too little of.
pub(super) fn set_up(lab: &mut Lab, scenario: &Scenario, checks: Option<Checks>) {
    if let Some(checks) = checks.or_else(|| wanted(scenario)) {
        lab.watch(checks);
    }
    if let Some(credits) = scenario.dma_avail {
        lab.set_credits(credits);
    }
}

/// What a scenario wants checked; `None` for nothing at all.
fn wanted(scenario: &Scenario) -> Option<Checks> {
    match &scenario.checks {
        None => Some(Checks::ALL),
        Some(names) if names.is_empty() => None,
        Some(names) => {
            let checks: Vec<_> = names.iter().filter_map(|name| Check::from_name(name)).collect();
            Some(Checks::of(&checks))
        }
    }
}

/// A machine as scenarios name it; the recordings' stand-in, which they cannot name, is most like an LPAR.
pub(super) const fn profile(profile: Profile) -> scenario::Profile {
    match profile {
        Profile::Zvm => scenario::Profile::Zvm,
        Profile::Qemu => scenario::Profile::Qemu,
        Profile::Lpar | Profile::Recorder => scenario::Profile::Lpar,
    }
}
