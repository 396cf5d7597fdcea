//! Takes values apart: the keys of tables, words, numbers. Nothing here knows what a scenario is.

use super::names::Names;
use super::report::Report;
use super::value::{Key, Kind, Span, Value};

/// A reader of one kind of value; none means that a mistake was reported.
pub(super) type Read<'n, T> = fn(&mut Reader<'n>, &Value) -> Option<T>;

/// Reads values, collects mistakes, knows which names are declared.
pub(super) struct Reader<'n> {
    pub(super) report: Report,
    pub(super) names: Names<'n>,
}

/// The keys of one table; remembers which were asked for.
pub(super) struct Fields<'v> {
    entries: &'v [(Key, Value)],
    span: Option<Span>,
    asked: Vec<&'static str>,
}

impl<'v> Fields<'v> {
    /// Whether the table has this key, without asking for it.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(k, v)| k.name == key && !matches!(v.kind, Kind::Null))
    }

    /// The keys, in the order of the text.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'v Key> + use<'v> {
        self.entries.iter().map(|(key, _)| key)
    }

    fn ask(&mut self, key: &'static str) -> Option<&'v Value> {
        self.asked.push(key);
        let found = self.entries.iter().find(|(k, _)| k.name == key).map(|(_, v)| v);
        found.filter(|v| !matches!(v.kind, Kind::Null))
    }
}

impl<'n> Reader<'n> {
    pub(super) fn new(names: Names<'n>) -> Self {
        Self { report: Report::default(), names }
    }

    /// Opens a table.
    pub(super) fn fields<'v>(&mut self, value: &'v Value) -> Option<Fields<'v>> {
        match &value.kind {
            Kind::Table(entries) => Some(Fields { entries, span: value.span.clone(), asked: Vec::new() }),
            _ => self.wrong_type(value, "a table"),
        }
    }

    /// A key that may be absent. The outer option is none after a mistake.
    #[allow(clippy::option_option, reason = "a mistake and an absent key are different things")]
    pub(super) fn opt<T>(
        &mut self,
        f: &mut Fields<'_>,
        key: &'static str,
        read: Read<'n, T>,
    ) -> Option<Option<T>> {
        let Some(value) = f.ask(key) else { return Some(None) };
        let found = self.child(key, value, read);
        found.map(Some)
    }

    /// A key with a default.
    pub(super) fn or<T>(
        &mut self,
        f: &mut Fields<'_>,
        key: &'static str,
        read: Read<'n, T>,
        default: T,
    ) -> Option<T> {
        self.opt(f, key, read).map(|found| found.unwrap_or(default))
    }

    /// A key that must be there.
    pub(super) fn req<T>(&mut self, f: &mut Fields<'_>, key: &'static str, read: Read<'n, T>) -> Option<T> {
        let found = self.opt(f, key, read)?;
        if found.is_none() {
            self.missing(f, key);
        }
        found
    }

    /// Reports a key as missing.
    pub(super) fn missing(&mut self, f: &Fields<'_>, key: &str) {
        self.report.error("S011", f.span.as_ref(), format!("the key `{key}` is missing"));
    }

    fn child<T>(&mut self, key: &str, value: &Value, read: Read<'n, T>) -> Option<T> {
        self.report.enter_key(key, value);
        let found = read(self, value);
        self.report.leave();
        found
    }

    /// An element of an array.
    pub(super) fn element<T>(&mut self, i: usize, value: &Value, read: Read<'n, T>) -> Option<T> {
        self.report.enter_index(i, value);
        let found = read(self, value);
        self.report.leave();
        found
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn close(&mut self, f: &Fields<'_>) {
        for (key, _) in f.entries {
            if !f.asked.contains(&key.name.as_str()) {
                self.unknown_key(key, f.asked.iter().copied());
            }
        }
    }

    /// Reports a key as unknown.
    pub(super) fn unknown_key<'c>(&mut self, key: &Key, known: impl Iterator<Item = &'c str> + Clone) {
        self.report.error("S010", key.span.as_ref(), format!("unknown key `{}`", shown(&key.name)));
        let all = known.clone().collect::<Vec<_>>().join("`, `");
        self.report.help(format!("known here: `{all}`"));
        self.report.suggest(&key.name, known);
    }

    /// Reports a value of the wrong type.
    pub(super) fn wrong_type<T>(&mut self, value: &Value, wanted: &str) -> Option<T> {
        self.report.error(
            "S012",
            value.span.as_ref(),
            format!("{wanted} is expected, this is {}", value.type_name()),
        );
        None
    }

    /// Text.
    pub(super) fn text(&mut self, value: &Value) -> Option<String> {
        match value.text() {
            Some(text) => Some(text.to_owned()),
            None => self.wrong_type(value, "text"),
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, value: &Value) -> Option<bool> {
        match value.kind {
            Kind::Bool(value) => Some(value),
            _ => self.wrong_type(value, "a boolean"),
        }
    }

    /// An array of anything.
    pub(super) fn list<T>(&mut self, value: &Value, read: Read<'n, T>) -> Option<Vec<T>> {
        let Kind::Array(elements) = &value.kind else { return self.wrong_type(value, "an array") };
        let read: Vec<_> = elements.iter().enumerate().map(|(i, v)| self.element(i, v, read)).collect();
        read.into_iter().collect()
    }

    /// One table, or an array of tables.
    pub(super) fn one_or_many<T>(&mut self, value: &Value, read: Read<'n, T>) -> Option<Vec<T>> {
        match value.kind {
            Kind::Table(_) => read(self, value).map(|one| vec![one]),
            Kind::Array(_) => self.list(value, read),
            _ => self.wrong_type(value, "a table or an array of tables"),
        }
    }

    /// An array of text.
    pub(super) fn texts(&mut self, value: &Value) -> Option<Vec<String>> {
        self.list(value, Self::text)
    }

    /// An array of exactly this many elements.
    pub(super) fn exactly<'v>(&mut self, value: &'v Value, count: usize, what: &str) -> Option<&'v [Value]> {
        match &value.kind {
            Kind::Array(elements) if elements.len() == count => Some(elements),
            Kind::Array(elements) => {
                let message = format!("{what} has {count} elements, not {}", elements.len());
                self.report.error("S016", value.span.as_ref(), message);
                None
            }
            _ => self.wrong_type(value, "an array"),
        }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, value: &Value, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(value)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let all = words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
            let message = format!("`{}` is not one of `{}`", shown(&text), all.join("`, `"));
            self.report.error("S015", value.span.as_ref(), message);
            self.report.suggest(&text, all);
        }
        found
    }
}

/// Text of a user as it appears in a message: short, on one line.
pub(super) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(64).flat_map(char::escape_debug).collect();
    if text.chars().nth(64).is_some() {
        short.push('…');
    }
    short
}
