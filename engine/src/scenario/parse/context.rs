//! What a reader knows while it reads: where it is, which names exist, and what was wrong so far.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::code;
use super::diagnostic::{Diagnostic, Lines};
use super::tree::{Entry, Node, Span, Value};

/// Mistakes that are listed at most.
const LISTED: usize = 100;

/// Domains at most, and functions.
pub(in crate::scenario) const NAMES: usize = 256;

/// Where in the file.
enum Segment {
    Key(String),
    Index(usize),
}

/// Names of one kind.
#[derive(Default)]
pub(in crate::scenario) struct Names {
    pub(in crate::scenario) known: BTreeSet<String>,
    pub(in crate::scenario) first: Option<String>,
    /// Some could not be read: an unknown name may be one of them and is no mistake of its own.
    pub(in crate::scenario) incomplete: bool,
}

/// The state of reading one file.
pub(in crate::scenario) struct Context<'a> {
    pub(in crate::scenario) functions: Names,
    pub(in crate::scenario) domains: Names,
    lines: Lines<'a>,
    path: Vec<Segment>,
    diagnostics: Vec<Diagnostic>,
    more: usize,
}

impl<'a> Context<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            functions: Names::default(),
            domains: Names::default(),
            lines: Lines::of(text),
            path: Vec::new(),
            diagnostics: Vec::new(),
            more: 0,
        }
    }

    /// Notes a mistake at the present path; gives `None`, what a reader then returns.
    pub(in crate::scenario) fn error<T>(
        &mut self,
        code: &'static str,
        span: &Span,
        message: String,
        help: Option<String>,
    ) -> Option<T> {
        if self.is_full() {
            self.more += 1;
            return None;
        }
        let (line, column) = span.as_ref().map_or((0, 0), |span| self.lines.place(span.start));
        let path = self.path_text();
        self.diagnostics.push(Diagnostic { code, message, span: span.clone(), line, column, path, help });
        None
    }

    /// Whether mistakes are only counted from here on.
    fn is_full(&self) -> bool {
        self.diagnostics.len() >= LISTED
    }

    /// Notes a syntax error of JSON, which has a line and a column only.
    pub(super) fn error_at(&mut self, line: usize, column: usize, message: String) {
        let (code, path, help) = (code::SYNTAX, String::new(), None);
        self.diagnostics.push(Diagnostic { code, message, span: None, line, column, path, help });
    }

    /// All mistakes, in order of the file.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.line);
        if self.more > 0 {
            let more = self.more;
            self.path.clear();
            self.diagnostics.push(Diagnostic {
                code: code::MORE,
                message: format!("{more} more mistakes"),
                span: None,
                line: 0,
                column: 0,
                path: String::new(),
                help: None,
            });
        }
        self.diagnostics
    }

    /// Reads something one key further in.
    pub(in crate::scenario) fn at_key<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        // A key as long as the file would be copied into each message.
        self.path.push(Segment::Key(clip(key)));
        let result = read(self);
        self.path.pop();
        result
    }

    /// Reads an element.
    pub(in crate::scenario) fn at_index<T>(&mut self, index: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Segment::Index(index));
        let result = read(self);
        self.path.pop();
        result
    }

    /// Line of a place, 0 if not known.
    pub(in crate::scenario) fn line(&self, span: &Span) -> u32 {
        span.as_ref().map_or(0, |span| self.lines.line(span.start) as u32)
    }

    fn path_text(&self) -> String {
        let mut text = String::new();
        for segment in &self.path {
            let _ = match segment {
                Segment::Key(key) if text.is_empty() => write!(text, "{key}"),
                Segment::Key(key) => write!(text, ".{key}"),
                Segment::Index(index) => write!(text, "[{index}]"),
            };
        }
        text
    }
}

/// A text from the file as messages show it: at most 64 characters.
pub(in crate::scenario) fn clip(text: &str) -> String {
    match text.char_indices().nth(64) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A table whose keys are taken one by one.
pub(in crate::scenario) struct Table<'n> {
    pub(in crate::scenario) entries: &'n [Entry],
    pub(in crate::scenario) span: &'n Span,
    taken: Vec<bool>,
}

impl<'n> Table<'n> {
    /// The table in a node; notes a mistake if it is none. `what` is what should be there, "a step".
    pub(in crate::scenario) fn of(node: &'n Node, what: &str, cx: &mut Context<'_>) -> Option<Self> {
        match &node.value {
            Value::Table(entries) => {
                Some(Self { entries, span: &node.span, taken: vec![false; entries.len()] })
            }
            other => {
                let message = format!("{what} is a table, not {}", other.kind());
                cx.error(code::TYPE, &node.span, message, None)
            }
        }
    }

    /// The value of a key, if it is there.
    pub(in crate::scenario) fn take(&mut self, key: &str) -> Option<&'n Node> {
        let index = self.entries.iter().position(|entry| entry.key == key)?;
        self.taken[index] = true;
        Some(&self.entries[index].node)
    }

    /// Notes each key that was not taken.
    pub(in crate::scenario) fn finish(self, known: &[&str], cx: &mut Context<'_>) -> Option<()> {
        let mut clean = Some(());
        for (entry, _) in self.entries.iter().zip(self.taken).filter(|(_, taken)| !taken) {
            let key = clip(&entry.key);
            clean = cx.at_key(&key, |cx| {
                if known.contains(&entry.key.as_str()) {
                    let message = format!("`{key}` is there twice");
                    cx.error(code::DUPLICATE_KEY, &entry.key_span, message, None)
                } else if cx.is_full() {
                    cx.error(code::UNKNOWN_KEY, &entry.key_span, String::new(), None)
                } else {
                    let help = suggest(&entry.key, known)
                        .unwrap_or_else(|| format!("known here: {}", known.join(", ")));
                    cx.error(code::UNKNOWN_KEY, &entry.key_span, format!("unknown key `{key}`"), Some(help))
                }
            });
        }
        clean
    }
}

/// "did you mean …?", if one of the known words is close.
pub(in crate::scenario) fn suggest<'w>(
    word: &str,
    known: impl IntoIterator<Item = &'w (impl AsRef<str> + ?Sized + 'w)>,
) -> Option<String> {
    if word.is_empty() || word.len() > 64 {
        return None;
    }
    let (distance, best) = known
        .into_iter()
        .map(|known| (distance(&word.to_lowercase(), &known.as_ref().to_lowercase()), known.as_ref()))
        .min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= word.chars().count().max(3)).then(|| format!("did you mean `{best}`?"))
}

/// Insertions, removals, replacements and swaps of neighbours that turn one word into the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
