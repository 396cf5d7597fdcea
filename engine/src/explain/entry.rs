//! One meaning, and tables of meanings.

use std::fmt;

use serde::Serialize;

/// What a name or code means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The name or code itself, as it is written here.
    pub code: String,
    /// What it is, in a few words: `Fault`, or `Error event 0x3a, service action`.
    pub title: String,
    /// What it means, in a few sentences.
    pub text: String,
    /// Where to look, as a sentence; empty where there is nothing to look at.
    pub look: String,
    /// Where that is known from.
    pub source: String,
}

impl Explanation {
    /// A meaning whose text ends with where to look, if it says so: a sentence that begins with "Look".
    pub(super) fn new(code: &str, title: impl Into<String>, text: &str, source: &str) -> Self {
        let (text, look) = match text.find(" Look ") {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => (text, ""),
        };
        Self {
            code: code.to_owned(),
            title: title.into(),
            text: text.to_owned(),
            look: look.to_owned(),
            source: source.to_owned(),
        }
    }
}

impl fmt::Display for Explanation {
    /// What it is and means; where to look, and from where that is known, on lines of their own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.text)?;
        if !self.look.is_empty() {
            write!(f, "\n{}", self.look)?;
        }
        if !self.source.is_empty() {
            write!(f, "\nSource: {}.", self.source)?;
        }
        Ok(())
    }
}

/// A meaning in one of the tables.
pub(super) struct Entry {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) source: &'static str,
    /// What else people write for it.
    pub(super) aliases: &'static [&'static str],
}

impl Entry {
    pub(super) fn codes(table: &[Self]) -> Vec<String> {
        table.iter().map(|entry| entry.code.to_owned()).collect()
    }

    pub(super) fn find(table: &[Self], name: &str) -> Vec<Explanation> {
        let wanted = key(name);
        let is_meant = |entry: &&Self| {
            key(entry.code) == wanted || entry.aliases.iter().any(|alias| key(alias) == wanted)
        };
        let explanation = |entry: &Self| Explanation::new(entry.code, entry.title, entry.text, entry.source);
        table.iter().filter(is_meant).map(explanation).collect()
    }
}

/// What two ways of writing a name have in common: case, blanks, `-`, `_`, and how a number is written do not count.
pub(super) fn key(name: &str) -> String {
    let mut key = String::new();
    let mut rest = name.trim();
    while let Some(letter) = rest.chars().next() {
        let number = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X"));
        let (digits, radix) = number.map_or((rest, 10), |digits| (digits, 16));
        let len = digits.chars().take_while(|digit| digit.is_digit(radix)).count();
        // Digits within a word belong to the word.
        let alone = !key.ends_with(|before: char| before.is_alphabetic()) || ends_a_kind(&key);
        if let (true, Ok(value)) = (alone, u64::from_str_radix(&digits[..len], radix)) {
            key.push_str(&value.to_string());
            rest = &digits[len..];
            continue;
        }
        if !letter.is_whitespace() && !matches!(letter, '-' | '_') {
            key.extend(letter.to_lowercase());
        }
        rest = &rest[letter.len_utf8()..];
    }
    key
}

/// Words that a number follows: `pec 0x3a`, `cc1`, `errno 22`.
fn ends_a_kind(key: &str) -> bool {
    ["pec", "event", "clp", "rsp", "cc", "errno", "status", "st"].iter().any(|word| key.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_writing_that_are_the_same() {
        for (one, other) in [
            ("pec 0x3a", "PEC 58"),
            ("cc1/40", "cc 1 / 0x28"),
            ("invalid-entry", "InvalidEntry"),
            ("0x0105", "261"),
            ("S010", "s010"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        for (one, other) in [("S010", "S10"), ("v6.1", "v6.10"), ("p3", "p03"), ("", "0")] {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
        assert_eq!(key("99999999999999999999999"), "99999999999999999999999");
    }

    #[test]
    fn where_to_look_stands_apart() {
        let split = Explanation::new("x", "X", "It is so. Look there. And there.", "nowhere");
        assert_eq!((&*split.text, &*split.look), ("It is so.", "Look there. And there."));
        assert_eq!(split.to_string(), "X: It is so.\nLook there. And there.\nSource: nowhere.");
    }
}
