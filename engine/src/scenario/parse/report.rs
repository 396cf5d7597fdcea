//! Collects mistakes, with the path of the value that is being read.

use std::fmt::Write as _;

use super::super::diagnostic::{Diagnostic, Lines, Severity};
use super::value::{Span, Value};

/// Mistakes that are listed at most.
pub(super) const MOST: usize = 100;

/// Part of a path.
enum Part {
    Key(String),
    Index(usize),
}

/// The mistakes so far.
#[derive(Default)]
pub(super) struct Report {
    found: Vec<Diagnostic>,
    path: Vec<Part>,
    spans: Vec<Option<Span>>,
    /// Mistakes beyond those that are listed.
    more: usize,
}

impl Report {
    /// What is reported from now on is about the value of a key, until [`leave`](Self::leave).
    pub(super) fn enter_key(&mut self, key: &str, value: &Value) {
        self.path.push(Part::Key(key.to_owned()));
        self.spans.push(value.span.clone());
    }

    /// What is reported from now on is about an element of an array, until [`leave`](Self::leave).
    pub(super) fn enter_index(&mut self, i: usize, value: &Value) {
        self.path.push(Part::Index(i));
        self.spans.push(value.span.clone());
    }

    /// Ends the latest `enter_…`.
    pub(super) fn leave(&mut self) {
        self.path.pop();
        self.spans.pop();
    }

    /// A mistake at a span, or at the value being read.
    pub(super) fn error(&mut self, code: &'static str, span: Option<&Span>, message: String) {
        if self.found.len() >= MOST {
            self.more += 1;
            return;
        }
        let span = span.cloned().or_else(|| self.spans.iter().rev().find_map(Clone::clone));
        self.found.push(Diagnostic {
            code,
            severity: Severity::Error,
            message,
            span,
            line: 0,
            column: 0,
            path: self.path(),
            help: None,
        });
    }

    /// Adds help to the last mistake.
    pub(super) fn help(&mut self, help: String) {
        if self.more == 0
            && let Some(last) = self.found.last_mut()
        {
            last.help = Some(help);
        }
    }

    /// Adds "did you mean" to the last mistake if one of the candidates is near.
    pub(super) fn suggest<'c>(&mut self, wrong: &str, candidates: impl IntoIterator<Item = &'c str>) {
        if self.more == 0
            && let Some(near) = nearest(wrong, candidates)
        {
            self.help(format!("did you mean `{near}`?"));
        }
    }

    /// Moves all places, for what stood before the text that was read.
    pub(super) fn shift(&mut self, by: usize) {
        for span in self.found.iter_mut().filter_map(|d| d.span.as_mut()) {
            *span = span.start + by..span.end + by;
        }
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for part in &self.path {
            match part {
                Part::Key(key) if path.is_empty() => path.push_str(key),
                Part::Key(key) => {
                    let _ = write!(path, ".{key}");
                }
                Part::Index(i) => {
                    let _ = write!(path, "[{i}]");
                }
            }
        }
        path
    }

    /// All mistakes in the order of the text, with lines and columns.
    pub(super) fn finish(mut self, lines: Option<&Lines<'_>>) -> Vec<Diagnostic> {
        self.found.sort_by_key(|d| d.span.as_ref().map_or(usize::MAX, |s| s.start));
        if self.more > 0 {
            self.path.clear();
            self.found.push(Diagnostic {
                code: "S007",
                severity: Severity::Error,
                message: format!("{} more mistakes are not listed", self.more),
                span: None,
                line: 0,
                column: 0,
                path: String::new(),
                help: None,
            });
        }
        if let Some(lines) = lines {
            for diagnostic in &mut self.found {
                if let Some(span) = &diagnostic.span {
                    (diagnostic.line, diagnostic.column) = lines.place(span.start);
                }
            }
        }
        self.found
    }
}

/// The candidate that is nearest to a wrong word, if near enough to be meant.
pub(super) fn nearest<'c>(wrong: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if wrong.len() > 64 {
        return None;
    }
    let limit = 1 + wrong.chars().count() / 4;
    let near = candidates.into_iter().filter(|c| c.len() <= 64).map(|c| (distance(wrong, c), c));
    near.filter(|(d, c)| *d <= limit && *d < c.chars().count()).min_by_key(|(d, _)| *d).map(|(_, c)| c)
}

/// Changes that turn one word into the other: insert, remove, replace, swap neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (mut before, mut above): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found() {
        assert_eq!(nearest("titel", ["title", "steps"]), Some("title"));
        assert_eq!(nearest("iov", ["iova", "in"]), Some("iova"));
        assert_eq!(nearest("zzzz", ["iova", "in"]), None);
        assert_eq!(nearest("d2", ["d0", "d1"]), Some("d0"));
    }
}
