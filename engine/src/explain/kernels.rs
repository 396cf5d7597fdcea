//! Kernels, patches, what-ifs and decisions in words.

use std::fmt::{Display, Write as _};

use super::{Explanation, Kind};
use crate::revision::{Behavior, PatchId, Revision, VariantId};

pub(super) const PATCHES: Kind = Kind {
    title: "patches",
    listed: false,
    names: || PatchId::ALL.map(|id| id.name().to_owned()).to_vec(),
    find: |name| told(name, "Patch", name.parse().ok(), patch),
};

pub(super) const KERNELS: Kind = Kind {
    title: "kernels",
    listed: false,
    names: || Revision::line().map(|revision| revision.to_string()).collect(),
    find: |name| told(name, "Kernel", name.parse().ok(), revision),
};

pub(super) const WHAT_IFS: Kind = Kind {
    title: "what-ifs",
    listed: false,
    names: || VariantId::all().map(|id| id.to_string()).collect(),
    find: |name| told(name, "What-if", name.parse().ok(), what_if),
};

pub(super) const DECISIONS: Kind = Kind {
    title: "decisions",
    listed: false,
    names: || Behavior::TEXTS.iter().map(|decision| decision.name.to_owned()).collect(),
    find: |name| told(name, "Decision", Some(name), |name| decision(name).unwrap_or_default()),
};

fn told<T: Display>(
    name: &str,
    title: &str,
    found: Option<T>,
    text: impl FnOnce(T) -> String,
) -> Vec<Explanation> {
    let meaning = |found: T| {
        let title = format!("{title} {found}");
        let (look, source) = (String::new(), String::new());
        Explanation { code: name.to_owned(), title, text: text(found), look, source }
    };
    found.map(meaning).into_iter().filter(|meaning| !meaning.text.is_empty()).collect()
}

/// A patch: what was wrong and what is right.
pub(super) fn patch(id: PatchId) -> String {
    let patch = id.patch();
    let mut text = format!(
        "{} (commit {}).\nBefore: {}\nAfter: {}",
        patch.title, patch.commit, patch.before, patch.after
    );
    if !patch.requires.is_empty() {
        let needs: Vec<_> = patch.requires.iter().map(|need| need.name()).collect();
        let _ = write!(text, "\nBuilds on {}.", needs.join(" and "));
    }
    changes(&mut text, Revision::BASE.with_patches(&[id]).unwrap_or(Revision::BASE));
    text
}

/// A kernel: its story, and what it decides otherwise than the one before.
pub(super) fn revision(revision: Revision) -> String {
    let mut text = revision.story();
    changes(&mut text, revision);
    for unmet in revision.unmet() {
        let _ = write!(text, "\nNote: {unmet}.");
    }
    text
}

/// A what-if: where it comes from, and why it is not so.
pub(super) fn what_if(id: VariantId) -> String {
    let what_if = id.variant();
    let mut text = format!(
        "{}\nFrom {}.\nWhy not: {}\nBest seen on {kernel}: run it as {kernel}~{id}.",
        what_if.what,
        what_if.origin,
        what_if.why_not,
        kernel = what_if.seen_on
    );
    let seen_on = what_if.seen_on.parse().unwrap_or(Revision::BASE);
    changes(&mut text, Revision::with_variant(seen_on, Some(id)));
    text
}

/// A decision with its values and who decides so; or one value.
pub(super) fn decision(name: &str) -> Option<String> {
    for decision in Behavior::TEXTS {
        let line = |(value, what): &(&str, &str)| {
            format!("\n  {value} ({}): {what}", who_decides(&(decision.name, value)), what = what.trim())
        };
        if decision.name == name {
            let values: String = decision.values.iter().map(line).collect();
            return Some(format!("{}{values}", decision.about.trim()));
        }
        if let Some(found) = decision.values.iter().find(|(value, _)| *value == name) {
            return Some(format!(
                "one answer to {}: {}{}",
                decision.name,
                decision.about.trim(),
                line(found)
            ));
        }
    }
    None
}

/// The steps of the line that decide so: `p4 to v7.3`.
fn who_decides(decision: &(&str, &str)) -> String {
    let mut runs: Vec<(Revision, Revision)> = Vec::new();
    let mut going_on = false;
    for step in Revision::line() {
        let decides = step.behavior().decisions().contains(decision);
        match runs.last_mut() {
            Some(run) if decides && going_on => run.1 = step,
            _ if decides => runs.push((step, step)),
            _ => {}
        }
        going_on = decides;
    }
    let text = |(first, last): &(Revision, Revision)| {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    };
    let runs: Vec<_> = runs.iter().map(text).collect();
    if runs.is_empty() { "what-ifs only".to_owned() } else { runs.join(", ") }
}

fn changes(text: &mut String, revision: Revision) {
    for (name, before, here) in revision.changes() {
        let _ = write!(text, "\n  {name}: {before} -> {here}");
    }
}
