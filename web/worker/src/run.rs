//! Reads scenarios and runs them, step by step.

use std::rc::Rc;

use s390_iommu::lab::Lab;
use s390_iommu::revision::Revision;
use s390_iommu::scenario::{self, Diagnostic, Scenario};
use s390_iommu::session::{Options, Outcome, Refusal, Session};
use s390_iommu_view::text::Problem;

/// A text that was read.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// The scenario, unless there are errors.
    pub scenario: Option<Scenario>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Reads a scenario.
pub fn read(text: &str) -> Text {
    let parsed = scenario::parse(text);
    Text { scenario: parsed.scenario, problems: parsed.diagnostics.into_iter().map(problem).collect() }
}

fn problem(diagnostic: Diagnostic) -> Problem {
    let span = diagnostic.span.unwrap_or_default();
    Problem {
        code: diagnostic.code.to_owned(),
        message: diagnostic.message,
        help: diagnostic.help,
        start: span.start,
        end: span.end,
        line: diagnostic.line as u32,
        column: diagnostic.column as u32,
    }
}

/// What is wrong with a scenario as a whole.
pub fn refused(refusal: Refusal) -> Problem {
    let (code, message) = (refusal.code.to_owned(), refusal.message);
    Problem { code, message, help: None, start: 0, end: 0, line: 1, column: 1 }
}

/// A scenario that was run on a kernel.
#[derive(Debug)]
pub struct Ran {
    /// The kernel.
    pub revision: Revision,
    /// Everything it shows.
    pub outcome: Outcome,
    session: Session,
}

impl Ran {
    /// The system after so many steps.
    pub fn lab(&self, step: u32) -> Option<&Lab> {
        self.session.lab_at(step as usize)
    }

    /// Closes a session that is done.
    pub fn of(session: Session) -> Rc<Self> {
        Rc::new(Self { revision: session.revision(), outcome: session.outcome(), session })
    }
}

/// A scenario about to be run, on its own kernel if none is given.
pub fn begin(scenario: &Scenario, revision: Option<Revision>) -> Result<Session, Refusal> {
    let options = Options { revision, trace: true, snapshots: true, ..Options::default() };
    Session::new(scenario, options)
}

/// Runs a text on a kernel at once: for tests of view models.
#[cfg(test)]
pub fn ran(text: &str, kernel: &str) -> Rc<Ran> {
    let scenario = read(text).scenario.expect("a scenario");
    let mut session = begin(&scenario, Some(kernel.parse().expect("a kernel"))).expect("it can be run");
    while !session.advance(u32::MAX) {}
    Ran::of(session)
}
