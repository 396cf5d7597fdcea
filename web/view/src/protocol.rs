//! What the page asks and what the worker answers.
//!
//! Every request says all that is needed to answer it: what the worker remembers is a cache, and a worker that was
//! ended can be replaced by a new one at any time. Requests are numbered; an answer carries the number of its request.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::explain::Meaning;
use crate::file::{Dump, Lint, Question};
use crate::insert::{Inserted, Insertion};
use crate::kernel::Choice;
use crate::run::Run;
use crate::scene::Scene;
use crate::text::{Group, Problem, Reading};
use crate::walk::Walks;
use crate::word::Decoded;

data! {
    /// A text and the kernels it is run on.
    pub struct Experiment {
        /// The scenario's text.
        pub text: Rc<str>,
        /// The kernel; none for the one that the scenario names.
        pub left: Option<String>,
        /// The kernel to compare with.
        pub right: Option<String>,
    }

    /// What a link holds.
    pub struct Shared {
        /// What is run.
        pub experiment: Experiment,
        /// The selected step; 0 is the start.
        pub step: u32,
        /// The address that is walked.
        pub iova: Option<u64>,
    }

    /// What the page needs to begin.
    pub struct Opened {
        /// What the link holds, or the first scenario.
        pub shared: Shared,
        /// The link says no step: the first divergence may be selected.
        pub follow: bool,
        /// There was a link, and it could be read.
        pub linked: bool,
        /// What to tell the user.
        pub notice: Option<String>,
        /// Every kernel that has a name.
        pub kernels: Vec<Choice>,
        /// Every kind of word that can be decoded.
        pub kinds: Vec<String>,
    }

    /// How a run came out.
    pub enum Ending {
        /// It was run.
        Done(Run),
        /// It cannot be run.
        Refused(Problem),
        /// The text has errors.
        Unread,
    }

    /// What the page asks.
    pub enum Request {
        /// What does this link hold? It begins with `#`.
        Open(String),
        /// What does this text say?
        Read(Rc<str>),
        /// Run this.
        Run(Experiment),
        /// What is there to see after so many steps?
        Look(Experiment, u32),
        /// Where does an address lead?
        Walk {
            /// The run.
            of: Experiment,
            /// After so many steps.
            step: u32,
            /// The address; none for that of the last step.
            iova: Option<u64>,
            /// Who walks: the name of a function or domain; none for the first that fits.
            walker: Option<String>,
            /// The access is a write.
            write: bool,
        },
        /// What does a word of this kind say?
        Decode(String, u64),
        /// Which link holds this?
        Link(Shared),
        /// Which scenarios are shipped?
        Gallery,
        /// The text of the shipped scenario with this name.
        Scenario(String),
        /// What would the text be with this step?
        Insert(Insertion),
        /// What does this name or code mean?
        Explain(String),
        /// What is in this file?
        Dump(Question),
        /// What is wrong with the tables in this file?
        Lint(Question),
        /// The hash of the trace of this text, on this kernel or its own.
        Hash(String, Option<String>),
    }

    /// What the worker answers.
    pub enum Reply {
        /// To [`Request::Open`].
        Opened(Opened),
        /// To [`Request::Read`].
        Read(Reading),
        /// To whatever needs a run that takes long: so many of so many steps of a run are done.
        Progress(u32, u32),
        /// To [`Request::Run`].
        Ran(Ending),
        /// To [`Request::Look`].
        Seen(Scene),
        /// To [`Request::Walk`].
        Walked(Walks),
        /// To [`Request::Decode`].
        Decoded(Decoded),
        /// To [`Request::Link`]: from `#` on.
        Link(String),
        /// To [`Request::Gallery`].
        Gallery(Vec<Group>),
        /// To [`Request::Scenario`].
        Scenario(String),
        /// To [`Request::Insert`]; or why it cannot be.
        Inserted(Result<Inserted, String>),
        /// To [`Request::Explain`].
        Explained(Vec<Meaning>),
        /// To [`Request::Dump`]; or what is wrong with the file.
        Dumped(Result<Dump, Problem>),
        /// To [`Request::Lint`]; or why there is nothing to look at.
        Linted(Result<Lint, Problem>),
        /// To [`Request::Hash`].
        Hash(String),
        /// What was asked for does not exist: a step beyond the last, a scenario that is not shipped.
        Nothing,
        /// The engine failed, which is a mistake of its own. The worker is of no more use.
        Broken(String),
    }
}

impl Request {
    /// Whether it needs a run or looks through a whole file, and may take long.
    pub fn takes_long(&self) -> bool {
        matches!(
            self,
            Self::Run(_)
                | Self::Look(..)
                | Self::Walk { .. }
                | Self::Hash(..)
                | Self::Dump(_)
                | Self::Lint(_)
        )
    }

    /// Whether nobody waits for the answer to an older request any more once this one is made.
    pub fn replaces(&self, older: &Self) -> bool {
        !matches!(self, Self::Hash(..)) && std::mem::discriminant(self) == std::mem::discriminant(older)
    }
}

/// A numbered request or reply as bytes.
pub fn encode<T: Serialize>(number: u32, message: &T) -> Vec<u8> {
    postcard::to_allocvec(&(number, message)).expect("plain data can be written")
}

/// What [`encode`] wrote; none for anything else.
pub fn decode<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Option<(u32, T)> {
    postcard::from_bytes(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn experiment(text: &str) -> Experiment {
        Experiment { text: text.into(), left: None, right: Some("p3".to_owned()) }
    }

    #[test]
    fn messages_arrive_as_they_were_sent() {
        let request =
            Request::Walk { of: experiment("é"), step: 3, iova: Some(u64::MAX), walker: None, write: true };
        assert_eq!(decode(&encode(7, &request)), Some((7, request)));
        assert_eq!(decode::<Reply>(&[1, 200]), None);
    }

    #[test]
    fn a_request_replaces_older_ones_of_its_kind_only() {
        let (run, other) = (Request::Run(experiment("a")), Request::Run(experiment("b")));
        assert!(other.replaces(&run) && !Request::Gallery.replaces(&run));
        let hash = Request::Hash(String::new(), None);
        assert!(!hash.replaces(&hash));
    }
}
