//! Mistakes in a scenario: what is wrong, where, and what would be right.

use std::fmt::{self, Write as _};
use std::ops::Range;

use serde::Serialize;

/// Characters of a source line that are shown at most.
const WINDOW: usize = 100;

/// How bad a mistake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// There is no scenario.
    Error,
    /// There is one, but look again.
    Warning,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Its kind, `S0xx`; never changes its meaning. See [`explain`](super::explain).
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, one sentence.
    pub message: String,
    /// Bytes of the source that it is about.
    pub span: Option<Range<usize>>,
    /// Line of the first of them, from 1; 0 if unknown.
    pub line: u32,
    /// Column of the first of them in characters, from 1; 0 if unknown.
    pub column: u32,
    /// The value it is about, such as `steps[3].size`; empty for the whole file.
    pub path: String,
    /// What would be right.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Text with the line of the source and a caret, several lines, ending in a line feed.
    ///
    /// `source` must be the text that was parsed; with any other the caret may be elsewhere.
    ///
    /// ```
    /// let source = "schema = 1\ntitel = \"x\"\n";
    /// let (_, diagnostics) = s390_iommu::scenario::parse(source);
    /// let text = diagnostics.iter().map(|d| d.render(source)).collect::<String>();
    /// assert!(text.contains("error[S010]: unknown key `titel`"));
    /// assert!(text.contains("2 | titel = \"x\"\n  | ^^^^^"));
    /// ```
    pub fn render(&self, source: &str) -> String {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut text = format!("{word}[{}]: {}\n", self.code, self.message);
        let number = if self.line == 0 { String::new() } else { self.line.to_string() };
        let margin = " ".repeat(number.len());
        let path = if self.path.is_empty() { String::new() } else { format!(" in {}", self.path) };
        if self.line == 0 {
            if !path.is_empty() {
                let _ = writeln!(text, "{margin}-->{path}");
            }
        } else {
            let _ = writeln!(text, "{margin}--> line {}, column {}{path}", self.line, self.column);
            if let Some((line, indent, carets)) = self.excerpt(source) {
                let _ = writeln!(text, "{margin} |\n{number} | {line}\n{margin} | {indent}{carets}");
            }
        }
        if let Some(help) = &self.help {
            let _ = writeln!(text, "{margin} = help: {help}");
        }
        text
    }

    /// The line of the source (or a window of it), blanks up to the caret, carets.
    fn excerpt(&self, source: &str) -> Option<(String, String, String)> {
        let span = self.span.clone()?;
        let line = source.lines().nth(self.line.checked_sub(1)? as usize)?;
        let column = self.column.checked_sub(1)? as usize;
        let width = source.get(span).map_or(1, |text| text.lines().next().unwrap_or("").chars().count());
        let from = if column < WINDOW { 0 } else { column - WINDOW / 2 };
        let shown: String =
            line.chars().skip(from).take(WINDOW).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let room = shown.chars().count().saturating_sub(column - from).max(1);
        Some((shown, " ".repeat(column - from), "^".repeat(width.clamp(1, room))))
    }
}

impl fmt::Display for Diagnostic {
    /// One line: `12:31: [S031] there is no domain …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line != 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        } else if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "[{}] {}", self.code, self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// Where the lines of a text begin.
pub(super) struct Lines<'s> {
    source: &'s str,
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        let after = source.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
        Self { source, starts: std::iter::once(0).chain(after).collect() }
    }

    /// Line of a byte, from 1.
    pub(super) fn line(&self, byte: usize) -> u32 {
        self.starts.partition_point(|start| *start <= byte) as u32
    }

    /// Line and column of a byte, both from 1.
    pub(super) fn place(&self, byte: usize) -> (u32, u32) {
        let line = self.line(byte);
        let start = self.starts[line as usize - 1];
        let before = self.source.as_bytes().get(start..byte.min(self.source.len())).unwrap_or_default();
        // Bytes that begin a character; a cut inside one does no harm.
        let column = before.iter().filter(|b| **b & 0xc0 != 0x80).count();
        (line, column as u32 + 1)
    }
}
