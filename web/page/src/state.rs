//! The state of the page and everything that can happen to it: a pure reducer.

use std::rc::Rc;

use s390_iommu_view::hex;
use s390_iommu_view::insert::{Inserted, Insertion, NewStep};
use s390_iommu_view::protocol::{Experiment, Opened, Shared};
use yew::Reducible;

use crate::dropped::{Change, Dropped};

/// A column of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A, which is always there.
    Left,
    /// B, which is there while two kernels are compared.
    Right,
}

/// One of the page's parts; a narrow screen shows one at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// Gallery and editor.
    #[default]
    Scenario,
    /// The steps and their events.
    Steps,
    /// What the system looks like.
    State,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Its name, as it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of this name; automatic for anything else.
    pub fn parse(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }
}

/// Everything the user chose. What follows from it is computed, never stored.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the page")]
pub struct State {
    /// The worker has said what the page opens with.
    pub open: bool,
    /// The user stopped the run: nothing is run until something else is wanted.
    pub stopped: bool,
    /// What stands in the editor.
    pub draft: Rc<str>,
    /// What is run.
    pub text: Rc<str>,
    /// The kernel; `None` for the one the scenario names.
    pub left: Option<String>,
    /// The kernel to compare with.
    pub right: Option<String>,
    /// How many steps have been taken: 0 is the start.
    pub step: u32,
    /// The selected event of that step, from 0.
    pub event: Option<u32>,
    /// Go to the first divergence as soon as it is known.
    pub follow: bool,
    /// One step after the other is selected by a clock.
    pub playing: bool,
    /// The address to walk, as typed; `None` for that of the last step.
    pub iova: Option<String>,
    /// Who walks: the name of a function or domain; `None` for the first that fits.
    pub walker: Option<String>,
    /// The access to walk for is a write.
    pub write: bool,
    /// The decoder's kind of word.
    pub kind: String,
    /// The decoder's word, as typed.
    pub word: String,
    /// The gallery's search.
    pub query: String,
    /// The gallery is open.
    pub gallery: bool,
    /// The part that a narrow screen shows.
    pub pane: Pane,
    /// Light or dark.
    pub theme: Theme,
    /// The list of keys is open.
    pub keys: bool,
    /// Something to tell the user.
    pub notice: Option<String>,
    /// A step that the worker is putting into the text.
    pub adding: Option<Insertion>,
    /// What the last step that was added with buttons has changed.
    pub added: Option<Added>,
    /// The name that is explained.
    pub term: Option<String>,
    /// The file that was dropped.
    pub file: Option<Dropped>,
    /// A file is being dragged over the page.
    pub dragging: bool,
}

/// A step that was added, and what was there before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// Its number.
    pub number: u32,
    /// The text before.
    pub text: Rc<str>,
    /// The step that was selected.
    pub step: u32,
}

impl State {
    /// The page with this scenario.
    pub fn new(text: &str) -> Self {
        let text: Rc<str> = text.into();
        Self {
            open: false,
            stopped: false,
            draft: text.clone(),
            text,
            left: None,
            right: None,
            step: 0,
            event: None,
            follow: false,
            playing: false,
            iova: None,
            walker: None,
            write: false,
            kind: "page".to_owned(),
            word: "0x7feed200".to_owned(),
            query: String::new(),
            gallery: false,
            pane: Pane::Scenario,
            theme: Theme::Auto,
            keys: false,
            notice: None,
            adding: None,
            added: None,
            term: None,
            file: None,
            dragging: false,
        }
    }

    /// What is to be run, as far as it is known.
    pub fn wanted(&self) -> Option<Experiment> {
        (self.open && !self.stopped).then(|| self.experiment())
    }

    fn experiment(&self) -> Experiment {
        Experiment { text: self.text.clone(), left: self.left.clone(), right: self.right.clone() }
    }

    /// What a link to the page holds.
    pub fn shared(&self) -> Option<Shared> {
        let iova = self.iova.as_deref().and_then(hex::parse);
        self.open.then(|| Shared { experiment: self.experiment(), step: self.step, iova })
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The worker says what the page opens with.
    Open(Box<Opened>),
    /// The editor's text changed.
    Edit(String),
    /// Run what stands in the editor.
    Run,
    /// Stop the run.
    Stop,
    /// The engine failed.
    Broken(String),
    /// A scenario was chosen.
    Load(String),
    /// A kernel was chosen.
    Kernel(Side, Option<String>),
    /// Select a step.
    Step(u32),
    /// The first divergence is known.
    Diverged(u32),
    /// Forward or back; with the number of steps.
    Move(i32, u32),
    /// Select an event of the step.
    Event(u32),
    /// Forward or back among this many events.
    MoveEvent(i32, u32),
    /// Start or stop playing; with the number of steps.
    Play(u32),
    /// Next step of playing; with the number of steps.
    Tick(u32),
    /// The address to walk.
    Iova(String),
    /// Who walks.
    Walker(String),
    /// Read or write.
    Write(bool),
    /// The decoder's kind.
    Kind(String),
    /// The decoder's word.
    Word(String),
    /// Decode this.
    Decode(String, u64),
    /// The gallery's search.
    Query(String),
    /// Open or close the gallery.
    Gallery,
    /// Show a part.
    Show(Pane),
    /// The next theme.
    NextTheme,
    /// Open or close the list of keys.
    Keys,
    /// Tell something.
    Tell(String),
    /// It was read.
    Dismiss,
    /// Add this step after the selected one.
    Add(NewStep),
    /// The text with it, or why there is none.
    Inserted(Result<Inserted, String>),
    /// Take the last step that was added back.
    TakeBack,
    /// Explain a name or code.
    Explain(String),
    /// A file is dragged over the page, or not any more.
    Drag(bool),
    /// A file was dropped: its number and its name.
    Dropped(u32, String),
    /// Look at something else in the file.
    File(Change),
    /// Enough of the file.
    CloseFile,
    /// Close whatever lies above the page.
    Escape,
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut state = Rc::unwrap_or_clone(self);
        state.apply(action);
        state.into()
    }
}

impl State {
    fn apply(&mut self, action: Action) {
        match action {
            Action::Open(opened) => self.open(*opened),
            Action::Edit(text) => {
                self.draft = text.into();
                self.added = None;
            }
            Action::Run => {
                self.text = self.draft.clone();
                self.follow = self.right.is_some();
                self.stopped = false;
            }
            Action::Stop => self.stopped = true,
            Action::Broken(message) => {
                self.stopped = true;
                self.notice =
                    Some(format!("The engine failed: {message}. The next thing you do starts it again."));
            }
            Action::Load(text) => {
                *self = Self {
                    open: true,
                    follow: self.right.is_some(),
                    right: self.right.take(),
                    theme: self.theme,
                    query: std::mem::take(&mut self.query),
                    kind: std::mem::take(&mut self.kind),
                    word: std::mem::take(&mut self.word),
                    pane: self.pane,
                    file: self.file.take(),
                    ..Self::new(&text)
                };
            }
            Action::Kernel(side, revision) => self.choose(side, revision),
            Action::Step(step) => self.select(step),
            Action::Diverged(step) => {
                self.select(step);
                self.follow = false;
            }
            Action::Move(by, last) => {
                self.playing = false;
                self.select(self.step.min(last).saturating_add_signed(by).min(last));
            }
            Action::Event(event) => self.event = Some(event),
            Action::MoveEvent(by, count) => {
                self.event = count.checked_sub(1).map(|last| match self.event {
                    Some(event) => event.saturating_add_signed(by).min(last),
                    None if by < 0 => last,
                    None => 0,
                });
            }
            Action::Play(last) => {
                self.playing = !self.playing;
                if self.playing && self.step >= last {
                    self.select(0);
                }
            }
            Action::Tick(last) => {
                self.select((self.step + 1).min(last));
                self.playing = self.step < last;
            }
            Action::Iova(text) => self.iova = Some(text).filter(|text| !text.trim().is_empty()),
            Action::Walker(name) => self.walker = Some(name),
            Action::Write(write) => self.write = write,
            Action::Kind(kind) => self.kind = kind,
            Action::Word(word) => self.word = word,
            Action::Decode(kind, word) => {
                self.kind = kind;
                self.word = format!("{word:#018x}");
            }
            Action::Query(query) => self.query = query,
            Action::Gallery => self.gallery = !self.gallery,
            Action::Show(pane) => self.pane = pane,
            Action::NextTheme => self.theme = self.theme.next(),
            Action::Keys => self.keys = !self.keys,
            Action::Tell(text) => self.notice = Some(text),
            Action::Dismiss => self.notice = None,
            Action::Escape => self.escape(),
            Action::Add(step) => {
                self.adding = Some(Insertion { text: self.draft.clone(), after: self.step, step });
            }
            Action::Inserted(Ok(inserted)) => self.insert(inserted),
            Action::Inserted(Err(message)) => (self.adding, self.notice) = (None, Some(message)),
            Action::TakeBack => {
                if let Some(Added { text, step, .. }) = self.added.take() {
                    (self.draft, self.text) = (text.clone(), text);
                    self.select(step);
                }
            }
            Action::Explain(name) => self.term = Some(name),
            Action::Drag(over) => self.dragging = over,
            Action::Dropped(number, name) => {
                self.file = Some(Dropped { number, name, ..Dropped::default() });
                self.pane = Pane::State;
            }
            Action::File(change) => {
                if let Some(file) = &mut self.file {
                    file.apply(change);
                }
            }
            Action::CloseFile => self.file = None,
        }
    }

    fn open(&mut self, opened: Opened) {
        // Whatever was clicked meanwhile, such as the gallery, stays as it is.
        let Shared { experiment, step, iova } = opened.shared;
        self.open = true;
        self.text = experiment.text.clone();
        self.draft = experiment.text;
        self.left = experiment.left;
        self.right = experiment.right;
        self.step = step;
        self.iova = iova.map(hex::hex);
        self.follow = opened.follow;
        self.notice = opened.notice;
        if opened.linked {
            self.pane = Pane::Steps;
        }
    }

    /// Closes what lies above the page: the uppermost first.
    fn escape(&mut self) {
        if self.term.take().is_none() {
            self.keys = false;
            self.gallery = false;
            self.notice = None;
        }
    }

    fn insert(&mut self, Inserted { text, number }: Inserted) {
        // Whoever typed meanwhile keeps what was typed.
        let Some(asked) = self.adding.take().filter(|asked| asked.text == self.draft) else { return };
        self.added = Some(Added { number, text: asked.text, step: self.step });
        (self.draft, self.text) = (text.clone(), text);
        (self.stopped, self.playing, self.follow, self.notice) = (false, false, false, None);
        self.pane = Pane::Steps;
        self.select(number);
    }

    fn choose(&mut self, side: Side, revision: Option<String>) {
        match side {
            Side::Left => self.left = revision,
            Side::Right => self.right = revision,
        }
        self.follow = self.right.is_some();
        self.stopped = false;
        self.event = None;
    }

    fn select(&mut self, step: u32) {
        self.step = step;
        self.event = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(actions: impl IntoIterator<Item = Action>) -> State {
        let mut state = Rc::new(State::new("one"));
        for action in actions {
            state = state.reduce(action);
        }
        Rc::unwrap_or_clone(state)
    }

    #[test]
    fn an_edit_is_run_only_when_asked() {
        let state = after([Action::Edit("two".into())]);
        assert_eq!((&*state.draft, &*state.text), ("two", "one"));
        assert_eq!(&*after([Action::Edit("two".into()), Action::Run]).text, "two");
    }

    #[test]
    fn a_step_is_added_shown_and_taken_back() {
        let step = || NewStep::Recover { function: "f0".into() };
        let inserted = || Action::Inserted(Ok(Inserted { text: "one, and a step".into(), number: 3 }));
        let state = after([Action::Step(2), Action::Add(step()), inserted()]);
        assert_eq!((&*state.text, &*state.draft, state.step), ("one, and a step", "one, and a step", 3));
        assert_eq!((state.added.as_ref().map(|added| added.number), state.adding), (Some(3), None));
        let back = after([Action::Step(2), Action::Add(step()), inserted(), Action::TakeBack]);
        assert_eq!((&*back.text, back.step, back.added), ("one", 2, None));
        let typed = after([Action::Add(step()), Action::Edit("two".into()), inserted()]);
        assert_eq!((&*typed.draft, typed.step, typed.added), ("two", 0, None));
        let refused = after([Action::Add(step()), Action::Inserted(Err("no".into()))]);
        assert_eq!((refused.notice.as_deref(), refused.adding), (Some("no"), None));
    }

    #[test]
    fn a_file_stays_while_scenarios_change() {
        let state = after([Action::Dropped(1, "x.tab.gz".into()), Action::Load("two".into())]);
        assert_eq!(state.file.as_ref().map(|file| &*file.name), Some("x.tab.gz"));
        assert_eq!(state.pane, Pane::State);
        assert_eq!(after([Action::Dropped(1, "x".into()), Action::CloseFile]).file, None);
    }

    #[test]
    fn escape_closes_an_explanation_before_all_else() {
        let open = [Action::Gallery, Action::Explain("stale".into()), Action::Escape];
        let state = after(open.clone());
        assert_eq!((state.term, state.gallery), (None, true));
        assert!(!after(open.into_iter().chain([Action::Escape])).gallery);
    }

    #[test]
    fn steps_stay_in_range() {
        assert_eq!(after([Action::Move(-1, 3)]).step, 0);
        assert_eq!(after([Action::Step(9), Action::Move(1, 3)]).step, 3);
        assert_eq!(after([Action::Move(i32::MAX, 3)]).step, 3);
    }

    #[test]
    fn events_stay_in_range() {
        assert_eq!(after([Action::MoveEvent(1, 2)]).event, Some(0));
        assert_eq!(after([Action::MoveEvent(-1, 2)]).event, Some(1));
        assert_eq!(after([Action::MoveEvent(1, 0)]).event, None);
        assert_eq!(after([Action::MoveEvent(1, 2), Action::Step(1)]).event, None);
    }

    #[test]
    fn a_comparison_asks_for_its_divergence_once() {
        let choose = || Action::Kernel(Side::Right, Some("p3".to_owned()));
        assert!(after([choose()]).follow);
        let found = after([choose(), Action::Diverged(2)]);
        assert_eq!((found.step, found.follow), (2, false));
    }

    #[test]
    fn nothing_is_run_before_the_page_is_open_or_after_a_stop() {
        let open = || {
            let experiment = Experiment { text: "two".into(), left: None, right: Some("p3".to_owned()) };
            Action::Open(Box::new(Opened {
                shared: Shared { experiment, step: 4, iova: Some(0x1000) },
                follow: false,
                linked: true,
                notice: None,
                kernels: vec![],
                kinds: vec![],
            }))
        };
        assert_eq!(after([]).wanted(), None);
        let state = after([open()]);
        assert_eq!(state.wanted().map(|wanted| wanted.text), Some("two".into()));
        assert_eq!((state.step, state.iova.as_deref(), state.pane), (4, Some("0x1000"), Pane::Steps));
        assert_eq!(after([open(), Action::Stop]).wanted(), None);
        assert!(after([open(), Action::Stop, Action::Run]).wanted().is_some());
        assert!(after([open(), Action::Stop, Action::Kernel(Side::Left, None)]).wanted().is_some());
    }

    #[test]
    fn playing_ends_at_the_last_step_and_starts_over() {
        let state = after([Action::Play(2), Action::Tick(2)]);
        assert_eq!((state.step, state.playing), (1, true));
        let state = after([Action::Play(2), Action::Tick(2), Action::Tick(2)]);
        assert_eq!((state.step, state.playing), (2, false));
        assert_eq!(after([Action::Step(2), Action::Play(2)]).step, 0);
    }

    #[test]
    fn a_chosen_scenario_starts_at_its_beginning_on_its_own_kernel() {
        let state = after([
            Action::Step(3),
            Action::Kernel(Side::Left, Some("base".to_owned())),
            Action::Load("x".into()),
        ]);
        assert_eq!((state.step, state.left, &*state.text), (0, None, "x"));
    }
}
