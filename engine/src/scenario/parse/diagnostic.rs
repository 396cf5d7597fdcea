//! A mistake in a scenario: what, where, and what to do about it.

use std::fmt::Write as _;
use std::ops::Range;

use serde::Serialize;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Its kind, `S0xx`; see [`explain`](super::explain).
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// Bytes of the source it is about; `None` where only `path` is known, as in JSON.
    pub span: Option<Range<usize>>,
    /// Line, from 1; 0 if not known.
    pub line: usize,
    /// Column in characters, from 1; 0 if not known.
    pub column: usize,
    /// The value it is about, `steps[3].size` with indices from 0; empty for the file as a whole.
    pub path: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Characters of a source line that are shown at most.
const SHOWN: usize = 120;

impl Diagnostic {
    /// What, where, why, in several lines of which the last one ends: `name:line:column: error[code]: message`, the line of
    /// the source with carets below what it is about, and what to do.
    ///
    /// `name` is what the file is called. `source` is the text that was parsed; with another one, the excerpt is wrong but
    /// nothing fails.
    ///
    /// ```
    /// let text = "schema = 1\ntitel = 'One'";
    /// let drawn = s390_iommu::scenario::parse(text).diagnostics.last().unwrap().render(text, "one.toml");
    /// assert_eq!(drawn, "\
    /// one.toml:2:1: error[S010]: unknown key `titel`
    ///  2 | titel = 'One'
    ///    | ^^^^^
    ///  = help: did you mean `title`?
    /// ");
    /// ```
    pub fn render(&self, source: &str, name: &str) -> String {
        format!("{}\n{}", self.headline(name), self.excerpt(source))
    }

    /// The first line of [`Self::render`], without its end.
    pub fn headline(&self, name: &str) -> String {
        let Self { code, message, line, column, path, .. } = self;
        match (line, path.as_str()) {
            (0, "") => format!("{name}: error[{code}]: {message}"),
            (0, path) => format!("{name}: error[{code}]: {message} (at {path})"),
            _ => format!("{name}:{line}:{column}: error[{code}]: {message}"),
        }
    }

    /// The lines after it.
    pub fn excerpt(&self, source: &str) -> String {
        let mut out = String::new();
        if let Some(line) = self.line.checked_sub(1).and_then(|before| source.split('\n').nth(before)) {
            let margin = " ".repeat(self.line.to_string().len());
            let column = self.column.saturating_sub(1);
            // A window around the column, for lines that no screen would hold.
            let skipped = if column > SHOWN * 3 / 4 { column - SHOWN / 4 } else { 0 };
            let visible = |c: char| if c.is_control() { ' ' } else { c };
            let shown: String =
                line.trim_end_matches('\r').chars().skip(skipped).take(SHOWN).map(visible).collect();
            let marked = self.span.clone().and_then(|span| source.get(span));
            let width = marked.map_or(1, |text| text.split('\n').next().unwrap_or("").chars().count());
            let width = width.clamp(1, (SHOWN + skipped).saturating_sub(column).max(1));
            let _ = writeln!(out, " {} | {}", self.line, shown.trim_end());
            let _ = writeln!(out, " {margin} | {}{}", " ".repeat(column - skipped), "^".repeat(width));
        }
        if let Some(help) = &self.help {
            let _ = writeln!(out, " = help: {help}");
        }
        out
    }
}

/// Where the lines of a text begin.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self { text, starts }
    }

    /// Line of a byte, from 1.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte)
    }

    /// Line and column of a byte, from 1.
    pub(super) fn place(&self, byte: usize) -> (usize, usize) {
        let byte = self.text.floor_char_boundary(byte);
        let line = self.line(byte);
        (line, self.text[self.starts[line - 1]..byte].chars().count() + 1)
    }
}
