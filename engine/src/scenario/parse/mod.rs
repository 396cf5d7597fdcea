//! Reading scenarios: TOML or JSON, every mistake at once, each with its place.

pub(in crate::scenario) mod code;
pub(in crate::scenario) mod context;
mod depth;
mod diagnostic;
pub(in crate::scenario) mod tree;

use serde::Serialize;
use toml::de::DeTable;

pub use code::{ALL as CODES, explain};
pub use diagnostic::Diagnostic;

use self::context::{Context, suggest};
use self::tree::{Node, Value};
use super::format::record::Rec;
use super::{SCHEMA, Scenario};

/// What reading gave: a scenario if nothing was wrong, else the mistakes in order of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parsed {
    /// The scenario; there if and only if `diagnostics` is empty.
    pub scenario: Option<Scenario>,
    /// What is wrong. At most a hundred, then one that counts the rest.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a scenario: JSON if the first character that is no space is `{`, else TOML.
///
/// All mistakes are found at once; only syntax errors, and a version that is not known, hide what follows from them.
///
/// ```
/// use s390_iommu::scenario::parse;
/// let text = r#"
/// schema = 1
/// title = "One page"
/// functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
/// domains = ["d0"]
/// steps = [
///   { attach = "f0" },
///   { map = 0x1_0000_0000, phys = 0x8000_0000, szie = "4 KiB" },
/// ]
/// "#;
/// let parsed = parse(text);
/// assert_eq!(parsed.diagnostics.len(), 2);
/// assert_eq!(parsed.diagnostics[0].message, "`size` is missing");
/// assert_eq!(parsed.diagnostics[1].help.as_deref(), Some("did you mean `size`?"));
/// assert!(parse(&text.replace("szie", "size")).scenario.is_some());
/// ```
pub fn parse(text: &str) -> Parsed {
    let mut cx = Context::new(if text.len() > LONGEST { "" } else { text });
    let scenario = read(text, &mut cx);
    let diagnostics = cx.finish();
    Parsed { scenario: scenario.filter(|_| diagnostics.is_empty()), diagnostics }
}

/// Bytes of a file at most.
const LONGEST: usize = 1 << 20;

/// What some editors put before a text. TOML's reader skips it itself.
const BYTE_ORDER_MARK: char = '\u{feff}';

fn read(text: &str, cx: &mut Context<'_>) -> Option<Scenario> {
    if text.len() > LONGEST {
        let message = format!("the file has {} bytes, more than 1 MiB", text.len());
        return cx.error(code::TOO_LONG, &None, message, None);
    }
    let json_text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let root = if json_text.trim_start().starts_with('{') { json(json_text, cx)? } else { toml(text, cx)? };
    let Value::Table(entries) = &root.value else { return None };
    if entries.is_empty() {
        let help = "start with `schema = 1` and a title".to_owned();
        return cx.error(code::EMPTY, &None, "the file is empty".to_owned(), Some(help));
    }
    version(&root, cx)?;
    let scenario = Rec::<Scenario>::read_node(&root, cx)?;
    patches_fit(&scenario, &root, cx)?;
    Some(scenario)
}

/// Checks the version. Without a known one, nothing else can be judged.
fn version(root: &Node, cx: &mut Context<'_>) -> Option<()> {
    let Value::Table(entries) = &root.value else { return None };
    let Some(entry) = entries.iter().find(|entry| entry.key == "schema") else {
        let close = entries.iter().take(16).find_map(|entry| suggest(&entry.key, ["schema"]));
        let help = close.unwrap_or_else(|| format!("the first line is `schema = {SCHEMA}`"));
        return cx.error(code::NO_SCHEMA, &None, "`schema` is missing".to_owned(), Some(help));
    };
    cx.at_key("schema", |cx| match entry.node.value {
        Value::Int(version) if version == i128::from(SCHEMA) => Some(()),
        Value::Int(version) if version > i128::from(SCHEMA) => {
            let message = format!("version {version} is newer than {SCHEMA}, the newest this program reads");
            cx.error(code::SCHEMA, &entry.node.span, message, None)
        }
        Value::Int(version) => {
            cx.error(code::SCHEMA, &entry.node.span, format!("there never was a version {version}"), None)
        }
        _ => cx.error(code::TYPE, &entry.node.span, "the version is an integer".to_owned(), None),
    })
}

/// Checks that the kernel takes the patches.
fn patches_fit(scenario: &Scenario, root: &Node, cx: &mut Context<'_>) -> Option<()> {
    let Some(patches) = &scenario.patches else { return Some(()) };
    let ids: Result<Vec<_>, _> = patches.iter().map(|patch| patch.parse()).collect();
    let fits = scenario
        .kernel
        .parse::<crate::revision::Revision>()
        .and_then(|kernel| ids.and_then(|ids| kernel.with_patches(&ids)));
    let Err(error) = fits else { return Some(()) };
    let Value::Table(entries) = &root.value else { return None };
    let span = entries.iter().find(|entry| entry.key == "patches").and_then(|entry| entry.node.span.clone());
    cx.at_key("patches", |cx| cx.error(code::PATCH, &span, error.to_string(), None))
}

/// Tables that a text may have, estimated by the characters that begin one: each takes a kibibyte while it is read.
const MOST_TABLES: usize = 100_000;

fn toml(text: &str, cx: &mut Context<'_>) -> Option<Node> {
    let tables = text.bytes().filter(|byte| matches!(byte, b'{' | b'.')).count();
    if tables > MOST_TABLES {
        let message = format!("`{{` and `.` are there {tables} times, at most {MOST_TABLES} are read");
        return cx.error(code::TOO_LONG, &None, message, None);
    }
    if let Some(at) = depth::too_deep(text) {
        let span = Some(at..at + 1);
        return cx.error(code::TOO_DEEP, &span, "this is nested too deep".to_owned(), None);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Some(Node { value: Value::Table(tree::from_table(table.get_ref())), span: None });
    }
    for error in errors {
        let span = error.span().map(|span| {
            let start = text.floor_char_boundary(span.start.min(text.len()));
            start..text.ceil_char_boundary(span.end.clamp(start, text.len()))
        });
        cx.error::<()>(code::SYNTAX, &span, error.message().replace('\n', ": "), None);
    }
    None
}

fn json(text: &str, cx: &mut Context<'_>) -> Option<Node> {
    match serde_json::from_str(text) {
        Ok(node) => Some(node),
        Err(error) => {
            let message = error.to_string();
            let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
            cx.error_at(error.line(), error.column().max(1), message.to_owned());
            None
        }
    }
}
