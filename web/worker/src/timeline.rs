//! The steps of one run or two, and the events of the selected step.

use s390_iommu::check::Violation;
use s390_iommu::lab::MachineWalk;
use s390_iommu::session::{Check, Comparison, Outcome, StepOutcome};
use s390_iommu_view::hex::hex;
use s390_iommu_view::run::{Cell, Row, Tone};
use s390_iommu_view::scene::Events;

use crate::truths::mark;

/// Event lines that are shown of one step; more would make the page slow.
pub const SHOWN: usize = 400;

/// The rows of all runs side by side.
pub fn rows(outcomes: &[&Outcome], comparison: Option<&Comparison>) -> Vec<Row> {
    let Some(first) = outcomes.first() else { return Vec::new() };
    let row = |step: &StepOutcome| Row {
        number: step.number,
        line: step.line,
        cpu: step.cpu,
        text: grouped(&step.text),
        note: step.note.clone(),
        cells: outcomes
            .iter()
            .filter_map(|outcome| outcome.steps.get(step.number as usize - 1))
            .map(cell)
            .collect(),
        differs: comparison.is_some_and(|comparison| comparison.differing_steps.contains(&step.number)),
    };
    first.steps.iter().map(row).collect()
}

fn cell(step: &StepOutcome) -> Cell {
    let (badge, tone) = match (&step.skipped, step.stop, step.errno) {
        (Some(_), ..) => ("skipped".to_owned(), Tone::Skipped),
        (_, Some(stop), _) => (stop.to_owned(), Tone::Stop),
        (_, _, "") => ("ok".to_owned(), Tone::Good),
        (_, _, errno) => (format!("-{}", errno.trim_start_matches('-')), Tone::Error),
    };
    let device = step.device.as_ref();
    let fault = step.walk.as_ref().and_then(MachineWalk::fault).or(device.and_then(|device| device.fault));
    let failed = |check: &Check| format!("{}: expected {}, got {}", check.what, check.expected, check.got);
    let range = |(first, last): (u64, u64)| format!("{}–{}", hex(first), hex(last));
    let regions = || step.regions.as_ref().map(|regions| regions_text(regions));
    let reached = || device.and_then(|device| device.phys).map(hex);
    let value = step.value.map(hex).or_else(reached).or_else(|| step.range.map(range)).or_else(regions);
    Cell {
        badge: fault.map_or(badge, str::to_owned),
        tone: if fault.is_some() { Tone::Error } else { tone },
        value,
        term: fault.or(step.stop).map(str::to_owned).or_else(|| errno(step)),
        verdict: device.and_then(|device| device.judgement.as_ref()).map(|found| mark(found.verdict)),
        violations: step.violations.iter().map(violation).collect(),
        warnings: step.warnings.clone(),
        refreshes: step.refreshes,
        held: step.checks.iter().filter(|check| check.held).count(),
        failed: step.checks.iter().filter(|check| !check.held).map(failed).collect(),
        skipped: step.skipped.clone(),
    }
}

/// The name of an error number, for its explanation.
fn errno(step: &StepOutcome) -> Option<String> {
    Some(step.errno).filter(|name| !name.is_empty() && step.skipped.is_none()).map(str::to_owned)
}

fn violation(found: &Violation) -> (String, String) {
    (found.what.to_owned(), grouped(&found.text))
}

fn regions_text(regions: &[(u64, u64)]) -> String {
    let one = |(start, bytes): &(u64, u64)| {
        format!("{}–{}", hex(*start), hex(start.wrapping_add(*bytes).wrapping_sub(1)))
    };
    if regions.is_empty() {
        "no regions".to_owned()
    } else {
        regions.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// Puts underscores into the long hexadecimal numbers of a line.
pub fn grouped(line: &str) -> String {
    let mut text = String::with_capacity(line.len() + 8);
    let mut rest = line;
    while let Some(at) = rest.find("0x") {
        let digits = rest[at + 2..].bytes().take_while(u8::is_ascii_hexdigit).count();
        let (number, after) = rest[at..].split_at(2 + digits);
        text.push_str(&rest[..at]);
        match u64::from_str_radix(&number[2..], 16) {
            Ok(value) if digits > 4 => text.push_str(&hex(value)),
            _ => text.push_str(number),
        }
        rest = after;
    }
    text + rest
}

/// The events of a step; of the start, all that happened before the first.
pub fn events(outcome: &Outcome, step: u32) -> Events {
    let (from, to) = match step.checked_sub(1) {
        None => (1, outcome.steps.first().map_or(outcome.trace.len() as u32, |first| first.events.0)),
        Some(index) => outcome.steps.get(index as usize).map_or((0, 0), |step| step.events),
    };
    let lines = outcome.trace.get(from as usize..to as usize).unwrap_or_default();
    let several = lines.iter().any(|line| line.split(' ').nth(1).is_some_and(|cpu| cpu != "cpu0"));
    Events {
        lines: lines.iter().take(SHOWN).map(|line| grouped(bare(line, several))).collect(),
        more: lines.len().saturating_sub(SHOWN),
    }
}

/// An event's line without its step, and without its CPU where there is only one.
fn bare(line: &str, several: bool) -> &str {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    if several { rest } else { rest.strip_prefix("cpu0 ").unwrap_or(rest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(grouped("map 0x100000000 phys 0x1000 x"), "map 0x1_0000_0000 phys 0x1000 x");
        assert_eq!(grouped("0x"), "0x");
        assert_eq!(grouped("a 0x12345é"), "a 0x1_2345é");
    }

    #[test]
    fn events_do_not_repeat_their_step() {
        assert_eq!(bare("12 cpu0 lock d0", false), "lock d0");
        assert_eq!(bare("12 cpu0 lock d0", true), "cpu0 lock d0");
    }

    #[test]
    fn regions_are_ranges() {
        assert_eq!(
            regions_text(&[(0, 0x1000), (0x1_0000_0000, 1)]),
            "0x0–0xfff, 0x1_0000_0000–0x1_0000_0000"
        );
    }
}
