//! Reads scenarios and runs them, step by step.

use std::cell::RefCell;
use std::collections::BTreeMap;
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
    labs: BTreeMap<u32, Lab>,
    /// Systems that were not kept, run again for whoever asks for them.
    again: RefCell<BTreeMap<u32, Lab>>,
}

impl Ran {
    /// The system after so many steps. `None` beyond the last one, or if it has to be run again.
    pub fn lab(&self, step: u32) -> Option<Lab> {
        self.labs.get(&step).cloned().or_else(|| self.again.borrow().get(&step).cloned())
    }

    /// Whether the system after a step, or the one before it, has to be run again.
    pub fn lacks(&self, step: u32) -> bool {
        let again = self.again.borrow();
        let missing = |step| !self.labs.contains_key(&step) && !again.contains_key(&step);
        step as usize <= self.outcome.steps.len()
            && (missing(step) || step.checked_sub(1).is_some_and(missing))
    }

    /// Takes in what was run again.
    pub fn fill(&self, run: Running) {
        *self.again.borrow_mut() = run.labs;
    }
}

/// Bytes of tables in the systems that are kept of one run. Systems share what is equal, which is not counted.
const ROOM: u64 = 256 << 20;

/// A run in progress, with the systems after its steps.
#[derive(Debug)]
pub struct Running {
    session: Session,
    labs: BTreeMap<u32, Lab>,
    room: u64,
    until: Option<u32>,
}

impl Running {
    /// A scenario about to be run, on its own kernel if none is given. With `until`, it ends after that step and keeps
    /// only what is needed to see it.
    pub fn new(scenario: &Scenario, revision: Option<Revision>, until: Option<u32>) -> Result<Self, Refusal> {
        let options = Options { revision, trace: until.is_none(), ..Options::default() };
        let session = Session::new(scenario, options)?;
        let mut run = Self { session, labs: BTreeMap::new(), room: ROOM, until };
        run.keep(0);
        Ok(run)
    }

    /// Runs one step, or those that run side by side; `true` when the run is over.
    pub fn advance(&mut self) -> bool {
        let (from, _) = self.session.position();
        let done = self.session.advance(1);
        let (to, _) = self.session.position();
        // Steps side by side leave one state behind; each of them shows it.
        for step in from + 1..=to {
            self.keep(step as u32);
        }
        done || self.until.is_some_and(|until| to >= until as usize)
    }

    fn keep(&mut self, step: u32) {
        let lab = self.session.lab();
        let wanted = if let Some(until) = self.until {
            step + 1 >= until
        } else {
            let bytes: u64 = lab.world().mem.blocks().map(|(_, block)| block.len).sum();
            let left = self.room.checked_sub(bytes);
            self.room = left.unwrap_or(self.room);
            left.is_some()
        };
        if wanted {
            self.labs.insert(step, lab.clone());
        }
    }

    /// Steps that were run, and steps that will be.
    pub fn position(&self) -> (u32, u32) {
        let (done, all) = self.session.position();
        (done as u32, self.until.unwrap_or(all as u32))
    }

    /// Closes a run that is over.
    pub fn end(self) -> Rc<Ran> {
        let (revision, outcome) = (self.session.revision(), self.session.outcome());
        Rc::new(Ran { revision, outcome, labs: self.labs, again: RefCell::default() })
    }
}

/// Runs a text on a kernel at once: for tests of view models.
#[cfg(test)]
pub fn ran(text: &str, kernel: &str) -> Rc<Ran> {
    let scenario = read(text).scenario.expect("a scenario");
    let kernel = kernel.parse().expect("a kernel");
    let mut run = Running::new(&scenario, Some(kernel), None).expect("it can be run");
    while !run.advance() {}
    run.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_that_take_much_room_are_not_kept_but_run_again() {
        let enormous = r#"{ map = 0x1_0000_0000, phys = 0, size = "16 GiB", in = "d0" }, { unmap = 0x1_0000_0000, size = "16 GiB", in = "d0" }, "#;
        let text = format!(
            "schema = 1\ntitle = 'x'\nfunctions = [{{ name = 'f0', dma = [0, 0xff_ffff_ffff] }}]\n\
             domains = ['d0']\nsteps = [{{ attach = 'f0', to = 'd0' }}, {}]",
            enormous.repeat(8)
        );
        let ran = ran(&text, "base");
        assert!(!ran.lacks(1) && ran.lacks(16) && !ran.lacks(99));
        let scenario = read(&text).scenario.unwrap();
        let mut again = Running::new(&scenario, Some(ran.revision), Some(16)).unwrap();
        while !again.advance() {}
        assert_eq!(again.position(), (16, 16));
        ran.fill(again);
        assert!(!ran.lacks(16));
        assert_eq!(ran.lab(16).unwrap().domains()[0].translations[0].pages, 4 << 20);
    }
}
