//! The verdict of one run, and where two runs part.

use s390_iommu::session::{Comparison, Outcome};
use s390_iommu_view::run::{Divergence, Verdict};

use crate::timeline::grouped;

/// The first divergence; `None` where the runs agree. With `last`, the number of steps.
pub fn divergence(comparison: &Comparison, last: u32) -> Option<Divergence> {
    let found = comparison.divergence.as_ref()?;
    let (step, place) = match found.step {
        0 => (last, "The state at the end".to_owned()),
        step => (step, format!("Step {step}")),
    };
    Some(Divergence {
        step,
        headline: format!("{place} differs in {}", found.what),
        left: grouped(&found.left),
        right: grouped(&found.right),
        differing: comparison.differing_steps.clone(),
    })
}

/// The verdict of a run.
pub fn verdict(outcome: &Outcome) -> Verdict {
    let all = || outcome.steps.iter().flat_map(|step| &step.checks).chain(&outcome.checks);
    let (count, failed) = (all().count(), all().filter(|check| !check.held).count());
    let text = match (count, failed) {
        (0, _) => "no checks".to_owned(),
        (count, 0) => format!("{count} of {count} checks hold"),
        (count, failed) => format!("{failed} of {count} checks fail"),
    };
    Verdict { held: outcome.held, text }
}

#[cfg(test)]
mod tests {
    use s390_iommu::session;

    use super::*;

    fn comparison(step: u32) -> Comparison {
        let (what, left, right) = ("value".to_owned(), "0x80000000".to_owned(), "none".to_owned());
        Comparison {
            divergence: Some(session::Divergence { step, what, left, right }),
            differing_steps: vec![3],
        }
    }

    #[test]
    fn the_end_is_shown_at_the_last_step() {
        let end = divergence(&comparison(0), 7).unwrap();
        assert_eq!((end.step, &*end.headline), (7, "The state at the end differs in value"));
        let step = divergence(&comparison(3), 7).unwrap();
        assert_eq!((step.step, &*step.left), (3, "0x8000_0000"));
    }

    #[test]
    fn agreement_has_no_divergence() {
        assert_eq!(divergence(&Comparison { divergence: None, differing_steps: vec![] }, 7), None);
    }
}
