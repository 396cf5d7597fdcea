//! What an event's line names that can be explained: the answer of an instruction, a warning.

/// The line up to a name, the name as it stands there, and what it is explained by.
pub fn named(line: &str) -> Option<(&str, &str, String)> {
    let first = line.split(' ').next().unwrap_or_default();
    if let Some(label) = line.strip_prefix("warn ") {
        let label = label.split(' ').next()?;
        let end = "warn ".len() + label.len();
        return (end == line.len()).then(|| ("warn ", label, label.to_owned()));
    }
    let at = line.rfind(" -> cc ")? + " -> ".len();
    let answer = &line[at..];
    let code = answer.strip_prefix("cc ")?;
    let digits = code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/');
    let name = match (code.contains('/'), first) {
        (true, "rpcit" | "mpcifc" | "stpcifc") => format!("{first} cc{code}"),
        _ => format!("cc{code}"),
    };
    (digits && !code.is_empty()).then(|| (&line[..at], answer, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_warnings_are_names() {
        let name = |line| named(line).map(|(before, text, name)| (before.len() + text.len(), name));
        let line = "rpcit f0 0x1000 0x1000 -> cc 1/40";
        assert_eq!(name(line), Some((line.len(), "rpcit cc1/40".to_owned())));
        assert_eq!(name("unregister f0 -> cc 0"), Some((21, "cc0".to_owned())));
        assert_eq!(name("warn free_attached"), Some((18, "free_attached".to_owned())));
        assert_eq!(name("read f0.dma_table = 0x4000 of d0"), None);
        assert_eq!(name("x -> cc "), None);
    }
}
