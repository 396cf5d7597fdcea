//! JSON to values, with their places. Stops at the first mistake.

use std::collections::BTreeSet;

use super::report::Report;
use super::value::{Key, Kind, Span, Value};

/// Deepest nesting that is read, as in the TOML reader.
const DEPTH: usize = 80;

/// Reads a document; reports the first mistake and then returns nothing.
pub(super) fn read(text: &str, report: &mut Report) -> Option<Value> {
    let mut json = Json { text, at: 0, depth: 0 };
    let value = json.value().and_then(|value| {
        json.blanks();
        if json.at < text.len() { json.fail("text after the end of the document") } else { Ok(value) }
    });
    value.map_err(|(code, span, message)| report.error(code, Some(&span), message)).ok()
}

type Mistake = (&'static str, Span, String);

struct Json<'s> {
    text: &'s str,
    at: usize,
    depth: usize,
}

impl Json<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn fail<T>(&self, message: &str) -> Result<T, Mistake> {
        let width = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Err(("S001", self.at..self.at + width, message.to_owned()))
    }

    fn expect(&mut self, byte: u8, message: &str) -> Result<(), Mistake> {
        self.blanks();
        if self.peek() != Some(byte) {
            return self.fail(message);
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self) -> Result<Value, Mistake> {
        self.blanks();
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Kind::Str(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            _ => return self.fail("a value is expected here"),
        };
        Ok(Value { kind, span: Some(start..self.at) })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Kind, Mistake>) -> Result<Kind, Mistake> {
        if self.depth == DEPTH {
            let (_, span, _) = self.fail::<()>("").unwrap_err();
            return Err(("S006", span, "nested too deeply".to_owned()));
        }
        self.depth += 1;
        self.at += 1;
        let kind = read(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn object(&mut self) -> Result<Kind, Mistake> {
        let mut entries = Vec::new();
        let mut seen = BTreeSet::new();
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Kind::Table(entries));
        }
        loop {
            self.blanks();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return self.fail("a key in quotes is expected here");
            }
            let name = self.string()?;
            let span = start..self.at;
            if !seen.insert(name.clone()) {
                return Err(("S001", span, format!("the key `{}` is there twice", name.escape_debug())));
            }
            self.expect(b':', "`:` is expected here")?;
            entries.push((Key { name, span: Some(span) }, self.value()?));
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Kind::Table(entries));
                }
                _ => return self.fail("`,` or `}` is expected here"),
            }
        }
    }

    fn array(&mut self) -> Result<Kind, Mistake> {
        let mut elements = Vec::new();
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Kind::Array(elements));
        }
        loop {
            elements.push(self.value()?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Kind::Array(elements));
                }
                _ => return self.fail("`,` or `]` is expected here"),
            }
        }
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, Mistake> {
        if !self.text[self.at..].starts_with(word) {
            return self.fail("a value is expected here");
        }
        self.at += word.len();
        Ok(kind)
    }

    fn number(&mut self) -> Result<Kind, Mistake> {
        let rest = &self.text[self.at..];
        let len =
            rest.find(|c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9')).unwrap_or(rest.len());
        let text = &rest[..len];
        let digits = text.strip_prefix('-').unwrap_or(text);
        let kind = if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            if digits.len() > 1 && digits.starts_with('0') {
                return self.fail("a number does not begin with 0");
            }
            let limit = if text.starts_with('-') { i128::MIN } else { i128::MAX };
            Kind::Int(text.parse().unwrap_or(limit))
        } else if text.parse::<f64>().is_ok() {
            Kind::Float
        } else {
            return self.fail("this is not a number");
        };
        self.at += len;
        Ok(kind)
    }

    fn string(&mut self) -> Result<String, Mistake> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => return self.fail("the text does not end on its line"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Mistake> {
        let c = match self.text.as_bytes().get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return self.fail("there is no such escape"),
        };
        self.at += 2;
        Ok(c)
    }

    fn unicode(&mut self) -> Result<char, Mistake> {
        let unit = |at: usize| {
            let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
            let hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
            hex.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
        };
        let units = [unit(self.at), unit(self.at + 6)];
        let mut decoded = char::decode_utf16(units.into_iter().map_while(|u| u));
        match decoded.next() {
            Some(Ok(c)) => {
                self.at += 6 * c.len_utf16();
                Ok(c)
            }
            _ => self.fail("this is not a character"),
        }
    }
}
