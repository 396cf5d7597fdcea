//! The verdict: a row for each combination of answers that can be, and what holds for all of them.

use std::collections::BTreeSet;

use s390_iommu::addr::Phys;
use s390_iommu::check::verdict::{Answers, Tables, Verdict, Wanted, Whose, judge};

const PAGE: Phys = Phys::new(0x8000_0000);
const OTHER: Phys = Phys::new(0x9000_0000);

const MAPPED: Wanted = Wanted::Page { frame: PAGE, allowed: true };
const FORBIDDEN: Wanted = Wanted::Page { frame: PAGE, allowed: false };
const GONE: Wanted = Wanted::Gone { deferred: false };
const LATER: Wanted = Wanted::Gone { deferred: true };

const fn frame(frame: Phys) -> Tables {
    Tables::Frame { frame, allowed: true }
}

const fn read_only(frame: Phys) -> Tables {
    Tables::Frame { frame, allowed: false }
}

/// What was wanted, what the tables say, whether something is cached, what the device got, and the verdict, where the tables
/// are the function's own.
const OWN: &[(Wanted, Tables, bool, Option<Phys>, Verdict)] = &[
    // As it should be.
    (MAPPED, frame(PAGE), false, Some(PAGE), Verdict::Agree),
    (MAPPED, frame(PAGE), true, Some(PAGE), Verdict::Agree),
    (FORBIDDEN, read_only(PAGE), false, None, Verdict::Agree),
    (GONE, Tables::Nothing, false, None, Verdict::Agree),
    (Wanted::Never, Tables::Nothing, false, None, Verdict::Agree),
    (Wanted::Never, Tables::OutOfRange, false, None, Verdict::Agree),
    (Wanted::Nowhere, Tables::Unregistered, false, None, Verdict::Agree),
    (GONE, Tables::Stopped, true, None, Verdict::Agree),
    // Mapped, and the device gets nothing.
    (MAPPED, Tables::Stopped, false, None, Verdict::Stopped),
    (MAPPED, Tables::Unregistered, false, None, Verdict::Unregistered),
    (MAPPED, Tables::OutOfRange, false, None, Verdict::BeyondRange),
    (MAPPED, frame(PAGE), false, None, Verdict::NotVisible),
    (MAPPED, frame(PAGE), true, None, Verdict::Stale),
    (MAPPED, read_only(PAGE), false, None, Verdict::WrongPermission),
    (MAPPED, Tables::Nothing, false, None, Verdict::Lost),
    (MAPPED, Tables::Wrong, false, None, Verdict::Damaged),
    (MAPPED, frame(OTHER), false, None, Verdict::Damaged),
    // Mapped, and the device gets it only because it is cached.
    (MAPPED, Tables::Nothing, true, Some(PAGE), Verdict::Lost),
    (MAPPED, read_only(PAGE), true, Some(PAGE), Verdict::WrongPermission),
    (MAPPED, frame(OTHER), true, Some(PAGE), Verdict::Damaged),
    // Mapped, and the device gets something else.
    (MAPPED, frame(PAGE), true, Some(OTHER), Verdict::Stale),
    (MAPPED, Tables::Nothing, true, Some(OTHER), Verdict::Stale),
    (MAPPED, frame(OTHER), false, Some(OTHER), Verdict::Damaged),
    // Mapped for less, and the device gets it.
    (FORBIDDEN, frame(PAGE), false, Some(PAGE), Verdict::WrongPermission),
    (FORBIDDEN, frame(OTHER), false, Some(OTHER), Verdict::Damaged),
    (FORBIDDEN, read_only(PAGE), true, Some(PAGE), Verdict::Stale),
    // Unmapped, and the device gets something.
    (GONE, Tables::Nothing, true, Some(PAGE), Verdict::Stale),
    (LATER, Tables::Nothing, true, Some(PAGE), Verdict::Deferred),
    (GONE, frame(PAGE), false, Some(PAGE), Verdict::StillMapped),
    (GONE, frame(PAGE), true, Some(PAGE), Verdict::StillMapped),
    // Never mapped, and the device gets something.
    (Wanted::Never, frame(OTHER), false, Some(OTHER), Verdict::Damaged),
    (Wanted::Never, Tables::Nothing, true, Some(OTHER), Verdict::Stale),
    // Freed tables are worse than whatever they say.
    (MAPPED, Tables::Freed, false, None, Verdict::FreedTables),
    (Wanted::Nowhere, Tables::Freed, true, Some(PAGE), Verdict::FreedTables),
];

fn answers((wanted, tables, cached, got): (Wanted, Tables, bool, Option<Phys>)) -> Answers {
    Answers { wanted, tables, cached, got, whose: Whose::Own, aliased: false }
}

#[test]
fn each_combination_has_its_name() {
    for &(wanted, tables, cached, got, verdict) in OWN {
        let answers = answers((wanted, tables, cached, got));
        assert_eq!(judge(answers), verdict, "{answers:?}");
    }
}

/// Where the tables are to blame, it matters whose they are.
#[test]
fn whose_tables_they_are() {
    for &(wanted, tables, cached, got, own) in OWN {
        let answers = answers((wanted, tables, cached, got));
        let is_blamed = matches!(own, Verdict::Damaged | Verdict::Lost | Verdict::StillMapped);
        for (whose, verdict) in [(Whose::Left, Verdict::Leaked), (Whose::Other, Verdict::WrongTables)] {
            let other = judge(Answers { whose, ..answers });
            if is_blamed {
                assert_eq!(other, verdict, "{answers:?}");
            } else if own == Verdict::Agree || own == Verdict::FreedTables {
                assert_eq!(other, own, "{answers:?}");
            }
        }
        let masked = judge(Answers { aliased: true, ..answers });
        if own == Verdict::Damaged && matches!(tables, Tables::Frame { .. }) || own == Verdict::StillMapped {
            assert_eq!(masked, Verdict::Aliased, "{answers:?}");
        } else {
            assert!([own, Verdict::Aliased].contains(&masked), "{answers:?}");
        }
    }
}

fn all() -> Vec<Answers> {
    let wanted = [MAPPED, FORBIDDEN, GONE, LATER, Wanted::Never, Wanted::Nowhere];
    let tables = [
        Tables::Stopped,
        Tables::Unregistered,
        Tables::OutOfRange,
        Tables::Freed,
        frame(PAGE),
        read_only(PAGE),
        frame(OTHER),
        read_only(OTHER),
        Tables::Nothing,
        Tables::Wrong,
    ];
    let mut all = Vec::new();
    for wanted in wanted {
        for tables in tables {
            for (cached, got) in [
                (false, None),
                (true, None),
                (false, Some(PAGE)),
                (true, Some(PAGE)),
                (true, Some(OTHER)),
                (false, Some(OTHER)),
            ] {
                for whose in [Whose::Own, Whose::Left, Whose::Other] {
                    for aliased in [false, true] {
                        all.push(Answers { wanted, tables, cached, got, whose, aliased });
                    }
                }
            }
        }
    }
    all
}

#[test]
fn what_holds_for_all_combinations() {
    let mut seen = BTreeSet::new();
    for answers in all() {
        let verdict = judge(answers);
        seen.insert(verdict);
        let wanted = match answers.wanted {
            Wanted::Page { frame, allowed: true } => Some(frame),
            _ => None,
        };
        if verdict == Verdict::Agree {
            assert_eq!(answers.got, wanted, "{answers:?}");
        }
        if wanted.is_none() && answers.got.is_none() {
            assert!([Verdict::Agree, Verdict::FreedTables].contains(&verdict), "{answers:?}");
        }
        if matches!(verdict, Verdict::Stale | Verdict::Deferred) {
            assert!(
                answers.tables != answers.got.map_or(Tables::Freed, frame),
                "the tables do not say so: {answers:?}"
            );
        }
    }
    let named: BTreeSet<_> = Verdict::ALL.into_iter().map(|(verdict, _)| verdict).collect();
    assert_eq!(seen, named, "every name is needed, and there is none without a text");
}

#[test]
fn names_and_texts() {
    let names: BTreeSet<_> = Verdict::ALL.into_iter().map(|(verdict, _)| verdict.name()).collect();
    assert_eq!(names.len(), Verdict::ALL.len());
    for (verdict, text) in Verdict::ALL {
        assert!(text.len() > 60 && text.ends_with('.'), "{verdict}");
    }
}
