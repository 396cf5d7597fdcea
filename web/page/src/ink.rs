//! The editor's text with its errors marked in place.

use s390_iommu_view::text::Problem;

/// What a piece of the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Nothing special.
    Plain,
    /// A comment.
    Comment,
    /// A text in quotes.
    Text,
    /// A number.
    Number,
    /// The line of the selected step.
    Current,
    /// Wrong.
    Error,
}

impl Ink {
    /// Its style class.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "ink",
            Self::Comment => "ink ink--comment",
            Self::Text => "ink ink--text",
            Self::Number => "ink ink--number",
            Self::Current => "ink ink--current",
            Self::Error => "ink ink--error",
        }
    }
}

/// A piece of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// How it is drawn.
    pub ink: Ink,
}

/// The text in pieces that follow each other without gap: errors first, then what the lexer says.
pub fn pieces(text: &str, problems: &[Problem]) -> Vec<Piece> {
    let mut inks = lex(text);
    for problem in problems {
        let start = problem.start.min(text.len());
        // An error at the end of a line or the text has to be seen, too.
        let end = problem.end.clamp(start, text.len());
        for ink in &mut inks[start..end] {
            *ink = Ink::Error;
        }
        if start == end {
            let at = if start == text.len() { start.saturating_sub(1) } else { start };
            if let Some(ink) = inks.get_mut(at) {
                *ink = Ink::Error;
            }
        }
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, char) in text.char_indices() {
        match pieces.last_mut() {
            Some(piece) if piece.ink == inks[at] => piece.text.push(char),
            _ => pieces.push(Piece { text: char.to_string(), ink: inks[at] }),
        }
    }
    pieces
}

/// Bytes of a text that is long.
const LONG: usize = 1 << 16;

/// An ink for each byte: enough TOML to tell comments, texts and numbers apart.
fn lex(text: &str) -> Vec<Ink> {
    let bytes = text.as_bytes();
    let mut inks = vec![Ink::Plain; bytes.len()];
    // Colours of a text that nobody reads as a whole would only make the page slow.
    let mut at = if bytes.len() > LONG { bytes.len() } else { 0 };
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (ink, len) = match rest[0] {
            b'#' => (Ink::Comment, until(rest, 0, |byte| byte == b'\n')),
            quote @ (b'"' | b'\'') => {
                (Ink::Text, (until(rest, 1, |byte| byte == quote || byte == b'\n') + 1))
            }
            byte if byte.is_ascii_digit() => {
                (Ink::Number, until(rest, 0, |byte| !byte.is_ascii_alphanumeric() && byte != b'_'))
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                (Ink::Plain, until(rest, 0, |byte| !byte.is_ascii_alphanumeric() && byte != b'_'))
            }
            _ => (Ink::Plain, 1),
        };
        let end = (at + len.max(1)).min(bytes.len());
        inks[at..end].fill(ink);
        at = end;
    }
    inks
}

fn until(bytes: &[u8], from: usize, stop: impl Fn(u8) -> bool) -> usize {
    bytes.iter().skip(from).position(|byte| stop(*byte)).map_or(bytes.len(), |place| place + from)
}

/// Number of lines, at least one.
pub fn line_count(text: &str) -> usize {
    text.matches('\n').count() + 1
}

/// The byte offset as the editor's element counts: in units of UTF-16.
pub fn utf16(text: &str, byte: usize) -> u32 {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].encode_utf16().count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(start: usize, end: usize) -> Problem {
        let message = "no such key".to_owned();
        Problem { code: "x".into(), message, help: None, start, end, line: 1, column: 1 }
    }

    fn drawn(text: &str, problems: &[Problem]) -> String {
        let mark = |ink| match ink {
            Ink::Plain => '.',
            Ink::Comment => '#',
            Ink::Text => '"',
            Ink::Number => '0',
            Ink::Current => '>',
            Ink::Error => '!',
        };
        pieces(text, problems).iter().flat_map(|p| p.text.chars().map(move |_| mark(p.ink))).collect()
    }

    #[test]
    fn colors() {
        assert_eq!(drawn("a1 = 0x1_0 # x", &[]), ".....00000.###");
        assert_eq!(drawn("t = \"a#\" # é", &[]), "....\"\"\"\".###");
    }

    #[test]
    fn a_long_text_is_one_piece() {
        let text = "x = 1\n".repeat(LONG);
        assert_eq!(pieces(&text, &[]).len(), 1);
        assert_eq!(pieces(&text, &[problem(0, 1)]).len(), 2);
    }

    #[test]
    fn errors_win_and_are_never_invisible() {
        assert_eq!(drawn("ab = 1", &[problem(0, 2)]), "!!...0");
        assert_eq!(drawn("ab", &[problem(2, 2)]), ".!");
        assert_eq!(drawn("ab", &[problem(0, 99)]), "!!");
        assert_eq!(drawn("", &[problem(0, 3)]), "");
    }

    #[test]
    fn pieces_are_the_text() {
        let text = "note = \"é\"\n# ü\nx = 5";
        let joined: String = pieces(text, &[problem(8, 9)]).iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(joined, text);
        assert_eq!(utf16("é\u{1d11e}x", 6), 3);
        assert_eq!(line_count(text), 3);
    }
}
