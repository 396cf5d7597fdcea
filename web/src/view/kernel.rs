//! Which kernel runs, and which others there are.

use s390_iommu::revision::{PatchId, Revision};

/// A kernel to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As it is typed.
    pub name: String,
    /// As it is read.
    pub label: String,
    /// It is the chosen one.
    pub chosen: bool,
}

/// A patch to switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The patch.
    pub id: PatchId,
    /// It is on.
    pub on: bool,
    /// What it is and does.
    pub tip: String,
}

/// What is chosen for one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// The kernel itself.
    pub revision: Revision,
    /// Its name.
    pub name: String,
    /// All that can be chosen by name.
    pub choices: Vec<Choice>,
    /// The six patches.
    pub switches: Vec<Switch>,
    /// Requirements that are not met.
    pub unmet: Vec<String>,
}

/// The choice for a column.
pub fn kernel(revision: Revision) -> Kernel {
    let mut choices: Vec<Choice> = Revision::series()
        .map(|step| Choice { name: step.to_string(), label: label(step), chosen: step == revision })
        .collect();
    if revision.place().is_none() {
        let name = revision.to_string();
        choices.push(Choice { label: name.clone(), name, chosen: true });
    }
    let switch = |id: PatchId| {
        let patch = id.patch();
        let tip = format!("{}: {}\nBefore: {}\nAfter: {}", id, patch.title, patch.before, patch.after);
        Switch { id, on: revision.contains(id), tip }
    };
    Kernel {
        revision,
        name: revision.to_string(),
        choices,
        switches: PatchId::ALL.map(switch).into(),
        unmet: revision.unmet().iter().map(ToString::to_string).collect(),
    }
}

fn label(revision: Revision) -> String {
    match revision.patches().iter().last() {
        None => format!("{revision} (before the series)"),
        Some(PatchId::P1) => "p1 (patch 1)".to_owned(),
        Some(last) => format!("{last} (patches 1–{})", last as u8 + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_the_series_is_chosen_by_name() {
        let kernel = kernel("p3".parse().unwrap());
        let chosen: Vec<_> = kernel.choices.iter().filter(|choice| choice.chosen).collect();
        assert_eq!((chosen.len(), &*chosen[0].label), (1, "p3 (patches 1–3)"));
        assert_eq!(kernel.switches.iter().filter(|switch| switch.on).count(), 3);
        assert!(kernel.unmet.is_empty());
    }

    #[test]
    fn any_other_set_is_a_choice_of_its_own() {
        let kernel = kernel("v6.1-rc2+p2".parse().unwrap());
        assert_eq!(kernel.choices.last().unwrap().name, "v6.1-rc2+p2");
        assert_eq!(kernel.unmet, ["p2 builds on p1, which is not applied"]);
    }
}
