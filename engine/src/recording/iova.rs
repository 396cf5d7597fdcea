//! Recordings of the IOVA allocator and the flush queue: where it finds room, what it keeps ready, when it flushes.

mod bench;
mod model;
mod written;

use serde_json::Value;

use self::bench::Bench;
use self::model::Recorded;
use super::compare::{Mismatch, report};
use crate::linux::dma::dma_iommu::magazines;
use crate::revision::Revision;
use crate::state::iova::cache::Magazines;

/// Replays a line on each kernel it was recorded on: the number of its operations, and all differences.
pub(super) fn replay(line: &str) -> Result<(u64, Vec<Mismatch>), Box<Mismatch>> {
    let recorded = Recorded::parse(line)?;
    let mut found = Vec::new();
    for revision in &recorded.revisions {
        let mut kernel = Kernel { recorded: &recorded, revision, found: &mut found };
        match format!("v{revision}").parse::<Revision>() {
            Ok(revision) => kernel.replay(magazines(revision.behavior().dma_api)),
            Err(_) => kernel.refused("revisions", None, "this kernel is not known".to_owned()),
        }
    }
    Ok((recorded.ops.len() as u64, found))
}

/// A recorded scenario on one kernel.
struct Kernel<'a> {
    recorded: &'a Recorded,
    revision: &'a str,
    found: &'a mut Vec<Mismatch>,
}

impl Kernel<'_> {
    fn replay(&mut self, magazines: Magazines) {
        let (bench, init) = match Bench::new(&self.recorded.config, magazines) {
            Ok(initialised) => initialised,
            Err(error) => return self.refused("config", None, error),
        };
        self.compare("init", None, &self.recorded.init, &init);
        let Some(mut bench) = bench else {
            return self.compare("final", None, &self.recorded.last, &Value::Null);
        };
        for (index, (operation, recorded)) in self.recorded.ops.iter().zip(&self.recorded.results).enumerate()
        {
            let place = format!("results[{index}]");
            let op = serde_json::from_value(operation.clone()).map_err(|error| error.to_string());
            match op.and_then(|op| bench.perform(op)) {
                Ok(here) => self.compare(&place, Some(operation), &written::expanded(recorded), &here),
                Err(error) => self.refused(&place, Some(operation), error),
            }
        }
        self.compare("final", None, &self.recorded.last, &bench.state(true));
    }

    fn compare(&mut self, place: &str, operation: Option<&Value>, recorded: &Value, here: &Value) {
        self.found.extend(report(&self.name(), place, operation, recorded, here));
    }

    /// Something recorded cannot be replayed.
    fn refused(&mut self, place: &str, operation: Option<&Value>, error: String) {
        self.found.push(Mismatch::sentence(self.name(), place, operation, error));
    }

    fn name(&self) -> String {
        format!("{} @ {}", self.recorded.id, self.revision)
    }
}
