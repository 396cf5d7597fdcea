//! What a link holds, and how a page opens.

use s390_iommu::link::Link;
use s390_iommu::revision::{PatchSet, Revision};
use s390_iommu_view::protocol::{Experiment, Opened, Shared};

use crate::{gallery, kernel, word};

/// The link to what is shown, from `#` on.
pub fn link(shared: &Shared) -> String {
    let Shared { experiment, step, iova } = shared;
    let link = Link {
        text: experiment.text.to_string(),
        patches: None,
        kernel: experiment.left.clone(),
        compare: experiment.right.clone(),
        step: Some(*step).filter(|step| *step > 0),
        iova: *iova,
    };
    link.encode()
}

/// The page as it opens: what the link says; without a link, or with a bad one, the first scenario.
pub fn open(hash: &str) -> Opened {
    let (shared, linked, notice) = if hash.trim_start_matches('#').is_empty() {
        (first(), false, None)
    } else {
        match decode(hash) {
            Ok(shared) => (shared, true, None),
            Err(error) => {
                let notice =
                    format!("This link cannot be read ({error}). Here is the first scenario instead.");
                (first(), false, Some(notice))
            }
        }
    };
    let follow = shared.experiment.right.is_some() && shared.step == 0;
    Opened { shared, follow, linked, notice, kernels: kernel::choices(), kinds: word::kinds() }
}

fn first() -> Shared {
    let experiment = Experiment { text: gallery::first().into(), left: None, right: None };
    Shared { experiment, step: 0, iova: None }
}

fn decode(hash: &str) -> Result<Shared, String> {
    let link = Link::decode(hash).map_err(|error| error.to_string())?;
    let revision = |name: &Option<String>| {
        name.as_deref().map(|name| name.parse::<Revision>().map_err(|error| error.to_string())).transpose()
    };
    let (mut left, right) = (revision(&link.kernel)?, revision(&link.compare)?);
    if let Some(names) = &link.patches {
        let patches = names.iter().map(|name| name.parse()).collect::<Result<PatchSet, _>>();
        let base = left.unwrap_or(Revision::BASE);
        left = Some(patches.and_then(|set| base.with_set(set)).map_err(|error| error.to_string())?);
    }
    let name = |revision: Option<Revision>| revision.map(|revision| revision.to_string());
    let experiment = Experiment { text: link.text.into(), left: name(left), right: name(right) };
    Ok(Shared { experiment, step: link.step.unwrap_or(0), iova: link.iova })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_brings_back_what_it_was_made_from() {
        let shared = Shared {
            experiment: Experiment {
                text: "schema = 1".into(),
                left: Some("v6.1-rc2+p1,p4".to_owned()),
                right: Some("p6".to_owned()),
            },
            step: 3,
            iova: Some(0x1_0000_0000),
        };
        let opened = open(&link(&shared));
        assert_eq!((opened.shared, opened.linked, opened.follow), (shared, true, false));
    }

    #[test]
    fn patches_of_old_links_become_a_kernel() {
        let link =
            Link { text: "x".into(), patches: Some(vec!["p1".into(), "p4".into()]), ..Link::default() };
        assert_eq!(open(&link.encode()).shared.experiment.left.as_deref(), Some("v6.1-rc2+p1,p4"));
    }

    #[test]
    fn a_bad_link_keeps_the_first_scenario_and_says_so() {
        let opened = open("#1nonsense");
        assert_eq!(&*opened.shared.experiment.text, gallery::first());
        assert!(opened.notice.is_some() && !opened.linked);
        assert_eq!(open("#").notice, None);
    }
}
