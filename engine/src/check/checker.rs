//! The checker: follows what callers are told and what reaches the machine, and looks at the state after each step.
//!
//! It looks where the step was: at the addresses it was about and at what is registered. So a step costs what it touched,
//! and what was wrong before is not said again.

use super::effect::Effect;
use super::intent::{Intent, PageRange, Place, Run, Told};
use super::windows::{Exposure, Moment, Windows};
use super::{Check, Checks, Judgement, Violation, state};
use crate::addr::{Iova, IovaRange, PAGE_SIZE, Phys};
use crate::hw::sight::{Sight, look};
use crate::hw::walk::Access;
use crate::ids::{DomainId, FunctionId, TableUse};
use crate::state::World;
use crate::state::tables::table_use;
use crate::table::Level;
use crate::trace::Signal;

/// A violation before it is told in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) check: Check,
    pub(super) what: &'static str,
    pub(super) function: Option<FunctionId>,
    pub(super) domain: Option<DomainId>,
    pub(super) range: Option<IovaRange>,
    pub(super) cause: Option<u32>,
}

impl Found {
    pub(super) const fn new(check: Check, what: &'static str) -> Self {
        Self { check, what, function: None, domain: None, range: None, cause: None }
    }

    /// The same wrong, whoever is behind it.
    fn is(&self, other: &Self) -> bool {
        Self { cause: None, ..*self } == Self { cause: None, ..*other }
    }
}

/// Keeps intent and exposure windows, and checks.
#[derive(Clone, Debug)]
pub struct Checker {
    pub(super) on: Checks,
    pub(super) intent: Intent,
    windows: Windows,
    /// What the state is known to violate.
    standing: Vec<Found>,
}

impl Checker {
    /// Violations of one step that are kept.
    pub const LIMIT: usize = 64;

    /// A checker of a system in which nothing happened yet.
    pub fn new(on: Checks) -> Self {
        Self { on, intent: Intent::default(), windows: Windows::default(), standing: Vec::new() }
    }

    /// The checks that are on.
    pub fn checks(&self) -> Checks {
        self.on
    }

    /// Switches checks on and off; what callers were told, and exposure windows, are kept all the same.
    pub fn switch(&mut self, on: Checks) {
        self.on = on;
    }

    /// What callers were told.
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// The exposure windows.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// The verdict about an access as it would be now.
    pub fn verdict(&self, world: &World, function: FunctionId, iova: Iova, access: Access) -> Judgement {
        let sight = look(&world.machine, function.index(), iova, access, |at| world.mem.read(at));
        self.judge(world, function, &sight)
    }

    /// The verdict about an access as the machine saw it.
    pub fn judge(&self, world: &World, function: FunctionId, sight: &Sight) -> Judgement {
        Judgement::of(&self.intent, world, function, sight)
    }

    /// The verdict about an access that was made while calls were under way: this checker knows what they told, `before` what
    /// was told until then. Whether a call had returned is nobody's business then, nor how far it had come: an access agrees
    /// if it gets what it should have got before or after.
    pub fn judge_between(
        &self,
        before: &Self,
        world: &World,
        function: FunctionId,
        sight: &Sight,
    ) -> Judgement {
        let got = sight.got.ok().map(|reached| reached.phys.page());
        let [was, is] = [before, self].map(|known| Judgement::frame(&known.intent, world, function, sight));
        let judgement = self.judge(world, function, sight);
        if was != is && (got == was || got == is) { judgement.agreed() } else { judgement }
    }

    /// The time of a step.
    pub fn moment(world: &World, step: u32) -> Moment {
        Moment { step, ms: world.kernel.clock.now() }
    }

    /// Follows one operation: what it told its caller, and what reached the machine. Gives what does not hold any more.
    pub fn note(&mut self, world: &World, step: u32, effect: Effect, signals: &[Signal]) -> Vec<Violation> {
        let now = Self::moment(world, step);
        self.windows.close(signals, now);
        let mut found = Vec::new();
        self.follow(world, now, effect, signals, &mut found);
        if self.on != Checks::NONE {
            self.touched(world, effect, signals, &mut found);
            state::refusals(world, signals, &mut found);
            self.standing(world, effect, &mut found);
        }
        found.retain(|found| self.on.has(found.check));
        found.truncate(Self::LIMIT);
        found.into_iter().map(|found| tell(world, found)).collect()
    }

    /// Brings intent and windows up to date.
    fn follow(
        &mut self,
        world: &World,
        now: Moment,
        effect: Effect,
        signals: &[Signal],
        found: &mut Vec<Found>,
    ) {
        let step = now.step;
        match effect {
            Effect::None | Effect::Poked | Effect::MapFailed { .. } => {}
            Effect::Allocated(domain) => self.intent.allocated(domain),
            Effect::Freed(domain) => self.intent.freed(domain, step),
            Effect::Moved(function, place) => self.intent.moved(function, place, step),
            Effect::Gone(function) => {
                self.intent.moved(function, Place::Nowhere, step);
                self.intent.forget(TableUse::DmaApi(function));
            }
            Effect::Mapped { space, range, frame, read, write } => {
                for (space, run) in self.replaced(space, range, frame) {
                    self.expose(world, space, &[run], (Exposure::Replaced, now), signals, found);
                }
                self.intent.mapped(space, range, Told::Mapped { frame, read, write, step });
            }
            Effect::Unmapped { space, asked: _, done, deferred } => {
                let kind = if deferred { Exposure::Deferred } else { Exposure::Unmapped };
                let gone = self.intent.unmapped(space, done, step, deferred);
                self.expose(world, space, &gone, (kind, now), signals, found);
            }
            Effect::Synced(space) => {
                for run in self.intent.synced(space) {
                    let late = self.windows.over(run.first, run.last);
                    found.extend(late.map(|window| exposed(window.function, run)));
                }
            }
        }
    }

    /// Runs of what is mapped that a map to `frame` gives another frame.
    fn replaced(&self, space: TableUse, range: PageRange, frame: Phys) -> Vec<(TableUse, Run)> {
        let Some(known) = self.intent.space(space) else { return Vec::new() };
        let pieces = range.pieces().flat_map(|(first, last, ahead)| {
            known.runs(first, last).into_iter().map(move |run| (run, run.first - first + ahead))
        });
        pieces
            .filter(|(run, ahead)| {
                let new = frame.wrapping_add(ahead * PAGE_SIZE);
                matches!(run.told, Some(Told::Mapped { frame: old, .. }) if old != new)
            })
            .map(|(run, _)| (space, run))
            .collect()
    }

    /// Opens windows for every function that the machine has registered to a space.
    fn expose(
        &mut self,
        world: &World,
        space: TableUse,
        runs: &[Run],
        kind: (Exposure, Moment),
        signals: &[Signal],
        found: &mut Vec<Found>,
    ) {
        if runs.is_empty() {
            return;
        }
        for (function, ..) in self.registered_to(world, space) {
            for run in runs {
                let open = self.windows.expose(function, (run.first, run.last), kind, signals);
                if open && kind.0 != Exposure::Deferred {
                    found.push(exposed(function, *run));
                }
            }
        }
    }

    /// Functions that the machine has registered to a space, with root level and root.
    pub(super) fn registered_to(&self, world: &World, space: TableUse) -> Vec<(FunctionId, Level, Phys)> {
        let functions = world.machine.functions.iter().zip(0..);
        let registered = functions.filter_map(|(function, id)| {
            let iota = function.ioat.map(|ioat| ioat.iota).filter(|iota| iota.is_translated())?;
            let user = table_use(world, iota.origin())?;
            let is_it = match space {
                TableUse::DmaApi(other) => other == FunctionId(id) && self.intent.is_of(user, space),
                TableUse::Domain(_) => user == space,
            };
            is_it.then_some((FunctionId(id), iota.root_level()?, iota.origin()))
        });
        registered.collect()
    }

    /// The root of a space's tables.
    pub(super) fn root_of(&self, world: &World, space: TableUse) -> Option<(Level, Phys)> {
        match space {
            TableUse::Domain(domain) => {
                let domain = world.kernel.domains.get(domain.index())?;
                (!domain.freed).then_some((domain.tables.level, domain.tables.root))
            }
            TableUse::DmaApi(_) => {
                self.registered_to(world, space).first().map(|(_, level, root)| (*level, *root))
            }
        }
    }

    /// What the state as a whole violates now and did not violate before.
    fn standing(&mut self, world: &World, effect: Effect, found: &mut Vec<Found>) {
        let mut standing = Vec::new();
        state::registrations(&self.intent, world, &mut standing);
        state::lists(&self.intent, world, &mut standing);
        // A freed domain's tables are looked for when one is freed, and then as long as they are there.
        let orphaned = self.standing.iter().any(|found| found.what == "orphaned-tables");
        if orphaned || matches!(effect, Effect::Freed(_)) {
            state::orphans(world, &mut standing);
        }
        for new in standing.iter().filter(|new| !self.standing.iter().any(|old| old.is(new))) {
            if !found.iter().any(|old| old.is(new)) {
                found.push(*new);
            }
        }
        self.standing = standing;
    }
}

/// A strict unmap returned too early.
fn exposed(function: FunctionId, run: Run) -> Found {
    Found { function: Some(function), range: Some(run.range()), ..Found::new(Check::Order, "exposed") }
}

/// A violation in words.
fn tell(world: &World, found: Found) -> Violation {
    let Found { check, what, function, domain, range, cause } = found;
    let function_name =
        |id: FunctionId| world.kernel.functions.get(id.index()).map(|known| known.name.clone());
    let domain_name = |id: DomainId| world.kernel.domains.get(id.index()).map(|known| known.name.clone());
    let mut text = format!("{}: {what}", check.name());
    for name in [function.and_then(function_name), domain.and_then(domain_name)].into_iter().flatten() {
        text = format!("{text} {name}");
    }
    if let Some(range) = range {
        text = format!("{text} {range}");
    }
    if let Some(step) = cause {
        text = format!("{text}, since step {step}");
    }
    Violation { check, what, function, range, cause, text }
}

impl Checker {
    /// Runs of pages that tables translate otherwise than callers were told, for a space as a whole: what a step's own look
    /// cannot see, such as memory changed by hand.
    pub fn disagreements(&self, world: &World, space: TableUse) -> Vec<Violation> {
        let mut found = Vec::new();
        if let Some(root) = self.root_of(world, space) {
            self.agree(world, space, root, 0, root.0.last_iova().get() / PAGE_SIZE, &mut found);
        }
        found.into_iter().map(|found| tell(world, found)).collect()
    }
}
