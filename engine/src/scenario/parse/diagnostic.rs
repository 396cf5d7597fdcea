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
    /// The mistake with its source line and a caret under it, in several lines, the last one ended.
    ///
    /// `source` is the text that was parsed; with another one, the excerpt is wrong but nothing fails.
    pub fn render(&self, source: &str) -> String {
        let mut out = format!("error[{}]: {}\n", self.code, self.message);
        let margin = " ".repeat(self.line.to_string().len());
        let at = if self.path.is_empty() { String::new() } else { format!(" ({})", self.path) };
        if self.line > 0 {
            let _ = writeln!(out, "{margin}--> line {}, column {}{at}", self.line, self.column);
            self.excerpt(source, &margin, &mut out);
        } else if !self.path.is_empty() {
            let _ = writeln!(out, "{margin}--> {}", self.path);
        }
        if let Some(help) = &self.help {
            let _ = writeln!(out, "{margin} = help: {help}");
        }
        out
    }

    fn excerpt(&self, source: &str, margin: &str, out: &mut String) {
        let Some(line) = source.split('\n').nth(self.line - 1) else { return };
        let column = self.column.saturating_sub(1);
        // A window around the column, for lines that no screen would hold.
        let skipped = if column > SHOWN * 3 / 4 { column - SHOWN / 4 } else { 0 };
        let visible = |c: char| if c.is_control() { ' ' } else { c };
        let shown: String =
            line.trim_end_matches('\r').chars().skip(skipped).take(SHOWN).map(visible).collect();
        let marked = self.span.clone().and_then(|span| source.get(span));
        let width = marked.map_or(1, |text| text.split('\n').next().unwrap_or("").chars().count());
        let width = width.clamp(1, (SHOWN + skipped).saturating_sub(column).max(1));
        let _ = writeln!(out, "{margin} |");
        let _ = writeln!(out, "{} | {}", self.line, shown.trim_end());
        let _ = writeln!(out, "{margin} | {}{}", " ".repeat(column - skipped), "^".repeat(width));
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
