//! What the worker said: the view models that are drawn, and how far it is.

use std::rc::Rc;

use s390_iommu_view::explain::Meaning;
use s390_iommu_view::file::{Dump, Lint, Question};
use s390_iommu_view::kernel::Choice;
use s390_iommu_view::protocol::{Ending, Experiment, Reply, Request};
use s390_iommu_view::run::Run;
use s390_iommu_view::scene::Scene;
use s390_iommu_view::text::{Group, Problem, Reading};
use s390_iommu_view::walk::Walks;
use s390_iommu_view::word::Decoded;
use yew::Reducible;

/// The last run that worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What was run.
    pub experiment: Experiment,
    /// What it shows.
    pub run: Run,
}

/// How the newest run came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Newest {
    /// It is the one that is shown.
    #[default]
    Shown,
    /// The text has errors.
    Unread,
    /// It cannot be run.
    Refused(Problem),
}

/// Something that the worker said, or did not say for a while.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all that is told are replies")]
pub enum Told {
    /// It answered.
    Reply(Request, Reply),
    /// A run takes long.
    Late,
    /// It does not any more.
    Idle,
}

/// All answers, each the newest of its kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Every kernel that has a name.
    pub kernels: Rc<Vec<Choice>>,
    /// Every kind of word.
    pub kinds: Rc<Vec<String>>,
    /// What the editor's text says.
    pub reading: Rc<Reading>,
    /// The last run that worked.
    pub shown: Option<Rc<Shown>>,
    /// How the newest came out.
    pub newest: Newest,
    /// The step.
    pub scene: Option<Rc<Scene>>,
    /// The walks.
    pub walks: Option<Rc<Walks>>,
    /// The decoder's word.
    pub decoded: Option<Rc<Decoded>>,
    /// What is shipped.
    pub gallery: Rc<Vec<Group>>,
    /// What the name means that was asked about last.
    pub meanings: Option<(String, Rc<Vec<Meaning>>)>,
    /// The file that was dropped.
    pub file: Rc<FileAnswers>,
    /// Something takes long.
    pub late: Option<Late>,
}

/// How far something is that takes long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Late {
    /// So many are done.
    pub done: u32,
    /// Of so many; 0 where that is not known yet.
    pub all: u32,
    /// Of tables in a file, and not of steps.
    pub tables: bool,
}

/// What the worker said about a file, with what was asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileAnswers {
    /// What is in it.
    pub dump: Option<(Question, Rc<Result<Dump, Problem>>)>,
    /// What is wrong with its tables.
    pub lint: Option<(Question, Rc<Result<Lint, Problem>>)>,
}

impl Answers {
    fn hear(&mut self, request: Request, reply: Reply) {
        match (request, reply) {
            (_, Reply::Opened(opened)) => {
                self.kernels = Rc::new(opened.kernels);
                self.kinds = Rc::new(opened.kinds);
            }
            (_, Reply::Read(reading)) => self.reading = Rc::new(reading),
            (request, Reply::Progress(done, all)) => {
                let tables = matches!(request, Request::Lint(_));
                self.late = self.late.map(|_| Late { done, all, tables });
            }
            (Request::Explain(name), Reply::Explained(found)) => self.meanings = Some((name, Rc::new(found))),
            (Request::Dump(asked), Reply::Dumped(dump)) => {
                Rc::make_mut(&mut self.file).dump = Some((asked, Rc::new(dump)));
            }
            (Request::Lint(asked), Reply::Linted(lint)) => {
                Rc::make_mut(&mut self.file).lint = Some((asked, Rc::new(lint)));
            }
            (Request::Run(experiment), Reply::Ran(ending)) => match ending {
                Ending::Done(run) => {
                    self.shown = Some(Rc::new(Shown { experiment, run }));
                    self.newest = Newest::Shown;
                }
                Ending::Refused(problem) => self.newest = Newest::Refused(problem),
                Ending::Unread => self.newest = Newest::Unread,
            },
            (_, Reply::Seen(scene)) => self.scene = Some(Rc::new(scene)),
            (_, Reply::Walked(walks)) => self.walks = Some(Rc::new(walks)),
            (_, Reply::Decoded(decoded)) => self.decoded = Some(Rc::new(decoded)),
            (_, Reply::Gallery(groups)) => self.gallery = Rc::new(groups),
            _ => {}
        }
    }
}

impl Reducible for Answers {
    type Action = Told;

    fn reduce(self: Rc<Self>, told: Told) -> Rc<Self> {
        let mut answers = Rc::unwrap_or_clone(self);
        match told {
            Told::Reply(request, reply) => answers.hear(request, reply),
            Told::Late => answers.late = Some(Late::default()),
            Told::Idle => answers.late = None,
        }
        Rc::new(answers)
    }
}

#[cfg(test)]
mod tests {
    use s390_iommu_view::run::Comparison;

    use super::*;

    fn after(told: impl IntoIterator<Item = Told>) -> Answers {
        Rc::unwrap_or_clone(told.into_iter().fold(Rc::new(Answers::default()), Reducible::reduce))
    }

    fn ran(text: &str, ending: Ending) -> Told {
        let experiment = Experiment { text: text.into(), left: None, right: None };
        Told::Reply(Request::Run(experiment), Reply::Ran(ending))
    }

    fn done(title: &str) -> Ending {
        Ending::Done(Run {
            title: title.to_owned(),
            columns: vec![],
            rows: vec![],
            comparison: Comparison::Single,
            counters: vec![],
        })
    }

    #[test]
    fn the_last_run_that_worked_stays_in_view() {
        let answers = after([ran("a", done("one")), ran("b", Ending::Unread)]);
        let shown = answers.shown.expect("a run");
        assert_eq!((&*shown.experiment.text, &*shown.run.title), ("a", "one"));
        assert_eq!(answers.newest, Newest::Unread);
        assert_eq!(after([ran("b", Ending::Unread), ran("a", done("one"))]).newest, Newest::Shown);
    }

    #[test]
    fn progress_is_of_interest_only_when_a_run_takes_long() {
        let progress = || Told::Reply(Request::Gallery, Reply::Progress(2, 9));
        assert_eq!(after([progress()]).late, None);
        assert_eq!(after([Told::Late, progress()]).late, Some(Late { done: 2, all: 9, tables: false }));
        assert_eq!(after([Told::Late, progress(), Told::Idle]).late, None);
    }
}
