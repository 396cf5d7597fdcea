//! What a link holds, and how a page is made from it.

use s390_iommu::link::Link;
use s390_iommu::revision::{PatchSet, Revision};

use crate::state::{Pane, State};
use crate::view::hex;

/// The part of the state that a link holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    link: Link,
}

impl Shared {
    /// The shared part of a state.
    pub fn of(state: &State) -> Self {
        let link = Link {
            text: state.text.to_string(),
            patches: None,
            kernel: state.left.map(|revision| revision.to_string()),
            compare: state.right.map(|revision| revision.to_string()),
            step: Some(state.step).filter(|step| *step > 0),
            iova: state.iova.as_deref().and_then(hex::parse),
        };
        Self { link }
    }

    /// The link, from `#` on.
    pub fn encode(&self) -> String {
        self.link.encode()
    }
}

/// The state that a link describes; without a link, or with a bad one, that of `first`.
pub fn restore(hash: &str, first: &str) -> State {
    if hash.trim_start_matches('#').is_empty() {
        return State::new(first);
    }
    match decode(hash) {
        Ok(state) => state,
        Err(error) => {
            let notice =
                Some(format!("This link cannot be read ({error}). Here is the first scenario instead."));
            State { notice, ..State::new(first) }
        }
    }
}

fn decode(hash: &str) -> Result<State, String> {
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
    let step = link.step.unwrap_or(0);
    Ok(State {
        left,
        right,
        step,
        follow: right.is_some() && step == 0,
        iova: link.iova.map(hex::hex),
        pane: Pane::Steps,
        ..State::new(&link.text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_brings_back_what_it_was_made_from() {
        let state = State {
            left: Some("v6.1-rc2+p1,p4".parse().unwrap()),
            right: Some("p6".parse().unwrap()),
            step: 3,
            iova: Some("0x1_0000_0000".to_owned()),
            ..State::new("schema = 1")
        };
        let back = restore(&Shared::of(&state).encode(), "other");
        assert_eq!(State { pane: state.pane, ..back }, state);
    }

    #[test]
    fn a_bad_link_keeps_the_first_scenario_and_says_so() {
        let state = restore("#1nonsense", "first");
        assert_eq!(&*state.text, "first");
        assert!(state.notice.is_some());
        assert_eq!(restore("#", "first").notice, None);
    }
}
