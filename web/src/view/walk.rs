//! A walk of the tables, entry by entry.

use s390_iommu::addr::Iova;
use s390_iommu::hw::fault::FaultKind;
use s390_iommu::hw::walk::Access;
use s390_iommu::ids::{DomainId, FunctionId};
use s390_iommu::lab::{Lab, MachineWalk};
use s390_iommu::session::Outcome;
use s390_iommu::table::{WordKind, decode};

use super::hex::{hex, parse, size, word};
use super::timeline::grouped;

/// A word that was read on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its kind, for the decoder.
    pub kind: WordKind,
    /// Its place: `segment[0x234]`.
    pub place: String,
    /// Its address; none for the anchor.
    pub at: String,
    /// The word itself.
    pub word: u64,
    /// As it is shown.
    pub text: String,
    /// What it says.
    pub meaning: String,
    /// The walk ends badly here.
    pub bad: bool,
}

/// A walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// What was read.
    pub rows: Vec<Row>,
    /// It found something.
    pub found: bool,
    /// Where it ends: an address, or the name of a fault with its code.
    pub end: String,
    /// What that means.
    pub explanation: String,
}

/// Names of those who can walk in a system: functions, then domains.
pub fn walkers(lab: &Lab) -> Vec<(String, bool)> {
    let names = lab.names();
    let functions = names.functions.into_iter().map(|name| (name, true));
    functions.chain(names.domains.into_iter().map(|name| (name, false))).collect()
}

/// Who walks if nobody was chosen: the first function that uses a domain's tables, or else the first.
pub fn default_walker(lab: &Lab) -> Option<String> {
    let (functions, domains) = (lab.functions(), lab.names().domains);
    let in_domain =
        |registered: &Option<String>| registered.as_ref().is_some_and(|name| domains.contains(name));
    let found = functions.iter().find(|function| in_domain(&function.registered)).or(functions.first());
    found.map(|function| function.name.clone())
}

/// The walk of a function or domain of this name; the first function for none or one that is not there.
pub fn walk(lab: &Lab, name: Option<&str>, iova: u64, access: Access) -> Option<Walk> {
    let names = lab.names();
    let place = |list: &[String]| list.iter().position(|known| Some(known.as_str()) == name);
    let iova = Iova::new(iova);
    if let Some(index) = place(&names.functions) {
        return Some(view(&lab.walk(FunctionId(index as u32), iova, access)));
    }
    if let Some(index) = place(&names.domains) {
        return Some(view(&lab.walk_domain(DomainId(index as u32), iova, access)));
    }
    (!names.functions.is_empty()).then(|| view(&lab.walk(FunctionId(0), iova, access)))
}

/// A walk as it is shown.
pub fn view(walk: &MachineWalk) -> Walk {
    let mut rows = Vec::new();
    if let Some(iota) = walk.iota {
        let meaning = decode(WordKind::Iota, iota).meaning;
        rows.push(row(WordKind::Iota, "anchor (IOTA)".to_owned(), String::new(), iota, &meaning));
    }
    for step in &walk.path.steps {
        let kind = WordKind::entry(step.level);
        let place = format!("{}[{:#x}]", step.level.name(), step.index);
        rows.push(row(kind, place, hex(step.at.get()), step.word, &decode(kind, step.word).meaning));
    }
    let at_entry = !matches!(
        walk.path.fault,
        Some(FaultKind::InvalidAddressSpace | FaultKind::OutOfRange | FaultKind::Blocked)
    );
    if let (Some(last), true, true) = (rows.last_mut(), walk.path.fault.is_some(), at_entry) {
        last.bad = true;
    }
    let (end, explanation) = match (&walk.path.translation, walk.path.fault) {
        (Some(found), _) => {
            let rights = if found.writable { "read and write" } else { "read only" };
            (
                hex(found.phys.get()),
                format!("absolute address, {rights}, in a {} frame", size(found.frame_len)),
            )
        }
        (None, Some(fault)) => {
            (format!("{} ({:#x})", fault.name(), fault.code()), fault.explain().to_owned())
        }
        (None, None) => ("nothing".to_owned(), String::new()),
    };
    Walk { rows, found: walk.path.translation.is_some(), end, explanation }
}

fn row(kind: WordKind, place: String, at: String, bits: u64, meaning: &str) -> Row {
    // The kind is in the place already.
    let meaning = meaning.split_once(": ").map_or(meaning, |(_, rest)| rest);
    let meaning = grouped(meaning);
    Row { kind, place, at, word: bits, text: word(bits), meaning, bad: false }
}

/// The address of the last step up to `step` that names one; then the start of the first function's range.
pub fn default_iova(outcome: &Outcome, step: u32, lab: Option<&Lab>) -> u64 {
    let mut done = outcome.steps.iter().take(step as usize).rev();
    let named = done.find_map(|done| named_iova(&done.text));
    let start = || Some(lab?.functions().first()?.range.start.get());
    named.or_else(start).unwrap_or(0)
}

/// The address in a step's text: `map 0x1_0000_0000 …`, `refresh f0 0x1000 …`.
fn named_iova(text: &str) -> Option<u64> {
    let mut words = text.split(' ');
    match words.next()? {
        "map" | "unmap" | "unmap_fast" | "map_pages" | "unmap_pages" | "iova_to_phys" | "walk"
        | "refresh" => words.find_map(|word| word.starts_with("0x").then(|| parse(word)).flatten()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_steps() {
        assert_eq!(named_iova("map 0x100000000 phys 0x80000000 size 1 MiB rw in d0"), Some(0x1_0000_0000));
        assert_eq!(named_iova("refresh f0 0x1000 size 4 KiB"), Some(0x1000));
        assert_eq!(named_iova("poke 0x1000 value 0x1"), None);
    }
}
