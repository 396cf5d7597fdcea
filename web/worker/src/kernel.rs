//! Which kernel runs, and which others there are.

use s390_iommu::revision::{PatchId, Revision};
use s390_iommu_view::kernel::{Choice, Kernel, Switch};

/// Every kernel that has a name: the series, then later ones.
pub fn choices() -> Vec<Choice> {
    Revision::line().map(|step| Choice { name: step.to_string(), label: label(step) }).collect()
}

/// The kernel of a column. Only one that takes patches has switches.
pub fn kernel(revision: Revision) -> Kernel {
    let switch = |id: PatchId| {
        let patch = id.patch();
        let toggled = revision.with_set(revision.patches().toggled(id)).ok()?;
        Some(Switch {
            name: id.name().to_owned(),
            title: patch.title.to_owned(),
            on: revision.contains(id),
            tip: format!("{id}: {}\nBefore: {}\nAfter: {}", patch.title, patch.before, patch.after),
            toggled: toggled.to_string(),
        })
    };
    Kernel {
        name: revision.to_string(),
        switches: PatchId::ALL.into_iter().filter_map(switch).collect(),
        unmet: revision.unmet().iter().map(ToString::to_string).collect(),
    }
}

fn label(revision: Revision) -> String {
    match revision.patches().iter().last() {
        None if revision == Revision::BASE => format!("{revision} (before the series)"),
        None => revision.to_string(),
        Some(PatchId::P1) => "p1 (patch 1)".to_owned(),
        Some(last) => format!("{last} (patches 1–{})", last as u8 + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_can_be_chosen_by_name() {
        let choices = choices();
        let label =
            |name: &str| choices.iter().find(|choice| choice.name == name).map(|choice| &*choice.label);
        assert_eq!(label("v6.1-rc2"), Some("v6.1-rc2 (before the series)"));
        assert_eq!(label("p3"), Some("p3 (patches 1–3)"));
        assert_eq!(label("v7.3"), Some("v7.3"));
    }

    #[test]
    fn switches_lead_to_other_kernels() {
        let kernel = kernel("p3".parse().unwrap());
        let on: Vec<_> =
            kernel.switches.iter().filter(|switch| switch.on).map(|switch| &*switch.name).collect();
        assert_eq!(on, ["p1", "p2", "p3"]);
        assert_eq!(kernel.switches[0].toggled, "v6.1-rc2+p2,p3");
        assert!(kernel.unmet.is_empty());
        assert_eq!(
            self::kernel("v6.1-rc2+p2".parse().unwrap()).unmet,
            ["p2 builds on p1, which is not applied"]
        );
    }

    #[test]
    fn a_kernel_that_contains_the_series_has_no_switches() {
        assert!(kernel("v6.2".parse().unwrap()).switches.is_empty());
    }
}
