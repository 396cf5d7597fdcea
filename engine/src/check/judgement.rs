//! A verdict with what led to it: the three answers in words, and the step behind a disagreement.

use serde::Serialize;

use super::intent::{Intent, Place, Told};
use super::verdict::{Answers, Tables, Verdict, Wanted, Whose, judge};
use crate::addr::Phys;
use crate::hw::fault::FaultKind;
use crate::hw::lookup::Found;
use crate::hw::sight::Sight;
use crate::hw::walk::Access;
use crate::ids::{FunctionId, TableUse};
use crate::state::World;
use crate::state::tables::table_use;

/// The verdict about one access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// Its name.
    pub verdict: Verdict,
    /// The step behind it, as far as that is known.
    pub cause: Option<u32>,
    /// All of that in one line: `stale: unmapped at step 5, no refresh covers it`.
    pub text: String,
    /// What the caller was told: `0x80000000 rw since step 2`.
    pub intent: String,
    /// What the tables say: `0x80000000 rw`.
    pub tables: String,
    /// What is cached: `nothing`.
    pub cache: String,
}

impl Judgement {
    /// The same answers, which agree for another reason.
    pub(super) fn agreed(self) -> Self {
        let text = "agree: a call about the page was under way".to_owned();
        Self { verdict: Verdict::Agree, cause: None, text, ..self }
    }

    /// The frame that an access should get; `None` for nothing.
    pub(super) fn frame(intent: &Intent, world: &World, function: FunctionId, sight: &Sight) -> Option<Phys> {
        let place = intent.place(function);
        match wanted(world, function, place, told(intent, place, sight), sight) {
            Wanted::Page { frame, allowed: true } => Some(frame),
            _ => None,
        }
    }

    /// Judges what a machine made of an access.
    pub(super) fn of(intent: &Intent, world: &World, function: FunctionId, sight: &Sight) -> Self {
        let place = intent.place(function);
        let told = told(intent, place, sight);
        let registered = registered(world, sight);
        let whose = whose(intent, function, registered);
        let wanted = wanted(world, function, place, told, sight);
        let tables = tables(world, sight);
        let got = sight.got.ok().map(|reached| reached.phys.page());
        let aliased = match (tables, sight.ioat.and_then(|ioat| ioat.iota.root_level())) {
            (Tables::Frame { frame, .. }, Some(level)) => {
                let covered = level.last_iova().get().wrapping_add(1);
                let spaces = [registered, if let Place::In(space) = place { Some(space) } else { None }];
                let mut spaces = spaces.into_iter().flatten().filter_map(|space| intent.space(space));
                spaces.any(|space| space.aliases(sight.iova, covered, frame))
            }
            _ => false,
        };
        let answers = Answers { wanted, tables, cached: sight.cached.is_some(), got, whose, aliased };
        let verdict = judge(answers);
        let stay = intent.stay(function);
        let moved = stay.map(|stay| stay.step).filter(|step| *step > 0);
        let cause = match verdict {
            Verdict::Agree => None,
            Verdict::Leaked => {
                registered.zip(stay).and_then(|(space, stay)| stay.left.get(&space).copied()).or(moved)
            }
            Verdict::FreedTables | Verdict::Unregistered | Verdict::WrongTables => moved,
            _ => told.map(Told::step),
        };
        Self {
            verdict,
            cause,
            text: text(verdict, cause, told),
            intent: intent_text(place, told),
            tables: tables_text(tables, sight),
            cache: sight.cached.map_or_else(
                || "nothing".to_owned(),
                |page| format!("{} {}", page.frame, if page.writable { "rw" } else { "r" }),
            ),
        }
    }
}

/// What was told about the page of an access.
fn told(intent: &Intent, place: Place, sight: &Sight) -> Option<Told> {
    match place {
        Place::In(space) => intent.space(space).and_then(|space| space.get(sight.iova)),
        Place::Identity | Place::Nowhere => None,
    }
}

/// Whose tables are registered.
fn registered(world: &World, sight: &Sight) -> Option<TableUse> {
    let iota = sight.ioat.map(|ioat| ioat.iota).filter(|iota| iota.is_translated())?;
    table_use(world, iota.origin())
}

/// How that relates to where the function is.
pub(super) fn whose(intent: &Intent, function: FunctionId, registered: Option<TableUse>) -> Whose {
    match (registered, intent.place(function)) {
        (Some(registered), _) if intent.fits(registered, function) => Whose::Own,
        (None, Place::Identity) => Whose::Own,
        // What a function's DMA API used is registered anew whenever a driver goes back to it.
        (Some(TableUse::DmaApi(_)), Place::In(_)) => Whose::Other,
        (Some(registered), _) if intent.has_left(function, registered) => Whose::Left,
        _ => Whose::Other,
    }
}

fn wanted(world: &World, function: FunctionId, place: Place, told: Option<Told>, sight: &Sight) -> Wanted {
    match (place, told) {
        (Place::Nowhere, _) => Wanted::Nowhere,
        (Place::Identity, _) => {
            let start = world.machine.functions[function.index()].dma().start.get();
            let frame = Phys::new(sight.iova.get().wrapping_sub(start)).page();
            Wanted::Page { frame, allowed: true }
        }
        (Place::In(_), Some(Told::Mapped { frame, read, write, .. })) => {
            Wanted::Page { frame, allowed: if sight.access == Access::Read { read } else { write } }
        }
        (Place::In(_), Some(Told::Unmapped { deferred, .. })) => Wanted::Gone { deferred },
        (Place::In(_), None) => Wanted::Never,
    }
}

fn tables(world: &World, sight: &Sight) -> Tables {
    if sight.got.is_err_and(|fault| fault.kind == FaultKind::Blocked) {
        return Tables::Stopped;
    }
    let Some(ioat) = sight.ioat else { return Tables::Unregistered };
    if !ioat.range.contains(sight.iova) {
        return Tables::OutOfRange;
    }
    let Some(looked) = sight.tables else {
        // No translation: the address leads to itself.
        return sight
            .got
            .map_or(Tables::Nothing, |reached| Tables::Frame { frame: reached.phys.page(), allowed: true });
    };
    let freed = |at: Phys| world.mem.block_at(at).is_some_and(|(_, block)| block.freed);
    if freed(ioat.iota.origin()) || looked.path().iter().any(|(at, _)| freed(*at)) {
        return Tables::Freed;
    }
    match looked.found {
        Found::Frame { phys, writable } => {
            Tables::Frame { frame: phys.page(), allowed: writable || sight.access == Access::Read }
        }
        Found::Nothing => Tables::Nothing,
        Found::Wrong(_) => Tables::Wrong,
    }
}

fn text(verdict: Verdict, cause: Option<u32>, told: Option<Told>) -> String {
    let at = cause.map_or_else(String::new, |step| format!(" at step {step}"));
    let why = match verdict {
        Verdict::Agree => return "agree".to_owned(),
        Verdict::Stopped => format!("mapped{at}, and the function's state stops its accesses"),
        Verdict::BeyondRange => format!("mapped{at}, outside of what the function may use"),
        Verdict::Deferred => format!("unmapped{at}, to be refreshed later"),
        Verdict::Stale if matches!(told, Some(Told::Mapped { .. })) => {
            format!("mapped anew{at}, no refresh covers it")
        }
        Verdict::Stale if told.is_none() => "no refresh covers it".to_owned(),
        Verdict::Stale => format!("unmapped{at}, no refresh covers it"),
        Verdict::NotVisible => format!("mapped{at}, and the hypervisor was not told"),
        Verdict::Unregistered => format!("put into a domain{at}, and nothing is registered"),
        Verdict::Lost => format!("mapped{at}, and the tables say no"),
        Verdict::StillMapped => format!("unmapped{at}, and the tables still translate it"),
        Verdict::Aliased => "the entry was written for another address".to_owned(),
        Verdict::Damaged => "the tables say what nobody asked for".to_owned(),
        Verdict::WrongPermission => format!("mapped{at} with another permission than the entry has"),
        Verdict::WrongTables => "another domain's tables are registered".to_owned(),
        Verdict::Leaked => format!("the domain was left{at}, and is still registered"),
        Verdict::FreedTables => format!("the tables were given back{at}, and are still registered"),
    };
    format!("{verdict}: {why}")
}

fn intent_text(place: Place, told: Option<Told>) -> String {
    match (place, told) {
        (Place::Nowhere, _) => "no access at all".to_owned(),
        (Place::Identity, _) => "memory without translation".to_owned(),
        (Place::In(_), Some(Told::Mapped { frame, read, write, step })) => {
            let prot = match (read, write) {
                (true, true) => "rw",
                (true, false) => "r",
                (false, true) => "w",
                (false, false) => "none",
            };
            format!("{frame} {prot} since step {step}")
        }
        (Place::In(_), Some(Told::Unmapped { step, deferred })) => {
            format!("unmapped at step {step}{}", if deferred { ", refresh deferred" } else { "" })
        }
        (Place::In(_), None) => "never mapped".to_owned(),
    }
}

fn tables_text(tables: Tables, sight: &Sight) -> String {
    match (tables, sight.tables.map(|looked| looked.found)) {
        (Tables::Stopped, _) => format!("not asked: the function is {}", sight.state.name()),
        (Tables::Unregistered, _) => "nothing registered".to_owned(),
        (Tables::OutOfRange, _) => "outside of the registered range".to_owned(),
        (Tables::Freed, _) => "given back".to_owned(),
        (Tables::Frame { .. }, Some(Found::Frame { phys, writable })) => {
            format!("{} {}", phys.page(), if writable { "rw" } else { "r" })
        }
        (Tables::Frame { frame, .. }, _) => format!("{frame} without translation"),
        (Tables::Wrong, Some(Found::Wrong(kind))) => kind.name().to_owned(),
        (Tables::Nothing | Tables::Wrong, _) => "nothing".to_owned(),
    }
}
