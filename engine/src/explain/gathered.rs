//! Faults, kernel warnings, crashes and findings: their texts are kept with their types.

use super::entry::key;
use super::{Explanation, Kind};
use crate::check::{Check, OTHER_VIOLATIONS, Verdict};
use crate::dump::Flaw;
use crate::exec::Stop;
use crate::hw::fault::FaultKind;
use crate::trace::Warning;

pub(super) const FAULTS: Kind = Kind {
    title: "faults",
    listed: true,
    names: || FaultKind::ALL.map(|kind| kind.name().to_owned()).to_vec(),
    find: |name| {
        let wanted = key(name);
        // A number alone is no name; one in hexadecimal is that of an event.
        let event = wanted.trim_start_matches("pec").trim_start_matches("event");
        let event = event.parse().ok().filter(|code| *code != 0 && name.contains(char::is_alphabetic));
        let is_meant = |kind: &FaultKind| {
            [kind.name(), qemu_name(*kind)].iter().any(|known| key(known) == wanted)
                || event == Some(kind.code())
        };
        let explanation = |kind: FaultKind| {
            let source = match kind.code() {
                0 => "QEMU: accesses of a function in error are dropped".to_owned(),
                code => format!("QEMU's ERR_EVENT_{}, error event {code:#x}", qemu_name(kind)),
            };
            Explanation::new(kind.name(), "Fault", kind.explain(), &source)
        };
        FaultKind::ALL.into_iter().filter(is_meant).map(explanation).collect()
    },
};

/// What QEMU calls the event.
const fn qemu_name(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::InvalidAddressSpace => "INVALAS",
        FaultKind::OutOfRange => "OORANGE",
        FaultKind::TranslationFormat => "INVALTF",
        FaultKind::Protection => "TPROTE",
        FaultKind::InvalidEntry => "INVALTE",
        FaultKind::TableLength => "INVALTL",
        FaultKind::TableType => "TT",
        FaultKind::Blocked => "blocked",
    }
}

pub(super) const WARNINGS: Kind = Kind {
    title: "kernel warnings",
    listed: true,
    names: || Warning::ALL.map(|(warning, _)| warning.name().to_owned()).to_vec(),
    find: |name| {
        let found = Warning::ALL.into_iter().filter(|(warning, _)| key(warning.name()) == key(name));
        let source = "Linux, seen or looked for in recordings of the driver";
        let explanation = |warning: Warning, text| {
            Explanation::new(warning.name(), "Kernel warning", &format!("{text}."), source)
        };
        found.map(|(warning, text)| explanation(warning, text)).collect()
    },
};

pub(super) const STOPS: Kind = Kind {
    title: "crashes and limits",
    listed: true,
    names: || Stop::ALL.map(|stop| stop.name().to_owned()).to_vec(),
    find: |name| {
        let explanation = |stop: Stop| {
            let (title, source) = match stop {
                Stop::Crash(_) => ("Crash of the kernel", "Linux: what its code does there"),
                Stop::TooMuchMemory | Stop::TooMuchWork => ("Limit", "this program"),
            };
            Explanation::new(stop.name(), title, stop.explain(), source)
        };
        Stop::ALL.into_iter().filter(|stop| key(stop.name()) == key(name)).map(explanation).collect()
    },
};

pub(super) const FLAWS: Kind = Kind {
    title: "findings in tables",
    listed: true,
    names: || Flaw::ALL.map(|flaw| flaw.code().to_owned()).to_vec(),
    find: |name| {
        let explanation = |flaw: Flaw| {
            let note = if flaw.is_note() { ", a note" } else { "" };
            let source = "this program, from what Linux writes and QEMU accepts";
            Explanation::new(flaw.code(), format!("{}{note}", flaw.title()), flaw.explain(), source)
        };
        Flaw::ALL.into_iter().filter(|flaw| key(flaw.code()) == key(name)).map(explanation).collect()
    },
};

pub(super) const VERDICTS: Kind = Kind {
    title: "verdicts",
    listed: true,
    names: || Verdict::ALL.map(|(verdict, _)| verdict.name().to_owned()).to_vec(),
    find: |name| {
        let found = Verdict::ALL.into_iter().filter(|(verdict, _)| key(verdict.name()) == key(name));
        let explanation = |(verdict, text): (Verdict, &str)| {
            let title = match verdict.check() {
                Some(check) => format!("Verdict about an access, against the check {}", check.name()),
                None => "Verdict about an access".to_owned(),
            };
            Explanation::new(verdict.name(), title, text, TRUTHS)
        };
        found.map(explanation).collect()
    },
};

pub(super) const CHECKS: Kind = Kind {
    title: "checks and violations",
    listed: true,
    names: || {
        let checks = Check::ALL.map(|(check, _)| check_code(check));
        checks.into_iter().chain(OTHER_VIOLATIONS.map(|(name, _)| name.to_owned())).collect()
    },
    find: |name| {
        let checks = Check::ALL.map(|(check, text)| (check_code(check), "Check", text));
        let others = OTHER_VIOLATIONS.map(|(name, text)| (name.to_owned(), "Violation of a check", text));
        let found = checks.into_iter().chain(others).filter(|(code, ..)| key(code) == key(name));
        found.map(|(code, title, text)| Explanation::new(&code, title, text, TRUTHS)).collect()
    },
};

/// A check's name is often a verdict's, too.
fn check_code(check: Check) -> String {
    format!("check {}", check.name())
}

const TRUTHS: &str =
    "this program, from what callers are told, what tables say, and what the machine has cached";
