//! The only place where the engine runs: in slices, so that a worker can take its place later.

use std::rc::Rc;

use s390_iommu::lab::Lab;
use s390_iommu::revision::Revision;
use s390_iommu::scenario::{self, Diagnostic, Scenario};
use s390_iommu::session::{Options, Outcome, Session};

use crate::view::editor::Problem;

/// Steps that are run before somebody could look up.
const SLICE: u32 = 64;

/// A text that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The scenario, unless there are errors.
    pub scenario: Option<Rc<Scenario>>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Reads a scenario.
pub fn read(text: &str) -> Reading {
    let parsed = scenario::parse(text);
    Reading {
        scenario: parsed.scenario.map(Rc::new),
        problems: parsed.diagnostics.into_iter().map(problem).collect(),
    }
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
}

/// Two runs are the same if they are one.
impl PartialEq for Ran {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// Runs a scenario, on its own kernel if none is given.
pub fn run(scenario: &Scenario, revision: Option<Revision>) -> Result<Ran, Problem> {
    let options = Options {
        revision,
        patches: revision.map(Revision::patches),
        trace: true,
        snapshots: true,
        ..Options::default()
    };
    let mut session = Session::new(scenario, options).map_err(|refusal| Problem {
        code: refusal.code.to_owned(),
        message: refusal.message,
        help: None,
        start: 0,
        end: 0,
        line: 1,
        column: 1,
    })?;
    while !session.advance(SLICE) {}
    Ok(Ran { revision: session.revision(), outcome: session.outcome(), session })
}
