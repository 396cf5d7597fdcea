//! Writing scenarios.

use std::fmt::Write as _;

use super::Scenario;
use super::format::out::Out;
use super::format::record::Rec;
use super::number::hex_text;

/// A scenario as a TOML file: one function and one step per line, defaults left out.
///
/// Reading it back gives an equal scenario, if the scenario could be read at all: this does not check names.
///
/// ```
/// use s390_iommu::scenario::{Function, Scenario, to_toml};
/// let scenario = Scenario::new("Nothing happens", Function::new("f0", [0x1_0000_0000, 0x1_ffff_ffff]));
/// assert_eq!(to_toml(&scenario), r#"schema = 1
/// title = "Nothing happens"
/// functions = [
///   { name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] },
/// ]
/// "#);
/// ```
pub fn to_toml(scenario: &Scenario) -> String {
    let mut out = String::new();
    let Out::Table(entries) = Rec::write(scenario) else { return out };
    for (key, value) in entries {
        let _ = write!(out, "{key} = ");
        match value {
            Out::Array(items) if items.iter().any(|item| matches!(item, Out::Table(_))) => {
                out.push_str("[\n");
                for item in items {
                    out.push_str("  ");
                    inline(&item, &mut out);
                    out.push_str(",\n");
                }
                out.push(']');
            }
            other => inline(&other, &mut out),
        }
        out.push('\n');
    }
    out
}

/// A scenario as JSON of the same shape, without line breaks; addresses are hexadecimal text.
///
/// ```
/// use s390_iommu::scenario::{Function, Scenario, to_json};
/// let scenario = Scenario::new("Nothing", Function::new("f0", [0, 0xfff]));
/// assert_eq!(to_json(&scenario), r#"{"schema":1,"title":"Nothing","functions":[{"name":"f0","dma":[0,"0xfff"]}]}"#);
/// ```
pub fn to_json(scenario: &Scenario) -> String {
    serde_json::to_string(scenario).expect("texts, integers and tables with text keys")
}

fn inline(value: &Out, out: &mut String) {
    match value {
        Out::Text(value) => text(value, out),
        Out::Hex(value) if i64::try_from(*value).is_ok() => out.push_str(&hex_text(*value)),
        Out::Hex(value) => text(&hex_text(*value), out),
        Out::Int(value) => {
            let _ = write!(out, "{value}");
        }
        Out::Bool(value) => {
            let _ = write!(out, "{value}");
        }
        Out::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                inline(item, out);
            }
            out.push(']');
        }
        Out::Table(entries) if entries.is_empty() => out.push_str("{}"),
        Out::Table(entries) => {
            for (i, (key, value)) in entries.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "{ " });
                name(key, out);
                out.push_str(" = ");
                inline(value, out);
            }
            out.push_str(" }");
        }
    }
}

/// A key, bare where TOML allows it.
fn name(key: &str, out: &mut String) {
    if !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        out.push_str(key);
    } else {
        text(key, out);
    }
}

/// A basic string.
fn text(value: &str, out: &mut String) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
