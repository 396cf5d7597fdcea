//! On which kernels an expectation applies.

use crate::revision::{PatchId, Revision};
use crate::scenario::{Condition, KernelRange};

/// Whether a condition holds on a kernel. Names that are no patches or kernels make it not hold.
pub(super) fn holds(condition: &Condition, revision: Revision) -> bool {
    let contains = |name: &String| name.parse::<PatchId>().is_ok_and(|id| revision.contains(id));
    let in_range = |range: &KernelRange| {
        let place = |name: &Option<String>| name.as_ref().map(|name| name.parse::<Revision>().ok()?.place());
        let Some(here) = revision.place() else { return false };
        let after = place(&range.first).is_none_or(|first| first.is_some_and(|first| first <= here));
        let before = place(&range.last).is_none_or(|last| last.is_some_and(|last| here <= last));
        after && before
    };
    condition.with.iter().all(contains)
        && !condition.without.iter().any(contains)
        && condition.on.as_ref().is_none_or(in_range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_and_ranges_both_count() {
        let on = |name: &str| name.parse::<Revision>().unwrap();
        let with_p4 = Condition { with: vec!["p4".into()], ..Condition::default() };
        assert!(holds(&with_p4, on("p6")) && holds(&with_p4, on("base+p4")) && !holds(&with_p4, on("p3")));
        let without_p4 = Condition { without: vec!["p4".into()], ..Condition::default() };
        assert!(!holds(&without_p4, on("p6")) && holds(&without_p4, on("base")));
        let range = KernelRange { first: Some("p1".into()), last: Some("p3".into()) };
        let on_range = Condition { on: Some(range), ..Condition::default() };
        assert!(holds(&on_range, on("p1")) && holds(&on_range, on("p3")));
        assert!(
            !holds(&on_range, on("base")) && !holds(&on_range, on("p4")) && !holds(&on_range, on("base+p3"))
        );
    }
}
