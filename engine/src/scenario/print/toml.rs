//! Trees to TOML 1.0: no line break inside an inline table, every value on the line of its key.

use std::fmt::Write as _;

use super::tree::Tree;

/// Longest line before an array of arrays is broken.
const WIDTH: usize = 110;

/// A whole scenario.
pub(super) fn document(scenario: &Tree) -> String {
    let mut text = String::new();
    let Tree::Table(entries) = scenario else { return text };
    for (key, value) in entries {
        match value {
            Tree::None => {}
            // Tables last, since all keys after a header belong to it.
            _ if key == "expect" => {}
            Tree::Array(elements) if matches!(key.as_str(), "functions" | "steps") => {
                lines(&mut text, key, elements);
            }
            _ => {
                let _ = writeln!(text, "{key} = {}", inline(value));
            }
        }
    }
    match entries.iter().find(|(key, _)| key == "expect") {
        Some((_, Tree::Array(many))) => many.iter().for_each(|one| expectation(&mut text, "[[expect]]", one)),
        Some((_, one)) => expectation(&mut text, "[expect]", one),
        None => {}
    }
    text
}

/// An array with one element per line.
fn lines(text: &mut String, key: &str, elements: &[Tree]) {
    if elements.is_empty() {
        let _ = writeln!(text, "{key} = []");
        return;
    }
    let _ = writeln!(text, "{key} = [");
    for element in elements {
        let _ = writeln!(text, "  {},", inline(element));
    }
    text.push_str("]\n");
}

/// What is expected at the end: a section, with a line for each thing that is compared.
fn expectation(text: &mut String, header: &str, expect: &Tree) {
    let _ = writeln!(text, "\n{header}");
    let Tree::Table(entries) = expect else { return };
    for (part, value) in entries {
        match value {
            Tree::Table(named) if part != "warns" => {
                for (name, fields) in named {
                    details(text, &format!("{part}.{}", quoted_key(name)), fields);
                }
            }
            value => field(text, part, value),
        }
    }
}

fn details(text: &mut String, prefix: &str, fields: &Tree) {
    match fields {
        Tree::Table(fields) if fields.iter().any(|(_, value)| *value != Tree::None) => {
            for (key, value) in fields {
                field(text, &format!("{prefix}.{key}"), value);
            }
        }
        _ => field(text, prefix, fields),
    }
}

fn field(text: &mut String, key: &str, value: &Tree) {
    if *value == Tree::None {
        return;
    }
    let line = format!("{key} = {}", inline(value));
    match value {
        Tree::Array(elements) if line.len() > WIDTH && matches!(elements.first(), Some(Tree::Array(_))) => {
            lines(text, key, elements);
        }
        _ => {
            let _ = writeln!(text, "{line}");
        }
    }
}

/// A value on one line.
pub(super) fn inline(value: &Tree) -> String {
    match value {
        Tree::None => String::new(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(value) if i64::try_from(*value).is_ok() => value.to_string(),
        Tree::Int(value) => format!("\"{value:#x}\""),
        Tree::Str(text) => quoted(text),
        Tree::Number(text) => number(text),
        Tree::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(inline).collect();
            format!("[{}]", elements.join(", "))
        }
        Tree::Table(entries) => {
            let present = entries.iter().filter(|(_, value)| *value != Tree::None);
            let entries: Vec<_> =
                present.map(|(key, value)| format!("{} = {}", quoted_key(key), inline(value))).collect();
            if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
        }
    }
}

/// A number without quotes if TOML has it; sizes in words and what needs all 64 bits stay text.
fn number(text: &str) -> String {
    let digits: String = text.strip_prefix("0x").unwrap_or("-").chars().filter(|c| *c != '_').collect();
    match i64::from_str_radix(&digits, 16) {
        Ok(0) => "0".to_owned(),
        Ok(_) => text.to_owned(),
        Err(_) => quoted(text),
    }
}

fn quoted_key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { quoted(key) }
}

/// A basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
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
    out
}
