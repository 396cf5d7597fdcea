//! Laws of scenario files: what is written reads back, and no text makes the reader fail.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use s390_iommu::scenario::{
    Access, Action, Capability, Condition, CountersExpect, Direction, DomainExpect, DomainKind, DriverKind,
    FinalExpect, Function, FunctionExpect, GroupExpect, InjectPoint, Profile, Prot, Scenario, Step,
    StepExpect, TableCounts, TableLevel, Translation, parse, to_json, to_toml,
};

fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        0_u64..4,
        (0_u64..64).prop_map(|bit| 1 << bit),
        Just(u64::MAX),
        Just(i64::MAX as u64)
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z*_ ]{0,12}", any::<String>()]
}

fn fun() -> impl Strategy<Value = String> {
    prop_oneof![Just("f0".to_owned()), Just("f.1-x".to_owned())]
}

fn dom() -> impl Strategy<Value = String> {
    prop_oneof![Just("d0".to_owned()), Just("d.1".to_owned())]
}

fn target() -> impl Strategy<Value = String> {
    prop_oneof![dom(), Just("identity".to_owned()), Just("blocking".to_owned())]
}

fn rc() -> impl Strategy<Value = i32> {
    prop_oneof![-4095..=0_i32, Just(-22), Just(-12)]
}

fn pair() -> impl Strategy<Value = [u64; 2]> {
    (word(), word()).prop_map(|(first, last)| [first, last])
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    (0..all.len()).prop_map(|i| all[i])
}

fn condition() -> BoxedStrategy<Condition> {
    let patches = || vec((1..=6).prop_map(|n| format!("p{n}")), 0..3);
    let range = prop_oneof![Just("p1..p5"), Just("..p3"), Just("base"), Just("p2..")].prop_map(str::to_owned);
    (patches(), patches(), option::of(range), vec(one_of(Profile::ALL), 0..3))
        .prop_map(|(with, without, on, profiles)| Condition { with, without, on, profiles })
        .boxed()
}

fn action() -> BoxedStrategy<Action> {
    let alone = prop_oneof![
        fun().prop_map(|function| Action::Probe { function }),
        fun().prop_map(|function| Action::Release { function }),
        fun().prop_map(|function| Action::ResvRegions { function }),
        fun().prop_map(|function| Action::Deregister { function }),
        fun().prop_map(|function| Action::Error { function }),
        fun().prop_map(|function| Action::Recover { function }),
        fun().prop_map(|function| Action::Unplug { function }),
        fun().prop_map(|function| Action::InitIommu { function }),
        fun().prop_map(|function| Action::ShadowOnFlush { function }),
        fun().prop_map(|function| Action::ReRegister { function }),
        fun().prop_map(|function| Action::ResetError { function }),
        fun().prop_map(|function| Action::ResetBlock { function }),
        fun().prop_map(|function| Action::Disable { function }),
        fun().prop_map(|function| Action::Enable { function }),
        dom().prop_map(|domain| Action::Free { domain }),
        dom().prop_map(|domain| Action::IotlbSync { domain }),
        dom().prop_map(|domain| Action::FlushIotlbAll { domain }),
        Just(Action::ClearInject),
    ];
    let pairs = prop_oneof![
        (fun(), target()).prop_map(|(function, domain)| Action::Attach { function, domain }),
        (fun(), target()).prop_map(|(function, domain)| Action::Detach { function, domain }),
        (fun(), dom()).prop_map(|(function, domain)| Action::Register { function, domain }),
        (word(), dom()).prop_map(|(iova, domain)| Action::IovaToPhys { iova, domain }),
        (word(), word()).prop_map(|(phys, value)| Action::Poke { phys, value }),
        (word(), word(), one_of(Direction::ALL), fun(), text()).prop_map(
            |(phys, size, direction, function, buffer)| Action::DmaMap {
                phys,
                size,
                direction,
                function,
                buffer
            }
        ),
        (word(), word(), fun(), text()).prop_map(|(phys, size, function, buffer)| Action::DmaAlloc {
            phys,
            size,
            function,
            buffer
        }),
        text().prop_map(|buffer| Action::DmaUnmap { buffer }),
        text().prop_map(|buffer| Action::DmaFree { buffer }),
        word().prop_map(|ms| Action::Advance { ms }),
        (one_of(Capability::ALL), fun())
            .prop_map(|(capability, function)| Action::Capable { capability, function }),
        (word(), fun(), one_of(Access::ALL)).prop_map(|(iova, function, access)| Action::Walk {
            iova,
            function,
            access
        }),
        (word(), word(), fun(), option::of(text())).prop_map(|(iova, size, function, buffer)| Action::Read {
            iova,
            size,
            function,
            buffer
        }),
        any::<u32>().prop_map(|times| Action::Busy { times }),
        (word(), one_of(TableLevel::ALL), word(), word(), dom()).prop_map(
            |(iova, level, clear, set, domain)| Action::PokeEntry { iova, level, clear, set, domain }
        ),
        (word(), vec(any::<u8>(), 0..20), fun()).prop_map(|(iova, bytes, function)| Action::Write {
            iova,
            bytes,
            function,
            buffer: None
        }),
        (word(), fun()).prop_map(|(iova, function)| Action::Fill { iova, function }),
        (word(), fun()).prop_map(|(iova, function)| Action::Evict { iova, function }),
        (fun(), word(), word()).prop_map(|(function, iova, size)| Action::Refresh { function, iova, size }),
    ];
    let mappings = prop_oneof![
        (word(), word(), word(), one_of(Prot::ALL), dom())
            .prop_map(|(iova, phys, size, prot, domain)| Action::Map { iova, phys, size, prot, domain }),
        (word(), word(), dom()).prop_map(|(iova, size, domain)| Action::Unmap { iova, size, domain }),
        (word(), word(), dom()).prop_map(|(iova, size, domain)| Action::UnmapFast { iova, size, domain }),
        (word(), word(), word(), word(), one_of(Prot::ALL), dom()).prop_map(
            |(iova, phys, pgsize, pgcount, prot, domain)| Action::MapPages {
                iova,
                phys,
                pgsize,
                pgcount,
                prot,
                domain
            }
        ),
        (word(), word(), word(), dom()).prop_map(|(iova, pgsize, pgcount, domain)| Action::UnmapPages {
            iova,
            pgsize,
            pgcount,
            domain
        }),
        (
            one_of(InjectPoint::ALL),
            any::<u32>(),
            any::<u32>(),
            option::of(0..=3_u8),
            option::of(any::<u8>()),
            option::of(rc())
        )
            .prop_map(|(what, after, count, cc, status, rc)| Action::Inject {
                what,
                after,
                count,
                cc,
                status,
                rc
            }),
    ];
    prop_oneof![alone.boxed(), pairs.boxed(), mappings.boxed(), group_action(), user_action()].boxed()
}

fn user_action() -> BoxedStrategy<Action> {
    let alone = prop_oneof![
        fun().prop_map(|function| Action::Bind { function, driver: DriverKind::Examines }),
        fun().prop_map(|function| Action::Unbind { function }),
        text().prop_map(|name| Action::Container { name }),
        text().prop_map(|group| Action::UnsetContainer { group }),
        text().prop_map(|container| Action::IommuInfo { container }),
        text().prop_map(|device| Action::ResetDevice { device }),
        text().prop_map(|device| Action::HotReset { device }),
        text().prop_map(|name| Action::Close { name }),
        text().prop_map(|name| Action::Iommufd { name }),
        text().prop_map(|context| Action::Ioas { context }),
        text().prop_map(|device| Action::DetachPt { device }),
        fun().prop_map(|function| Action::PowerOff { function }),
        fun().prop_map(|function| Action::PowerOn { function }),
        any::<bool>().prop_map(|now| Action::HandleErrors { now }),
        fun().prop_map(|function| Action::ResetFunction { function }),
    ];
    let others = prop_oneof![
        (text(), fun()).prop_map(|(name, function)| Action::OpenGroup { name, function }),
        (text(), text()).prop_map(|(group, container)| Action::SetContainer { group, container }),
        (text(), any::<u32>()).prop_map(|(container, version)| Action::SetIommu { container, version }),
        (word(), word(), word(), one_of(Prot::ALL), text()).prop_map(
            |(iova, phys, size, prot, container)| Action::UserMap { iova, phys, size, prot, container }
        ),
        (word(), word(), any::<bool>(), text()).prop_map(|(iova, size, all, container)| Action::UserUnmap {
            iova,
            size,
            all,
            container
        }),
        (text(), text(), fun()).prop_map(|(name, group, function)| Action::OpenDevice {
            name,
            group,
            function
        }),
        (text(), any::<u32>()).prop_map(|(context, id)| Action::IoasRanges { context, id }),
        (word(), word(), word(), one_of(Prot::ALL), text(), any::<u32>()).prop_map(
            |(iova, phys, size, prot, context, id)| Action::IoasMap { iova, phys, size, prot, context, id }
        ),
        (word(), word(), text(), any::<u32>()).prop_map(|(iova, size, context, id)| Action::IoasUnmap {
            iova,
            size,
            context,
            id
        }),
        (text(), fun()).prop_map(|(name, function)| Action::OpenCdev { name, function }),
        (text(), text()).prop_map(|(device, context)| Action::BindIommufd { device, context }),
        (text(), any::<u32>()).prop_map(|(device, id)| Action::AttachPt { device, id }),
        (text(), any::<u32>(), any::<u32>()).prop_map(|(context, device, id)| Action::Hwpt {
            context,
            device,
            id
        }),
        (fun(), any::<u32>()).prop_map(|(function, code)| Action::DeviceError { function, code }),
        (fun(), one_of(DomainKind::ALL)).prop_map(|(function, kind)| Action::GroupType { function, kind }),
    ];
    prop_oneof![alone.boxed(), others.boxed()].boxed()
}

fn group_action() -> BoxedStrategy<Action> {
    let alone = prop_oneof![
        fun().prop_map(|function| Action::Add { function }),
        fun().prop_map(|function| Action::Remove { function }),
        fun().prop_map(|function| Action::HoldGroup { function }),
        fun().prop_map(|function| Action::DropGroup { function }),
        fun().prop_map(|function| Action::UseDefault { function }),
        fun().prop_map(|function| Action::UnuseDefault { function }),
        fun().prop_map(|function| Action::ReleaseOwner { function }),
        fun().prop_map(|function| Action::DetachGroup { function }),
    ];
    let pairs = prop_oneof![
        (fun(), word()).prop_map(|(function, owner)| Action::Claim { function, owner }),
        (fun(), dom()).prop_map(|(function, domain)| Action::AttachGroup { function, domain }),
        (fun(), dom()).prop_map(|(function, domain)| Action::AttachDevice { function, domain }),
        (fun(), dom()).prop_map(|(function, domain)| Action::DetachDevice { function, domain }),
        (fun(), dom()).prop_map(|(function, domain)| Action::Replace { function, domain }),
    ];
    prop_oneof![alone.boxed(), pairs.boxed()].boxed()
}

fn step_expect() -> BoxedStrategy<StepExpect> {
    let numbers = (option::of(rc()), option::of(word()), option::of(word()), option::of(word()));
    let lists = (option::of(vec(text(), 0..3)), option::of(vec(text(), 0..3)), option::of(vec(pair(), 0..3)));
    let rest = (option::of(text()), option::of(text()), option::of(pair()), option::of(any::<bool>()));
    let device = (
        option::of(any::<u32>()),
        option::of(any::<bool>()),
        (option::of(vec(any::<u8>(), 0..9)), [(); 3].map(|()| option::of(word()))),
        option::of(one_of(&["agree", "stale", "not-visible", "freed-tables"])),
        option::of(vec(text(), 0..3)),
    );
    (condition(), numbers, lists, option::of(word()), rest, device)
        .prop_map(|(when, (rc, value, phys, refreshes), (warns, hw, regions), calls, rest, device)| {
            let (fault, stop, range, skipped) = rest;
            let (event, cached, (bytes, [allocates, frees, waits]), verdict, violates) = device;
            StepExpect {
                when,
                rc,
                value,
                phys,
                warns,
                refreshes,
                calls,
                hw,
                regions,
                fault,
                stop,
                range,
                skipped,
                event,
                cached,
                bytes,
                allocates,
                frees,
                waits,
                verdict: verdict.map(str::to_owned),
                violates,
            }
        })
        .boxed()
}

fn step() -> BoxedStrategy<Step> {
    (action(), option::of(0..=1_u8), option::of(text()), vec(step_expect(), 0..3))
        .prop_map(|(action, cpu, note, expect)| Step { action, cpu, note, expect, line: 0 })
        .boxed()
}

fn domain_expect() -> BoxedStrategy<DomainExpect> {
    let translation = (word(), word(), text(), word()).prop_map(|(iova, phys, prot, pages)| Translation {
        iova,
        phys,
        prot,
        pages,
    });
    let tables = (option::of(word()), option::of(word()), option::of(word()))
        .prop_map(|(region, segment, page)| TableCounts { region, segment, page });
    let counters = [(); 5].map(|()| option::of(word())).prop_map(|counts| {
        let [mapped_pages, unmapped_pages, global_rpcits, sync_map_rpcits, sync_rpcits] = counts;
        CountersExpect { mapped_pages, unmapped_pages, global_rpcits, sync_map_rpcits, sync_rpcits }
    });
    (
        option::of(vec(fun(), 0..3)),
        option::of(pair()),
        option::of(vec(translation, 0..3)),
        option::of(tables),
        option::of(any::<bool>()),
        option::of(word()),
        option::of(counters),
    )
        .prop_map(|(devices, aperture, translations, tables, freed, levels, counters)| DomainExpect {
            devices,
            aperture,
            translations,
            tables,
            freed,
            levels,
            counters,
        })
        .boxed()
}

fn function_expect() -> BoxedStrategy<FunctionExpect> {
    let none = || Just("none".to_owned());
    (
        option::of(prop_oneof![target(), none()]),
        option::of(prop_oneof![dom(), none()]),
        option::of(prop_oneof![dom(), none(), Just("freed".to_owned())]),
        (option::of(word()), option::of(word())),
        option::of(text()),
        [(); 4].map(|()| option::of(word())),
    )
        .prop_map(|(domain, dma_table, registered, (start_dma, end_dma), state, counts)| FunctionExpect {
            domain,
            dma_table,
            registered,
            start_dma,
            end_dma,
            state,
            cached: counts[0],
            credits: counts[1],
            exposed: counts[2],
            pal: counts[3],
        })
        .boxed()
}

fn group_expect() -> BoxedStrategy<GroupExpect> {
    let domains = (option::of(text()), option::of(text()), option::of(text()));
    let numbers = (option::of(word()), option::of(word()), option::of(word()), option::of(word()));
    (domains, numbers, option::of(word()))
        .prop_map(|((domain, default_domain, blocking_domain), (id, owner_cnt, devices, refs), owner)| {
            GroupExpect { id, domain, default_domain, blocking_domain, owner, owner_cnt, devices, refs }
        })
        .boxed()
}

fn final_expect() -> BoxedStrategy<FinalExpect> {
    (
        condition(),
        btree_map(prop_oneof![dom(), Just("core7".to_owned())], domain_expect(), 0..3),
        btree_map(fun(), function_expect(), 0..3),
        btree_map(fun(), group_expect(), 0..3),
        option::of(vec(text(), 0..3)),
        option::of(vec(text(), 0..3)),
    )
        .prop_map(|(when, domains, functions, groups, warns, violates): (_, BTreeMap<_, _>, _, _, _, _)| {
            FinalExpect { when, domains, functions, groups, warns, violates }
        })
        .boxed()
}

fn scenario() -> BoxedStrategy<Scenario> {
    let function = || {
        (
            pair(),
            option::of(any::<u32>()),
            option::of(any::<u32>()),
            any::<[bool; 4]>(),
            (any::<u8>(), option::of(word()), word()),
        )
    };
    let about: (_, _, _, _) =
        (text(), option::of(text()), vec(text(), 0..3), option::of(Just("0x12 1x30 0".to_owned())));
    let on = (
        prop_oneof![Just("base".to_owned()), Just("p4".to_owned()), Just("v6.1-rc2".to_owned())],
        option::of(vec(Just("p2".to_owned()), 0..2)),
        one_of(Profile::ALL),
        option::of(word()),
        any::<u32>(),
        any::<bool>(),
        (option::of(word()), option::of(vec(one_of(&["stale", "agree", "order"]), 0..3))),
    );
    (about, on, [function(), function()], any::<bool>(), vec(step(), 0..8), vec(final_expect(), 0..3))
        .prop_map(
            |(
                (title, about, topics, schedule),
                (kernel, patches, profile, memory, aperture_factor, strict, (dma_avail, checks)),
                functions,
                alloc,
                steps,
                expect,
            )| {
                let names = ["f0", "f.1-x"];
                let functions = functions
                    .into_iter()
                    .zip(names)
                    .map(|((dma, fid, fh, [refresh, rtr, dma_api, ism], (dtsm, iotlb, dma_mask)), name)| {
                        Function {
                            fid,
                            fh,
                            refresh,
                            rtr,
                            dma_api,
                            ism,
                            dtsm,
                            iotlb,
                            dma_mask,
                            ..Function::new(name, dma)
                        }
                    })
                    .collect();
                let mut scenario = Scenario::new(String::as_str(&title), Function::new("f0", [0, 0]));
                scenario.functions = functions;
                scenario.domains = ["d0", "d.1"].map(str::to_owned).into();
                scenario.steps = steps;
                if alloc {
                    let kind = DomainKind::DmaFq;
                    let [domain, function] = ["d2", "f0"].map(str::to_owned);
                    scenario.steps.insert(0, Action::Alloc { domain, function, kind }.into());
                }
                Scenario {
                    about,
                    topics,
                    schedule,
                    kernel,
                    patches,
                    profile,
                    memory,
                    aperture_factor,
                    strict,
                    dma_avail,
                    checks: checks.map(|names| names.into_iter().map(str::to_owned).collect()),
                    expect,
                    ..scenario
                }
            },
        )
        .boxed()
}

/// A valid file, as short as it can be while it has everything.
const FILE: &str = include_str!("data/everything.zpci.toml");

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_written_reads_back(scenario in scenario()) {
        for text in [to_toml(&scenario), to_json(&scenario)] {
            let parsed = parse(&text);
            prop_assert!(parsed.diagnostics.is_empty(), "{text}\n{:#?}", parsed.diagnostics);
            prop_assert_eq!(parsed.scenario.as_ref(), Some(&scenario), "{}", text);
        }
    }

    #[test]
    fn no_text_makes_the_reader_fail(text in any::<String>()) {
        check(&text);
        check(&format!("{{{text}"));
        check(&format!("schema = 1\n{text}"));
    }

    #[test]
    fn no_change_to_a_file_makes_the_reader_fail(
        at in 0..FILE.len(),
        remove in 0..20_usize,
        insert in "[\\[\\]{}\"'=.,#x0-9_ \n\\\\a-z🦀-]{0,6}",
    ) {
        let start = FILE.floor_char_boundary(at);
        let end = FILE.floor_char_boundary((at + remove).min(FILE.len())).max(start);
        check(&format!("{}{insert}{}", &FILE[..start], &FILE[end..]));
    }
}

/// Reads it, and looks at each mistake.
fn check(text: &str) {
    let parsed = parse(text);
    assert_eq!(parsed.scenario.is_some(), parsed.diagnostics.is_empty());
    for diagnostic in parsed.diagnostics {
        assert!(diagnostic.render(text, "<text>").contains(diagnostic.code));
        assert!(s390_iommu::scenario::explain(diagnostic.code).is_some());
        if let Some(span) = diagnostic.span {
            assert!(text.get(span.clone()).is_some(), "{span:?}");
            assert!(diagnostic.line > 0 && diagnostic.column > 0);
        }
    }
}

#[test]
fn the_file_with_everything_is_valid() {
    let parsed = parse(FILE);
    let rendered: String =
        parsed.diagnostics.iter().map(|diagnostic| diagnostic.render(FILE, "<text>")).collect();
    assert!(rendered.is_empty(), "{rendered}");
    let scenario = parsed.scenario.unwrap();
    assert_eq!(to_toml(&parse(&to_toml(&scenario)).scenario.unwrap()), to_toml(&scenario));
    for verb in scenario.steps.iter().map(|step| step.action.verb()) {
        assert!(FILE.contains(&format!("{{ {verb} = ")), "{verb}");
    }
    assert_eq!(
        scenario.steps[0].line,
        1 + FILE.lines().position(|line| line.contains("{ probe")).unwrap() as u32
    );
}

#[test]
fn hostile_texts_end_soon() {
    let mib = 1 << 20;
    for text in [
        "a.".repeat(mib / 4) + "a = 1",
        format!("x = {{ y = \"\"\"\"\"\"\", {}a = 1 }}", "a.".repeat(mib / 4)),
        format!("x = {{ y = \"\\\n, {}a = 1 }}", "a.".repeat(mib / 4)),
        format!("[{}a]", "a.".repeat(mib / 4)),
        "[".repeat(mib / 2),
        "{".repeat(mib / 2),
        format!("{{\"a\":{}", "[".repeat(mib / 2)),
        "a = ".to_owned() + &"[".repeat(mib / 2),
        (0..50_000).fold("schema = 1\n".to_owned(), |text, i| format!("{text}k{i} = 1\n")),
        format!("schema = 1\nsteps = [{}]", "{}, ".repeat(100_000)),
        "x".repeat(mib + 1),
        "\"".repeat(mib / 2),
        "= \n".repeat(mib / 8),
    ] {
        check(&text);
    }
}

#[test]
fn a_tidy_file_prints_as_it_was() {
    let text = r#"schema = 1
title = "An aperture that shrinks under live mappings"
functions = [
  { name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] },
  { name = "f1", dma = [0x1_0000_0000, 0x1_7fff_ffff] },
]
domains = ["d0"]
steps = [
  { attach = "f0", to = "d0" },
  { map = 0x1_c000_0000, phys = 0x8000_0000, size = "1 MiB", in = "d0" },
  { detach = "f0", from = "d0" },
  { attach = "f1", to = "d0" },
  { iova_to_phys = 0x1_c000_0000, in = "d0", expect = [{ phys = 0, without = ["p3"] }, { phys = 0x8000_0000, with = ["p3"] }] },
]
expect = { functions = { f1 = { registered = "d0", end_dma = 0x1_7fff_ffff } } }
"#;
    assert_eq!(to_toml(&parse(text).scenario.unwrap()), text);
}
