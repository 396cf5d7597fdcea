//! Invariants over the whole state: what is registered, what lists hold, what was left over.

use std::collections::BTreeSet;

use super::checker::Found;
use super::intent::{Intent, Place};
use super::verdict::{Verdict, Whose};
use super::{Check, judgement};
use crate::hw::function::FunctionState;
use crate::hw::zpci::Answer;
use crate::ids::{DomainId, FunctionId, TableUse};
use crate::state::World;
use crate::state::tables::{table_use, use_of};
use crate::trace::Signal;

/// What is registered, function by function.
pub(super) fn registrations(intent: &Intent, world: &World, found: &mut Vec<Found>) {
    for (index, machine) in world.machine.functions.iter().enumerate() {
        let function = FunctionId(index as u32);
        let place = intent.place(function);
        let verdict = match machine.ioat {
            // What an error or a reset has stopped waits for recovery.
            None if machine.state != FunctionState::Enabled => continue,
            None => match place {
                Place::In(space @ TableUse::DmaApi(_)) => {
                    let used = intent.space(space).is_some_and(super::intent::Space::is_used);
                    if !used {
                        continue;
                    }
                    Verdict::Unregistered
                }
                Place::In(TableUse::Domain(_)) | Place::Identity => Verdict::Unregistered,
                Place::Nowhere => continue,
            },
            Some(ioat) if !ioat.iota.is_translated() => match place {
                Place::Identity => continue,
                Place::In(_) | Place::Nowhere => Verdict::WrongTables,
            },
            Some(ioat) => {
                let root = ioat.iota.origin();
                let freed = world.mem.block_at(root).is_some_and(|(_, block)| block.freed);
                match judgement::whose(intent, function, table_use(world, root)) {
                    _ if freed => Verdict::FreedTables,
                    Whose::Own => continue,
                    Whose::Left => Verdict::Leaked,
                    Whose::Other => Verdict::WrongTables,
                }
            }
        };
        let cause = intent.stay(function).map(|stay| stay.step).filter(|step| *step > 0);
        if let Some(check) = verdict.check() {
            found.push(Found { function: Some(function), cause, ..Found::new(check, verdict.name()) });
        }
    }
}

/// What domains' lists hold.
pub(super) fn lists(intent: &Intent, world: &World, found: &mut Vec<Found>) {
    for (index, domain) in world.kernel.domains.iter().enumerate() {
        if domain.freed {
            continue;
        }
        let id = DomainId(index as u32);
        let about = |what| Found { domain: Some(id), ..Found::new(Check::Shape, what) };
        match world.kernel.devices(id) {
            Err(_) => found.push(about("broken-list")),
            Ok(devices) => {
                let mut seen = BTreeSet::new();
                for function in devices {
                    let inside = intent.fits(TableUse::Domain(id), function);
                    if !inside || !seen.insert(function) {
                        found.push(Found { function: Some(function), ..about("ghost") });
                    }
                }
            }
        }
    }
}

/// Tables of freed domains that are still there.
pub(super) fn orphans(world: &World, found: &mut Vec<Found>) {
    let mut owners = BTreeSet::new();
    for (_, block) in world.mem.blocks().filter(|(_, block)| !block.freed) {
        if let TableUse::Domain(domain) = use_of(block.owner) {
            owners.insert(domain);
        }
    }
    for domain in owners.into_iter().filter(|domain| world.kernel.domains[domain.index()].freed) {
        found.push(Found { domain: Some(domain), ..Found::new(Check::Leak, "orphaned-tables") });
    }
}

/// Instructions that came in the wrong order.
pub(super) fn refusals(world: &World, signals: &[Signal], found: &mut Vec<Found>) {
    for signal in signals {
        let Signal::Refused(function, cc, status) = *signal else { continue };
        let nothing_registered = || world.machine.functions[function.index()].ioat.is_none();
        let wrong_order = match Answer::new(cc, status) {
            Answer::SEQUENCE => true,
            Answer::REFRESH_FAULT => nothing_registered(),
            answer => answer.cc == Answer::INVALID_HANDLE.cc,
        };
        let refused = Found { function: Some(function), ..Found::new(Check::Order, "out-of-order") };
        if wrong_order && !found.contains(&refused) {
            found.push(refused);
        }
    }
}
