//! A run as a whole, and what there is to see at one of its steps.

use std::rc::Rc;

use s390_iommu::session::{Outcome, compare};
use s390_iommu_view::run::{self, Comparison, Run};
use s390_iommu_view::scene::{Column, Scene};
use s390_iommu_view::truths::Access;

use crate::divergence::{divergence, verdict};
use crate::kernel::kernel;
use crate::run::Ran;
use crate::{clients, counters, log, machine, timeline, topology, tree, truths};

/// One run, or two side by side.
pub fn run(runs: &[Rc<Ran>]) -> Run {
    let outcomes: Vec<&Outcome> = runs.iter().map(|ran| &ran.outcome).collect();
    let compared = match outcomes.as_slice() {
        [left, right] => Some(compare(left, right)),
        _ => None,
    };
    let rows = timeline::rows(&outcomes, compared.as_ref());
    let comparison = match &compared {
        None => Comparison::Single,
        Some(compared) => {
            divergence(compared, rows.len() as u32).map_or(Comparison::Same, Comparison::Differs)
        }
    };
    let column = |ran: &Rc<Ran>| run::Column {
        kernel: kernel(ran.revision),
        verdict: verdict(&ran.outcome),
        log: log::log(&ran.outcome),
    };
    Run {
        title: outcomes.first().map_or_else(String::new, |outcome| outcome.title.clone()),
        columns: runs.iter().map(column).collect(),
        rows,
        comparison,
        counters: counters::counters(&outcomes),
    }
}

/// The step of every run; `None` beyond the last.
pub fn scene(runs: &[Rc<Ran>], step: u32) -> Option<Scene> {
    let column = |ran: &Rc<Ran>| {
        let now = ran.lab(step)?;
        let before = step.checked_sub(1).and_then(|step| ran.lab(step));
        Some(Column {
            name: ran.revision.to_string(),
            events: timeline::events(&ran.outcome, step),
            access: access(&ran.outcome, step),
            topology: topology::topology(&now, before.as_ref()),
            clients: clients::clients(&now, before.as_ref()),
            machines: machine::machines(&now, before.as_ref()),
            trees: tree::trees(&now, before.as_ref()),
        })
    };
    Some(Scene { step, columns: runs.iter().map(column).collect::<Option<_>>()? })
}

/// What came of a device's access, if the step is one.
fn access(outcome: &Outcome, step: u32) -> Option<Access> {
    let step = outcome.steps.get(step.checked_sub(1)? as usize)?;
    step.device.as_ref().map(|device| truths::access(device, &step.text))
}
