//! A guard against keys nested so deep that no stack would hold them.
//!
//! The TOML reader limits brackets but not dots: `a.a.a. … = 1` is as many tables in each other.

/// Levels at most.
const DEEPEST: usize = 64;

/// Where brackets or dots first nest deeper than allowed. Strings and comments do not count.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut open, mut dots, mut at) = (0_usize, 0_usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                at = string_end(bytes, at, quote);
                continue;
            }
            b'#' => {
                at = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |end| at + end);
                continue;
            }
            b'[' | b'{' => {
                open += 1;
                dots = 0;
            }
            b']' | b'}' => open = open.saturating_sub(1),
            b'.' => dots += 1,
            b'=' | b',' | b'\n' => dots = 0,
            _ => {}
        }
        if open > DEEPEST || dots > DEEPEST {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The byte after a string. One that never ends, ends with its line, so that what follows counts.
fn string_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    let triple = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if triple { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' && (triple || bytes.get(at + 1) != Some(&b'\n')) => at += 1,
            b if b == quote && !triple => return at + 1,
            b if b == quote && bytes[at..].starts_with(&[quote; 3]) => {
                // The last three of up to five quotes end it.
                let more = bytes[at + 3..].iter().take(2).take_while(|b| **b == quote).count();
                return at + 3 + more;
            }
            b'\n' if !triple => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len().min(at)
}

#[cfg(test)]
mod tests {
    use super::too_deep;

    #[test]
    fn dots_and_brackets_count_but_not_in_strings() {
        assert_eq!(too_deep(&format!("a = \"{}\" # {}", ".".repeat(99), "[".repeat(99))), None);
        assert!(too_deep(&format!("{}a = 1", "a.".repeat(99))).is_some());
        assert!(too_deep(&format!("{}a = 1", "\"a\".".repeat(99))).is_some());
        assert!(too_deep(&format!("a = {}", "[".repeat(99))).is_some());
        for hidden in [r#""""""""#, "''''a'''''", r#""\\""#, "\"x\\\n"] {
            let text = format!("x = {{ y = {hidden}, {}a = 1 }}", "a.".repeat(99));
            assert!(too_deep(&text).is_some(), "{text}");
        }
        assert_eq!(too_deep("a = \"\"\"x\"\"\"\nb = ''\nc = 'x"), None);
    }
}
