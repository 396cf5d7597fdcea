//! A walk of the tables, entry by entry.

use std::rc::Rc;

use s390_iommu::addr::Iova;
use s390_iommu::dump::DumpWalk;
use s390_iommu::hw::fault::FaultKind;
use s390_iommu::hw::walk::{Access, WalkPath};
use s390_iommu::ids::{DomainId, FunctionId};
use s390_iommu::lab::{Lab, MachineWalk};
use s390_iommu::session::{DeviceOutcome, Outcome};
use s390_iommu::table::{Iota, Level, WordKind, decode};
use s390_iommu_view::hex::{hex, parse, size, word};
use s390_iommu_view::truths::Truths;
use s390_iommu_view::walk::{Hop, Walk, Walker, Walks};

use crate::address::parts;
use crate::run::Ran;
use crate::timeline::grouped;
use crate::truths::truths;

/// The walks of an address after a step; `None` beyond the last step. Without an address it is that of the step,
/// without a walker who is known in the first run the first that fits.
pub fn walks(
    runs: &[Rc<Ran>],
    step: u32,
    iova: Option<u64>,
    walker: Option<&str>,
    write: bool,
) -> Option<Walks> {
    let labs: Vec<Lab> = runs.iter().map(|ran| ran.lab(step)).collect::<Option<_>>()?;
    let (first, lab) = (runs.first()?, labs.first()?);
    let walkers = walkers(lab);
    let chosen = walker.filter(|name| walkers.iter().any(|known| known.name == **name)).map(str::to_owned);
    let who = || device(&first.outcome, step).map(|device| device.function.clone());
    let walker = chosen.or_else(who).or_else(|| default_walker(lab)).unwrap_or_default();
    let iova = iova.unwrap_or_else(|| default_iova(&first.outcome, step, lab));
    let access = if write { Access::Write } else { Access::Read };
    let walks: Vec<_> = labs.iter().map(|lab| walk(lab, &walker, iova, access)).collect();
    let truths = labs.iter().map(|lab| judged(lab, &walker, iova, access));
    let anchor = walks.iter().flatten().find_map(|walk| Iota::from_bits(walk.iota?).root_level());
    Some(Walks {
        iova,
        parts: parts(iova, anchor.unwrap_or(Level::RegionThird)),
        names: runs.iter().map(|ran| ran.revision.to_string()).collect(),
        walks: walks.iter().zip(truths).map(|(walk, truths)| Some(view(walk.as_ref()?, truths))).collect(),
        walkers,
        walker,
    })
}

/// Those who can walk in a system: functions, then domains.
fn walkers(lab: &Lab) -> Vec<Walker> {
    let names = lab.names();
    let functions = names.functions.into_iter().map(|name| Walker { name, function: true });
    functions.chain(names.domains.into_iter().map(|name| Walker { name, function: false })).collect()
}

/// Who walks if nobody was chosen: the first function that uses a domain's tables, or else the first.
fn default_walker(lab: &Lab) -> Option<String> {
    let (functions, domains) = (lab.functions(), lab.names().domains);
    let in_domain =
        |registered: &Option<String>| registered.as_ref().is_some_and(|name| domains.contains(name));
    let found = functions.iter().find(|function| in_domain(&function.registered)).or(functions.first());
    found.map(|function| function.name.clone())
}

/// The walk of a function or domain of this name; the first function for none or one that is not there.
fn walk(lab: &Lab, name: &str, iova: u64, access: Access) -> Option<MachineWalk> {
    let names = lab.names();
    let place = |list: &[String]| list.iter().position(|known| known == name);
    let iova = Iova::new(iova);
    if let Some(index) = place(&names.functions) {
        return Some(lab.walk(FunctionId(index as u32), iova, access));
    }
    if let Some(index) = place(&names.domains) {
        return Some(lab.walk_domain(DomainId(index as u32), iova, access));
    }
    (!names.functions.is_empty()).then(|| lab.walk(FunctionId(0), iova, access))
}

/// What an access of the function of this name would come to.
fn judged(lab: &Lab, name: &str, iova: u64, access: Access) -> Option<Truths> {
    let index = lab.names().functions.iter().position(|known| known == name)?;
    lab.verdict(FunctionId(index as u32), Iova::new(iova), access).map(|judgement| truths(&judgement))
}

/// A walk as it is shown.
fn view(walk: &MachineWalk, truths: Option<Truths>) -> Walk {
    let (end, explanation) = end(&walk.path);
    Walk {
        hops: hops(walk.iota, &walk.path),
        found: walk.path.translation.is_some(),
        end,
        explanation,
        term: walk.path.fault.map(|fault| fault.name().to_owned()),
        truths,
    }
}

/// A walk through a dump as it is shown.
pub fn dumped(walk: &DumpWalk) -> Walk {
    let mut hops = hops(Some(walk.iota.bits()), &walk.path);
    let (mut end, mut explanation) = end(&walk.path);
    if let Some(at) = walk.missing {
        "unknown".clone_into(&mut end);
        explanation = format!("the entry at {} is not in this memory", hex(at.get()));
        if let Some(last) = hops.last_mut() {
            last.bad = true;
        }
    }
    let term = walk.path.fault.map(|fault| fault.name().to_owned());
    Walk { hops, found: walk.path.translation.is_some(), end, explanation, term, truths: None }
}

/// The anchor and the entries, the last one marked where it ends the walk.
fn hops(iota: Option<u64>, path: &WalkPath) -> Vec<Hop> {
    let mut hops = Vec::new();
    if let Some(iota) = iota {
        let meaning = decode(WordKind::Iota, iota).meaning;
        hops.push(hop(WordKind::Iota, "anchor (IOTA)".to_owned(), String::new(), iota, &meaning));
    }
    for step in &path.steps {
        let kind = WordKind::entry(step.level);
        let place = format!("{}[{:#x}]", step.level.name(), step.index);
        hops.push(hop(kind, place, hex(step.at.get()), step.word, &decode(kind, step.word).meaning));
    }
    let at_entry = !matches!(
        path.fault,
        Some(FaultKind::InvalidAddressSpace | FaultKind::OutOfRange | FaultKind::Blocked)
    );
    if let (Some(last), true, true) = (hops.last_mut(), path.fault.is_some(), at_entry) {
        last.bad = true;
    }
    hops
}

/// Where it ends, and what that means.
fn end(path: &WalkPath) -> (String, String) {
    match (&path.translation, path.fault) {
        (Some(found), _) => {
            let rights = if found.writable { "read and write" } else { "read only" };
            let explanation = format!("absolute address, {rights}, in a {} frame", size(found.frame_len));
            (hex(found.phys.get()), explanation)
        }
        (None, Some(fault)) => {
            (format!("{} ({:#x})", fault.name(), fault.code()), fault.explain().to_owned())
        }
        (None, None) => ("nothing".to_owned(), String::new()),
    }
}

fn hop(kind: WordKind, place: String, at: String, bits: u64, meaning: &str) -> Hop {
    // The kind is in the place already.
    let meaning = meaning.split_once(": ").map_or(meaning, |(_, rest)| rest);
    let meaning = grouped(meaning);
    Hop { kind: kind.name().to_owned(), place, at, word: bits, text: word(bits), meaning, bad: false }
}

/// The address of the last step up to `step` that names one; then the start of the first function's range.
fn default_iova(outcome: &Outcome, step: u32, lab: &Lab) -> u64 {
    if let Some(device) = device(outcome, step) {
        return device.iova;
    }
    let mut done = outcome.steps.iter().take(step as usize).rev();
    let named = done.find_map(|done| named_iova(&done.text, done.value));
    let start = || Some(lab.functions().first()?.range.start.get());
    named.or_else(start).unwrap_or(0)
}

/// The access of a device that the step is.
fn device(outcome: &Outcome, step: u32) -> Option<&DeviceOutcome> {
    outcome.steps.get(step.checked_sub(1)? as usize)?.device.as_ref()
}

/// The address in a step's text, `map 0x1_0000_0000 …`, `refresh f0 0x1000 …`, or the one that the DMA API gave.
fn named_iova(text: &str, value: Option<u64>) -> Option<u64> {
    let mut words = text.split(' ');
    match words.next()? {
        "map" | "unmap" | "unmap_fast" | "map_pages" | "unmap_pages" | "iova_to_phys" | "walk"
        | "refresh" | "read" | "write" | "fill" | "evict" | "user_map" | "user_unmap" | "ioas_map"
        | "ioas_unmap" => words.find_map(|word| word.starts_with("0x").then(|| parse(word)).flatten()),
        "dma_map" | "dma_alloc" => value,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ran;

    #[test]
    fn the_address_of_the_step_is_walked_by_whoever_uses_the_tables() {
        let runs = [ran(include_str!("first.zpci.toml"), "p3")];
        let walks = |step, iova, walker| walks(&runs, step, iova, walker, false).unwrap();
        let shown = walks(2, None, None);
        assert_eq!((shown.iova, &*shown.walker, shown.walks.len()), (0x1_c000_0000, "f0", 1));
        assert_eq!(shown.walks[0].as_ref().unwrap().end, "0x8000_0000");
        let missed = walks(2, Some(0x1_d000_0000), Some("d0"));
        assert!(missed.walks[0].as_ref().unwrap().hops.last().unwrap().bad);
        assert_eq!(walks(2, None, Some("nobody")).walker, "f0");
        assert_eq!(self::walks(&runs, 99, None, None, false), None);
    }

    #[test]
    fn addresses_in_steps() {
        assert_eq!(
            named_iova("map 0x100000000 phys 0x80000000 size 1 MiB rw in d0", None),
            Some(0x1_0000_0000)
        );
        assert_eq!(named_iova("refresh f0 0x1000 size 4 KiB", None), Some(0x1000));
        let given = Some(0xff_f000);
        assert_eq!(named_iova("dma_map 0x80000000 size 0x1000 both for f0 as a", given), given);
        assert_eq!(named_iova("poke 0x1000 value 0x1", None), None);
    }
}
