//! Takes requests, and works in slices on those that need a run.
//!
//! What can be answered at once is. The rest waits in line, and whatever is replaced by a newer request is forgotten,
//! also in the middle of a run. The last few runs are kept: a step or a walk is asked for far more often than a run.

use std::collections::VecDeque;
use std::rc::Rc;

use s390_iommu::revision::Revision;
use s390_iommu::session::Refusal;
use s390_iommu_view::protocol::{Ending, Experiment, Reply, Request};
use s390_iommu_view::text::{Problem, Reading};

use crate::dump::Files;
use crate::run::{Ran, Running, read, refused};
use crate::unpack::Content;
use crate::{explain, gallery, insert, scene, share, walk, word};

/// Runs that are kept: both columns of what is shown, and of what is tried.
const KEPT: usize = 4;

/// One text on one kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    text: Rc<str>,
    kernel: Option<String>,
}

/// Why there is no run.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Failure {
    Unread,
    Refused(Problem),
}

/// The worker's state. What it remembers is a cache: a new desk gives the same answers.
#[derive(Debug, Default)]
pub struct Desk {
    waiting: VecDeque<(u32, Request)>,
    running: Option<(Key, Option<u32>, Running)>,
    kept: VecDeque<(Key, Rc<Ran>)>,
    files: Files,
}

impl Desk {
    /// Takes a file, about which requests ask by its number.
    pub fn hold(&mut self, number: u32, content: Content) {
        self.files.hold(number, content);
    }

    /// Takes a request. The answer comes at once, or from [`Self::work`].
    pub fn take(&mut self, number: u32, request: Request) -> Option<Reply> {
        self.waiting.retain(|(_, older)| !request.replaces(older));
        if !request.takes_long() {
            return Some(at_once(request));
        }
        // What is already there does not wait for a run that takes long.
        let reply = self.kept(&request).map(|runs| answer(&request, &runs));
        if reply.is_none() {
            self.waiting.push_back((number, request));
        }
        reply
    }

    /// Whether nothing is left to do.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Works on the first request in line until it is answered or `more` says no, which is asked after each step.
    pub fn work(&mut self, mut more: impl FnMut() -> bool) -> Option<(u32, Reply)> {
        let (number, request) = self.waiting.front()?.clone();
        if let Some(reply) = self.look_into_file(&request, &mut more) {
            if !matches!(reply, Reply::Progress(..)) {
                self.waiting.pop_front();
            }
            return Some((number, reply));
        }
        let reply = match self.runs(&request, &mut more) {
            Ok(Some(runs)) => answer(&request, &runs),
            Ok(None) => {
                let (done, all) = self.running.as_ref().map_or((0, 0), |(.., run)| run.position());
                return Some((number, Reply::Progress(done, all)));
            }
            Err(failure) => failed(&request, failure),
        };
        self.waiting.pop_front();
        Some((number, reply))
    }

    /// The answer to a request about a file; `None` for all others.
    fn look_into_file(&mut self, request: &Request, more: &mut dyn FnMut() -> bool) -> Option<Reply> {
        match request {
            Request::Dump(asked) => Some(self.files.dump(asked).map_or(Reply::Nothing, Reply::Dumped)),
            Request::Lint(asked) => loop {
                match self.files.lint(asked) {
                    None => return Some(Reply::Nothing),
                    Some(Ok(done)) => return Some(Reply::Linted(done)),
                    Some(Err((done, known))) if !more() => return Some(Reply::Progress(done, known)),
                    Some(Err(_)) => {}
                }
            },
            _ => None,
        }
    }

    /// The runs that a request needs, if all that is needed of them is there.
    fn kept(&self, request: &Request) -> Option<Vec<Rc<Ran>>> {
        if matches!(request, Request::Dump(_) | Request::Lint(_)) {
            return None;
        }
        let one = |key: &Key| {
            let (_, ran) = self.kept.iter().find(|(known, _)| known == key)?;
            Some(ran.clone()).filter(|ran| !step(request).is_some_and(|step| ran.lacks(step)))
        };
        keys(request).iter().map(one).collect()
    }

    /// The runs that a request needs; `None` if they are not finished.
    fn runs(
        &mut self,
        request: &Request,
        more: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Vec<Rc<Ran>>>, Failure> {
        let mut runs = Vec::new();
        for key in keys(request) {
            let Some(ran) = self.ran(&key, more)? else { return Ok(None) };
            if let Some(step) = step(request).filter(|step| ran.lacks(*step)) {
                let Some(again) = self.advance(&key, Some(step), more)? else { return Ok(None) };
                ran.fill(again);
            }
            runs.push(ran);
        }
        Ok(Some(runs))
    }

    fn ran(&mut self, key: &Key, more: &mut dyn FnMut() -> bool) -> Result<Option<Rc<Ran>>, Failure> {
        if let Some(place) = self.kept.iter().position(|(known, _)| known == key) {
            // To the back of the line: what was used longest ago is forgotten first.
            let found = self.kept.remove(place).expect("it was found there");
            let ran = found.1.clone();
            self.kept.push_back(found);
            return Ok(Some(ran));
        }
        let Some(run) = self.advance(key, None, more)? else { return Ok(None) };
        let ran = run.end();
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((key.clone(), ran.clone()));
        Ok(Some(ran))
    }

    /// Goes on with a run, or begins it; `None` if it is not finished.
    fn advance(
        &mut self,
        key: &Key,
        until: Option<u32>,
        more: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Running>, Failure> {
        let mut run = match self.running.take() {
            Some((known, to, run)) if known == *key && to == until => run,
            _ => start(key, until)?,
        };
        while !run.advance() {
            if !more() {
                self.running = Some((key.clone(), until, run));
                return Ok(None);
            }
        }
        Ok(Some(run))
    }
}

fn start(key: &Key, until: Option<u32>) -> Result<Running, Failure> {
    let scenario = read(&key.text).scenario.ok_or(Failure::Unread)?;
    let revision = match key.kernel.as_deref().map(str::parse::<Revision>).transpose() {
        Ok(revision) => revision,
        Err(error) => {
            let refusal = Refusal { code: "R001", message: error.to_string() };
            return Err(Failure::Refused(refused(refusal)));
        }
    };
    Running::new(&scenario, revision, until).map_err(|refusal| Failure::Refused(refused(refusal)))
}

/// The runs that a request needs: A, and B where two kernels are compared.
fn keys(request: &Request) -> Vec<Key> {
    let both = |of: &Experiment| {
        let right = of.right.clone().map(|kernel| Key { text: of.text.clone(), kernel: Some(kernel) });
        std::iter::once(Key { text: of.text.clone(), kernel: of.left.clone() }).chain(right).collect()
    };
    match request {
        Request::Run(of) | Request::Look(of, _) | Request::Walk { of, .. } => both(of),
        Request::Hash(text, kernel) => vec![Key { text: text.as_str().into(), kernel: kernel.clone() }],
        _ => Vec::new(),
    }
}

/// The step that a request looks at.
fn step(request: &Request) -> Option<u32> {
    match request {
        Request::Look(_, step) | Request::Walk { step, .. } => Some(*step),
        _ => None,
    }
}

fn at_once(request: Request) -> Reply {
    match request {
        Request::Open(hash) => Reply::Opened(share::open(&hash)),
        Request::Read(text) => Reply::Read(reading(&text)),
        Request::Decode(kind, bits) => Reply::Decoded(word::decoded(&kind, bits)),
        Request::Link(shared) => Reply::Link(share::link(&shared)),
        Request::Gallery => Reply::Gallery(gallery::groups()),
        Request::Scenario(name) => {
            gallery::text(&name).map_or(Reply::Nothing, |text| Reply::Scenario(text.to_owned()))
        }
        Request::Insert(asked) => Reply::Inserted(insert::insert(&asked)),
        Request::Explain(name) => Reply::Explained(explain::meanings(&name)),
        _ => Reply::Nothing,
    }
}

fn reading(text: &str) -> Reading {
    let read = read(text);
    let (title, about) = read.scenario.map(|scenario| (scenario.title, scenario.about)).unzip();
    let file = gallery::file(text).map(str::to_owned);
    Reading { title, about: about.flatten(), file, problems: read.problems }
}

fn answer(request: &Request, runs: &[Rc<Ran>]) -> Reply {
    match request {
        Request::Run(_) => Reply::Ran(Ending::Done(scene::run(runs))),
        Request::Look(_, step) => scene::scene(runs, *step).map_or(Reply::Nothing, Reply::Seen),
        Request::Walk { step, iova, walker, write, .. } => {
            walk::walks(runs, *step, *iova, walker.as_deref(), *write).map_or(Reply::Nothing, Reply::Walked)
        }
        Request::Hash(..) => {
            Reply::Hash(runs.first().map_or_else(String::new, |ran| ran.outcome.trace_hash.clone()))
        }
        _ => Reply::Nothing,
    }
}

fn failed(request: &Request, failure: Failure) -> Reply {
    match (request, failure) {
        (Request::Run(_), Failure::Unread) => Reply::Ran(Ending::Unread),
        (Request::Run(_), Failure::Refused(problem)) => Reply::Ran(Ending::Refused(problem)),
        (Request::Hash(text, _), Failure::Unread) => {
            let problem = read(text).problems.into_iter().next();
            Reply::Hash(problem.map_or_else(String::new, |problem| format!("error: {}", problem.message)))
        }
        (Request::Hash(..), Failure::Refused(problem)) => Reply::Hash(format!("error: {}", problem.message)),
        _ => Reply::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use s390_iommu_view::run::Comparison;

    use super::*;

    const TEXT: &str = include_str!("first.zpci.toml");

    fn experiment(left: &str, right: Option<&str>) -> Experiment {
        Experiment { text: TEXT.into(), left: Some(left.to_owned()), right: right.map(str::to_owned) }
    }

    fn finish(desk: &mut Desk) -> (u32, Reply) {
        desk.work(|| true).expect("an answer")
    }

    #[test]
    fn a_comparison_runs_both_kernels() {
        let mut desk = Desk::default();
        assert_eq!(desk.take(1, Request::Run(experiment("p2", Some("p3")))), None);
        let (1, Reply::Ran(Ending::Done(run))) = finish(&mut desk) else { panic!() };
        assert_eq!(run.names(), ["p2", "p3"]);
        let Comparison::Differs(found) = run.comparison else { panic!() };
        assert_eq!(found.step, 5);
        assert!(desk.is_idle());
    }

    #[test]
    fn a_long_run_is_done_in_slices_and_tells_how_far_it_is() {
        let mut desk = Desk::default();
        desk.take(1, Request::Run(experiment("p2", None)));
        assert_eq!(desk.work(|| false), Some((1, Reply::Progress(1, 5))));
        assert_eq!(desk.work(|| false), Some((1, Reply::Progress(2, 5))));
        // What is asked in between is answered in between.
        assert!(matches!(desk.take(2, Request::Decode("page".to_owned(), 0)), Some(Reply::Decoded(_))));
        assert!(matches!(finish(&mut desk), (1, Reply::Ran(Ending::Done(_)))));
    }

    #[test]
    fn a_newer_run_takes_the_place_of_an_older_one() {
        let mut desk = Desk::default();
        desk.take(1, Request::Run(experiment("p2", None)));
        desk.work(|| false);
        desk.take(2, Request::Run(experiment("p3", None)));
        let (2, Reply::Ran(Ending::Done(run))) = finish(&mut desk) else { panic!() };
        assert_eq!(run.names(), ["p3"]);
        assert!(desk.is_idle());
    }

    #[test]
    fn a_new_desk_answers_as_an_old_one() {
        let look = Request::Look(experiment("p2", Some("p3")), 3);
        let mut old = Desk::default();
        old.take(1, Request::Run(experiment("p2", Some("p3"))));
        finish(&mut old);
        let seen = old.take(2, look.clone()).expect("it is there, and nothing is waited for");
        let mut new = Desk::default();
        assert_eq!(new.take(2, look), None);
        assert_eq!(finish(&mut new), (2, seen));
    }

    #[test]
    fn what_cannot_be_run_is_told() {
        let mut desk = Desk::default();
        desk.take(1, Request::Run(experiment("v5.0", None)));
        let (_, Reply::Ran(Ending::Refused(problem))) = finish(&mut desk) else { panic!() };
        assert!(problem.message.contains("v5.0"), "{problem:?}");
        desk.take(2, Request::Run(Experiment { text: "nonsense".into(), ..experiment("p1", None) }));
        assert_eq!(finish(&mut desk), (2, Reply::Ran(Ending::Unread)));
        desk.take(3, Request::Look(experiment("p1", None), 99));
        assert_eq!(finish(&mut desk), (3, Reply::Nothing));
        assert_eq!(desk.take(4, Request::Look(experiment("p1", None), 99)), Some(Reply::Nothing));
    }

    #[test]
    fn hashes_are_stable_and_errors_are_told() {
        let mut desk = Desk::default();
        let mut hash = |text: &str, kernel: Option<&str>| {
            let reply = desk.take(1, Request::Hash(text.to_owned(), kernel.map(str::to_owned)));
            let Reply::Hash(hash) = reply.unwrap_or_else(|| finish(&mut desk).1) else { panic!() };
            hash
        };
        assert_eq!(hash(TEXT, None), hash(TEXT, Some("base")));
        assert_ne!(hash(TEXT, None), hash(TEXT, Some("p6")));
        assert!(hash(TEXT, Some("v5.0")).starts_with("error: "));
        assert!(hash("x", None).starts_with("error: "));
    }
}
