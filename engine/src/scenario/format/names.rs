//! Names of functions, domains, kernels and patches; schedules.

use serde_json::{Value as Json, json};

use super::codec::{Codec, codec, text, word};
use super::out::Out;
use crate::check::{Check, Verdict};
use crate::revision::{PatchId, Revision};
use crate::scenario::expect::{Ingredient, ingredient, places};
use crate::scenario::parse::code;
use crate::scenario::parse::context::{Context, NAMES, Names, clip, suggest};
use crate::scenario::parse::tree::{Node, Value};

/// Words that stand for something else where a domain's name is expected.
const RESERVED: [&str; 5] = ["none", "identity", "blocking", "dma_api", "freed"];

fn name<'n>(node: &'n Node, cx: &mut Context<'_>) -> Option<&'n str> {
    let name = text(node, "a name", cx)?;
    if let Err((message, help)) = check(name) {
        return cx.error(code::NAME, &node.span, message, help.map(str::to_owned));
    }
    Some(name)
}

/// What is wrong with a name, and what would be right.
fn check(name: &str) -> Result<(), (String, Option<&'static str>)> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(good) {
        let help = "a name has 1 to 64 characters of A-Z, a-z, 0-9, `_`, `.` and `-`";
        return Err((format!("{:?} cannot be a name", clip(name)), Some(help)));
    }
    if RESERVED.contains(&name) || is_cores(name) {
        return Err((format!("{name:?} has a meaning of its own"), None));
    }
    Ok(())
}

/// Checks that a function or a domain may have this name.
///
/// # Errors
/// What is wrong with it.
///
/// ```
/// assert!(s390_iommu::scenario::check_name("d0").is_ok());
/// assert!(s390_iommu::scenario::check_name("identity").unwrap_err().contains("meaning of its own"));
/// ```
pub fn check_name(name: &str) -> Result<(), String> {
    check(name).map_err(|(message, help)| help.map_or(message.clone(), |help| format!("{message}; {help}")))
}

/// Whether it is the name of a domain that the IOMMU core allocates for itself: `core0`, `core12`.
fn is_cores(name: &str) -> bool {
    name.strip_prefix("core").is_some_and(|number| {
        (1..=5).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// Whether a name may be declared that is there already.
#[derive(Clone, Copy)]
enum Again {
    /// In a list of names.
    Mistake,
    /// By a step: the one before was freed, or its allocation failed.
    Allowed,
}

/// A name that is declared here.
fn declared(
    node: &Node,
    cx: &mut Context<'_>,
    names: for<'b, 'c> fn(&'b mut Context<'c>) -> &'b mut Names,
    (what, many): (&str, &'static str),
    again: Again,
) -> Option<String> {
    let Some(name) = name(node, cx) else {
        names(cx).incomplete = true;
        return None;
    };
    let known = &mut names(cx).known;
    if known.contains(name) {
        return match again {
            Again::Allowed => Some(name.to_owned()),
            Again::Mistake => {
                let message = format!("there is a {what} {name:?} already");
                cx.error(code::DUPLICATE_NAME, &node.span, message, None)
            }
        };
    }
    if known.len() == NAMES {
        names(cx).incomplete = true;
        return cx.error(many, &node.span, format!("this is one {what} more than {NAMES}"), None);
    }
    known.insert(name.to_owned());
    names(cx).first.get_or_insert_with(|| name.to_owned());
    Some(name.to_owned())
}

/// A name that was declared before.
fn used(
    node: &Node,
    cx: &mut Context<'_>,
    names: for<'b, 'c> fn(&'b mut Context<'c>) -> &'b mut Names,
    (what, unknown): (&str, &'static str),
    words: &[&str],
) -> Option<String> {
    let name = text(node, &format!("the name of a {what}"), cx)?;
    let all = names(cx);
    if all.incomplete || all.known.contains(name) || words.contains(&name) {
        return Some(name.to_owned());
    }
    let help =
        suggest(name, all.known.iter().map(String::as_str).chain(words.iter().copied())).or_else(|| {
            let known: Vec<_> = all.known.iter().map(String::as_str).take(8).collect();
            (!known.is_empty()).then(|| format!("known here: {}", known.join(", ")))
        });
    cx.error(unknown, &node.span, format!("there is no {what} {:?} at this point", clip(name)), help)
}

fn name_schema() -> Json {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$" })
}

codec!(
    /// The name of a new function.
    NewFunction: String,
    |node, cx| declared(node, cx, |cx| &mut cx.functions, ("function", code::FUNCTIONS), Again::Mistake),
    |value| Out::Text(value.clone()),
    name_schema()
);

/// The name of a new domain.
pub(in crate::scenario) struct NewDomain;

impl Codec for NewDomain {
    type Value = String;
    const MOST: Option<(usize, &'static str)> = Some((NAMES, code::DOMAINS));

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<String> {
        declared(node, cx, |cx| &mut cx.domains, ("domain", code::DOMAINS), Again::Mistake)
    }

    fn write(value: &String) -> Out {
        Out::Text(value.clone())
    }

    fn schema() -> Json {
        name_schema()
    }
}

codec!(
    /// The name of a domain that a step allocates; it can be one that was there before.
    AllocatedDomain: String,
    |node, cx| declared(node, cx, |cx| &mut cx.domains, ("domain", code::DOMAINS), Again::Allowed),
    |value| Out::Text(value.clone()),
    name_schema()
);

/// The name of a function; the first one if it is left out.
pub(in crate::scenario) struct Fun;

impl Codec for Fun {
    type Value = String;

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<String> {
        used(node, cx, |cx| &mut cx.functions, ("function", code::UNKNOWN_FUNCTION), &[])
    }

    fn write(value: &String) -> Out {
        Out::Text(value.clone())
    }

    fn schema() -> Json {
        name_schema()
    }

    fn implied(cx: &Context<'_>) -> Option<String> {
        cx.functions.first.clone()
    }
}

macro_rules! domain_or {
    ($($(#[$doc:meta])* $name:ident $words:expr, cores: $cores:expr;)+) => {$(
        $(#[$doc])*
        pub(in crate::scenario) struct $name;

        impl Codec for $name {
            type Value = String;

            fn read(node: &Node, cx: &mut Context<'_>) -> Option<String> {
                // Which domains the core allocates shows when it runs; what it has is nobody's to touch.
                match &node.value {
                    Value::Text(name) if $cores && is_cores(name) => Some(name.clone()),
                    _ => used(node, cx, |cx| &mut cx.domains, ("domain", code::UNKNOWN_DOMAIN), &$words),
                }
            }

            fn write(value: &String) -> Out {
                Out::Text(value.clone())
            }

            fn schema() -> Json {
                name_schema()
            }

            fn implied(cx: &Context<'_>) -> Option<String> {
                cx.domains.first.clone().filter(|_| cx.domains.known.len() == 1)
            }
        }
    )+};
}

domain_or! {
    /// The name of a domain; if it is left out, the only one there is at this point.
    Dom [], cores: false;
    /// A domain, or one that is there without being allocated.
    Target ["identity", "blocking"], cores: false;
    /// A domain that may be one of the core's own, to be looked at.
    Seen [], cores: true;
    /// The domain a function is in.
    Current ["none", "identity", "blocking"], cores: true;
    /// Whose table the driver believes to be registered.
    Believed ["none", "dma_api"], cores: true;
    /// Whose table the machine walks.
    Walked ["none", "dma_api", "identity", "freed"], cores: true;
}

codec!(
    /// The name of a kernel.
    KernelName: String,
    |node, cx| {
        let name = text(node, "the name of a kernel", cx)?;
        if name.parse::<Revision>().is_ok() {
            return Some(name.to_owned());
        }
                let known: Vec<_> = Revision::line().map(|revision| revision.to_string()).collect();
                let help =
                    suggest(name, &known).unwrap_or_else(|| format!("known: base, {}", known.join(", ")));
                cx.error(code::KERNEL, &node.span, format!("unknown kernel {:?}", clip(name)), Some(help))
    },
    |value| Out::Text(value.clone()),
    json!({ "type": "string" })
);

codec!(
    /// The name of a patch.
    Patch: String,
    |node, cx| {
        let name = text(node, "the name of a patch", cx)?;
        if name.parse::<PatchId>().is_ok() {
            return Some(name.to_owned());
        }
                let help = Some("known: p1, p2, p3, p4, p5, p6".to_owned());
                cx.error(code::PATCH, &node.span, format!("unknown patch {:?}", clip(name)), help)
    },
    |value| Out::Text(value.clone()),
    json!({ "enum": PatchId::ALL.map(PatchId::name) })
);

codec!(
    /// The name of a patch, or of a kernel that already has all of them.
    PatchOrKernel: String,
    |node, cx| {
        let name = text(node, "the name of a patch or a later kernel", cx)?;
        if ingredient(name).is_some() {
            return Some(name.to_owned());
        }
        let help = Some(format!("known: {}", Ingredient::names().join(", ")));
        cx.error(code::PATCH, &node.span, format!("unknown patch or kernel {:?}", clip(name)), help)
    },
    |value| Out::Text(value.clone()),
    json!({ "enum": Ingredient::names() })
);

codec!(
    /// A range of kernels.
    KernelRange: String,
    |node, cx| {
        let range = text(node, "a range of kernels", cx)?;
        match places(range) {
            Ok(_) => Some(range.to_owned()),
            Err(message) => {
                let help = Some("for example `v6.2..`, `..p3`, `p1..p5`, `base`".to_owned());
                cx.error(code::KERNEL_RANGE, &node.span, clip_message(message), help)
            }
        }
    },
    |value| Out::Text(value.clone()),
    json!({ "type": "string" })
);

/// Messages of others quote what was in the file.
fn clip_message(message: String) -> String {
    if message.len() > 240 { "no kernel has this name".to_owned() } else { message }
}

codec!(
    /// How processors take turns.
    ScheduleText: String,
    |node, cx| {
        let schedule = text(node, "a schedule", cx)?;
        let mut turns = 0_usize;
        for turn in schedule.split_ascii_whitespace() {
            let (cpu, times) = turn.split_once('x').unwrap_or((turn, "1"));
            let times = Some(times).filter(|times| times.bytes().all(|b| b.is_ascii_digit()));
            let times = times.and_then(|times| times.parse::<usize>().ok());
            let Some(times) = times.filter(|_| matches!(cpu, "0" | "1")) else {
                let message = format!("{:?} is not CPU or CPUxTIMES", clip(turn));
                let help = Some("for example \"0x12 1x30 0\"".to_owned());
                return cx.error(code::SCHEDULE, &node.span, message, help);
            };
            turns = turns.saturating_add(times);
        }
        if turns > 100_000 {
            return cx.error(code::SCHEDULE, &node.span, "more than 100,000 turns".to_owned(), None);
        }
        Some(schedule.to_owned())
    },
    |value| Out::Text(value.clone()),
    json!({ "type": "string", "pattern": "^\\s*([01](x[0-9]+)?(\\s+|$))*$" })
);

codec!(
    /// The name of a check.
    CheckWord: String,
    |node, cx| {
        let names = Check::ALL.map(|(check, _)| check.name());
        word(node, &names, |name| Check::from_name(name).map(Check::name), cx).map(str::to_owned)
    },
    |value| Out::Text(value.clone()),
    json!({ "enum": Check::ALL.map(|(check, _)| check.name()) })
);

codec!(
    /// The name of a verdict.
    VerdictWord: String,
    |node, cx| {
        let names = Verdict::ALL.map(|(verdict, _)| verdict.name());
        word(node, &names, |name| names.into_iter().find(|known| *known == name), cx).map(str::to_owned)
    },
    |value| Out::Text(value.clone()),
    json!({ "enum": Verdict::ALL.map(|(verdict, _)| verdict.name()) })
);

macro_rules! word_codecs {
    ($($name:ident of $value:ty;)+) => {$(
        codec!(
            /// One of a few words.
            $name: $value,
            |node, cx| word(node, <$value>::WORDS, <$value>::from_word, cx),
            |value| Out::Text(value.word().to_owned()),
            json!({ "enum": <$value>::WORDS })
        );
    )+};
}

word_codecs! {
    ProfileWord of crate::scenario::Profile;
    KindWord of crate::scenario::DomainKind;
    DriverWord of crate::scenario::DriverKind;
    ProtWord of crate::scenario::Prot;
    AccessWord of crate::scenario::Access;
    InjectWord of crate::scenario::InjectPoint;
    CapabilityWord of crate::scenario::Capability;
    LevelWord of crate::scenario::TableLevel;
    DirectionWord of crate::scenario::Direction;
}
