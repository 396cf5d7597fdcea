//! A run as a whole, and what there is to see at one of its steps.

use std::rc::Rc;

use s390_iommu::session::{Outcome, compare};
use s390_iommu_view::run::{self, Comparison, Run};
use s390_iommu_view::scene::{Column, Scene};

use crate::divergence::{divergence, verdict};
use crate::kernel::kernel;
use crate::run::Ran;
use crate::{counters, log, timeline, topology, tree};

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
            topology: topology::topology(&now, before.as_ref()),
            trees: tree::trees(&now, before.as_ref()),
        })
    };
    Some(Scene { step, columns: runs.iter().map(column).collect::<Option<_>>()? })
}
