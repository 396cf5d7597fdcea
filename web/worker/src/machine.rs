//! The machine's side of functions: registers decoded, and what is cached, with what is wrong about it.

use s390_iommu::check::{Judgement, Verdict};
use s390_iommu::ids::FunctionId;
use s390_iommu::lab::{CachedRun, Lab, Registers};
use s390_iommu::table::{WordKind, decode};
use s390_iommu_view::hex::{hex, size, word};
use s390_iommu_view::machine::{Cached, Machine, Register, Stale};

use crate::timeline::grouped;
use crate::truths::{mark, why};

/// Entries that are shown of one function.
const SHOWN: usize = 60;

/// Every function's side; changes are those since `before`.
pub fn machines(lab: &Lab, before: Option<&Lab>) -> Vec<Machine> {
    let old = before.unwrap_or(lab);
    let functions = lab.names().functions.into_iter().zip(0..);
    functions.map(|(name, id)| machine(lab, old, name, FunctionId(id))).collect()
}

fn machine(lab: &Lab, old: &Lab, name: String, id: FunctionId) -> Machine {
    let (now, before) = (lab.registers(id), old.registers(id));
    let state = lab.function(id).state;
    let changed = state != old.function(id).state;
    // One more than is shown, to know whether there are more.
    let (runs, known) = (lab.iotlb(id, SHOWN + 1), old.iotlb(id, SHOWN + 1));
    let mut cached: Vec<Cached> = runs
        .iter()
        .flat_map(|run| {
            let judged = if run.stale { lab.judged(id, *run, SHOWN) } else { Vec::new() };
            if judged.is_empty() {
                return vec![entry(*run, None, &known)];
            }
            judged.iter().map(|(piece, judgement)| entry(*piece, Some(judgement), &known)).collect()
        })
        .collect();
    let cut = runs.len() > SHOWN || cached.len() > SHOWN;
    cached.truncate(SHOWN);
    Machine {
        function: name,
        state: state.to_owned(),
        registers: registers(&now, &before, state, changed),
        cached,
        pages: now.cached,
        cut,
    }
}

fn registers(now: &Registers, before: &Registers, state: &str, changed: bool) -> Vec<Register> {
    let plain = |name: &str, value: String, meaning: String, changed: bool| Register {
        name: name.to_owned(),
        value,
        meaning,
        word: None,
        term: None,
        changed,
    };
    let nothing = now.controls & 0x10 == 0;
    let anchor = if nothing {
        "nothing is registered".to_owned()
    } else {
        let meaning = decode(WordKind::Iota, now.iota).meaning;
        grouped(meaning.split_once(": ").map_or(&*meaning, |(_, rest)| rest))
    };
    let span = now.pal.wrapping_sub(now.pba).wrapping_add(1);
    let mut rows = vec![
        plain("state", state.to_owned(), controls(now.controls), changed || now.controls != before.controls),
        Register {
            word: (!nothing).then(|| (WordKind::Iota.name().to_owned(), now.iota)),
            ..plain("IOTA", word(now.iota), anchor, now.iota != before.iota)
        },
        plain("PBA", hex(now.pba), "first address".to_owned(), now.pba != before.pba),
        plain(
            "PAL",
            hex(now.pal),
            if nothing { "last address".to_owned() } else { format!("last address; {} in all", size(span)) },
            now.pal != before.pal,
        ),
        plain("handle", hex(now.handle.into()), handle(now.handle), now.handle != before.handle),
    ];
    if let Some(credits) = now.credits {
        let meaning = "host mappings left".to_owned();
        rows.push(plain("credits", credits.to_string(), meaning, Some(credits) != before.credits));
    }
    if let Some(code) = now.error {
        rows.push(Register {
            term: Some(format!("pec {code:#x}")),
            ..plain(
                "error event",
                format!("{code:#x}"),
                "the last one that the kernel was told of".to_owned(),
                now.error != before.error,
            )
        });
    }
    rows
}

/// The state bits of a function information block.
fn controls(bits: u8) -> String {
    let names =
        [(0x80, "enabled"), (0x40, "in error"), (0x20, "loads and stores blocked"), (0x10, "registered")];
    let set: Vec<&str> = names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    if set.is_empty() { format!("FC {bits:#04x}") } else { format!("FC {bits:#04x}: {}", set.join(", ")) }
}

fn handle(handle: u32) -> String {
    if handle & 0x8000_0000 == 0 { "not enabled".to_owned() } else { "enabled".to_owned() }
}

fn entry(run: CachedRun, judgement: Option<&Judgement>, known: &[CachedRun]) -> Cached {
    let bytes = run.pages << 12;
    let last = run.iova.wrapping_add(bytes - 1);
    let pages = if run.pages == 1 { "1 page".to_owned() } else { format!("{} pages", run.pages) };
    let was = |old: &CachedRun| {
        let ahead = run.iova.wrapping_sub(old.iova);
        old.writable == run.writable
            && ahead < old.pages << 12
            && bytes <= (old.pages << 12) - ahead
            && old.phys.wrapping_add(ahead) == run.phys
    };
    Cached {
        iova: run.iova,
        place: format!("{}–{}", hex(run.iova), hex(last)),
        frame: hex(run.phys),
        extent: format!("{pages}, {}", size(bytes)),
        rights: if run.writable { "rw" } else { "r" }.to_owned(),
        new: !known.iter().any(was),
        stale: run.stale.then(|| stale(run, last, judgement)),
    }
}

fn stale(run: CachedRun, last: u64, judgement: Option<&Judgement>) -> Stale {
    let verdict = judgement.map_or(Verdict::Stale, |judgement| judgement.verdict);
    let told = judgement.map(why).filter(|told| !told.is_empty());
    let reason = told.unwrap_or_else(|| "the tables say otherwise now".to_owned());
    let range = format!("{}–{}", hex(run.iova), hex(last));
    let cure = if verdict == Verdict::Deferred {
        format!("a refresh that covers {range}: it comes with the domain’s sync or the next full flush")
    } else {
        format!("a refresh (RPCIT) that covers {range}, or a new registration")
    };
    Stale {
        mark: mark(verdict),
        why: reason,
        cause: judgement.and_then(|judgement| judgement.cause).filter(|step| *step > 0),
        cure,
        refresh: (run.iova, run.pages << 12),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ran;

    const TEXT: &str = r#"
schema = 1
title = "Two unmaps that nobody syncs"
kernel = "v6.6"
functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
domains = ["d0"]
steps = [
  { attach = "f0", to = "d0" },
  { map = 0x1_0000_0000, phys = 0x8000_0000, size = "16 KiB" },
  { read = 0x1_0000_0000, size = 0x4000, by = "f0" },
  { unmap_fast = 0x1_0000_0000, size = "4 KiB" },
  { unmap_fast = 0x1_0000_1000, size = "4 KiB" },
  { refresh = "f0", iova = 0x1_0000_0000, size = "4 KiB" },
]
"#;

    fn at(step: u32) -> Machine {
        let ran = ran(TEXT, "v6.6");
        machines(&ran.lab(step).unwrap(), ran.lab(step - 1).as_ref()).remove(0)
    }

    fn changed(machine: &Machine) -> Vec<&str> {
        machine.registers.iter().filter(|row| row.changed).map(|row| &*row.name).collect()
    }

    #[test]
    fn registers_are_decoded_and_changes_marked() {
        let attached = at(1);
        assert_eq!(changed(&attached), ["IOTA"], "the aperture is that of the DMA API before");
        assert!(attached.registers[1].meaning.contains("region-third"), "{attached:?}");
        assert!(attached.registers[0].meaning.contains("enabled, registered"));
        assert!(changed(&at(2)).is_empty());
    }

    #[test]
    fn stale_entries_name_their_step_and_their_cure() {
        let filled = at(3);
        assert_eq!((filled.cached.len(), filled.pages), (1, 4));
        assert!(filled.cached[0].new && filled.cached[0].stale.is_none());
        let cached = at(5).cached;
        let causes: Vec<_> =
            cached.iter().map(|entry| entry.stale.as_ref().map(|stale| stale.cause)).collect();
        assert_eq!(causes, [Some(Some(4)), Some(Some(5)), None]);
        assert!(cached.iter().all(|entry| !entry.new));
        assert_eq!(cached[1].stale.as_ref().unwrap().refresh, (0x1_0000_1000, 0x1000));
        assert_eq!(at(6).cached.len(), 2);
    }
}
