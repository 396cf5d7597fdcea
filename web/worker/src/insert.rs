//! A step is put into a scenario's text. All that stands there, comments and blanks too, stays as it is.

use std::fmt::Write as _;
use std::ops::Range;

use s390_iommu::scenario::{Scenario, parse};
use s390_iommu_view::hex::hex;
use s390_iommu_view::insert::{Inserted, Insertion, NewStep};
use toml::de::{DeTable, DeValue};

/// The text with the step in it, or why that cannot be.
pub fn insert(asked: &Insertion) -> Result<Inserted, String> {
    let text = &*asked.text;
    let old = parse(text).scenario.ok_or("The text has errors: no step can be added.")?;
    let after = behind_group(&old, (asked.after as usize).min(old.steps.len()));
    let text = place(text, after, &line(&asked.step))?;
    let parsed = parse(&text);
    let Some(mut new) = parsed.scenario else {
        let message = parsed.diagnostics.into_iter().next().map(|problem| problem.message);
        return Err(format!("The step cannot be added: {}.", message.unwrap_or_default()));
    };
    // Whatever was written in an unusual way: nothing but the new step may have changed.
    if after < new.steps.len() {
        new.steps.remove(after);
    }
    if new != old {
        return Err("The steps are written in a way that no step can be added to with buttons.".to_owned());
    }
    Ok(Inserted { text: text.into(), number: after as u32 + 1 })
}

/// Steps side by side leave one state behind: the next step comes behind all of them.
fn behind_group(scenario: &Scenario, mut after: usize) -> usize {
    let on_cpu = |index: usize| scenario.steps.get(index).is_some_and(|step| step.cpu.is_some());
    while after > 0 && on_cpu(after - 1) && on_cpu(after) {
        after += 1;
    }
    after
}

/// The step as it stands in a file.
fn line(step: &NewStep) -> String {
    match step {
        NewStep::Attach { function, domain } => {
            format!("{{ attach = {}, to = {} }}", quoted(function), quoted(domain))
        }
        NewStep::Detach { function, domain } => {
            format!("{{ detach = {}, from = {} }}", quoted(function), quoted(domain))
        }
        NewStep::Map { iova, phys, size, prot, domain } => format!(
            "{{ map = {}, phys = {}, size = {}, prot = {}, in = {} }}",
            number(*iova),
            number(*phys),
            bytes(*size),
            quoted(prot),
            quoted(domain)
        ),
        NewStep::Unmap { iova, size, domain } => {
            format!("{{ unmap = {}, size = {}, in = {} }}", number(*iova), bytes(*size), quoted(domain))
        }
        NewStep::Read { iova, size, function } => {
            format!("{{ read = {}, size = {}, by = {} }}", number(*iova), bytes(*size), quoted(function))
        }
        NewStep::Write { iova, size, function } => {
            let mut data = String::new();
            for byte in (0..*size).take(MOST_WRITTEN) {
                let _ = write!(data, "{:02x}", byte as u8);
            }
            format!("{{ write = {}, bytes = \"{data}\", by = {} }}", number(*iova), quoted(function))
        }
        NewStep::Refresh { iova, size, function } => {
            format!("{{ refresh = {}, iova = {}, size = {} }}", quoted(function), number(*iova), bytes(*size))
        }
        NewStep::Recover { function } => format!("{{ recover = {} }}", quoted(function)),
    }
}

/// Bytes that a step from a button writes at most: they stand in the text.
const MOST_WRITTEN: usize = 256;

/// An address; beyond 63 bits TOML has only texts.
fn number(value: u64) -> String {
    if i64::try_from(value).is_ok() { hex(value) } else { format!("\"{}\"", hex(value)) }
}

/// A size with the unit people write.
fn bytes(value: u64) -> String {
    for (shift, unit) in [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")] {
        if value >= 1 << shift && value.is_multiple_of(1 << shift) {
            return format!("\"{} {unit}\"", value >> shift);
        }
    }
    if value < 1024 { value.to_string() } else { number(value) }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The text with `line` as an item of `steps` behind so many others.
fn place(text: &str, after: usize, line: &str) -> Result<String, String> {
    let unusual = "The steps are not written as `steps = [ … ]`: add this one in the editor.";
    let table = DeTable::parse(text).map_err(|_| unusual)?;
    let steps = table.get_ref().iter().find(|(key, _)| key.get_ref() == "steps");
    let Some((_, steps)) = steps else {
        let separator = if text.ends_with('\n') { "" } else { "\n" };
        return Ok(format!("{text}{separator}steps = [\n  {line},\n]\n"));
    };
    let DeValue::Array(items) = steps.get_ref() else { return Err(unusual.to_owned()) };
    let items: Vec<Range<usize>> = items.iter().map(toml::Spanned::span).collect();
    let array = steps.span();
    if !text[array.clone()].starts_with('[') || items.iter().any(|item| !text[item.clone()].starts_with('{'))
    {
        return Err(unusual.to_owned());
    }
    let Some(before) = after.checked_sub(1).and_then(|index| items.get(index)) else {
        return Ok(first(text, &array, items.first(), line));
    };
    let comma = comma(text, before.end);
    let end = comma.map_or(before.end, |comma| comma + 1);
    let own = if comma.is_some() { "" } else { "," };
    match rest_of_line(text, end) {
        // The line has nothing more to say, or a comment that belongs to the step.
        Some(stop) => {
            let indent = indent(text, before.start);
            let (item, comment) = (&text[..end], &text[end..stop]);
            Ok(format!("{item}{own}{comment}\n{indent}{line},{}", &text[stop..]))
        }
        None if comma.is_some() => Ok(format!("{} {line},{}", &text[..end], &text[end..])),
        None => Ok(format!("{}, {line}{}", &text[..end], &text[end..])),
    }
}

/// As the first item.
fn first(text: &str, array: &Range<usize>, next: Option<&Range<usize>>, line: &str) -> String {
    let open = array.start + 1;
    match (rest_of_line(text, open), next) {
        (Some(stop), _) => {
            let indent = next.map_or("  ", |next| indent(text, next.start));
            format!("{}\n{indent}{line},{}", &text[..stop], &text[stop..])
        }
        (None, Some(_)) => format!("{} {line},{}", &text[..open], &text[open..]),
        (None, None) => format!("{}\n  {line},\n{}", &text[..open], text[open..].trim_start_matches(' ')),
    }
}

/// Where the comma behind an item is, with blanks and comments before it.
fn comma(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start().len();
        match text[at..].chars().next()? {
            ',' => return Some(at),
            '#' => at += text[at..].find('\n')?,
            _ => return None,
        }
    }
}

/// The end of the line, if nothing but a comment comes before it.
fn rest_of_line(text: &str, at: usize) -> Option<usize> {
    let stop = text[at..].find('\n').map(|len| at + len)?;
    let rest = text[at..stop].trim();
    let end = if text[..stop].ends_with('\r') { stop - 1 } else { stop };
    (rest.is_empty() || rest.starts_with('#')).then_some(end)
}

/// The blanks before what stands at `at`, if it is the first on its line.
fn indent(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let before = &text[start..at];
    if before.trim().is_empty() { before } else { "  " }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "schema = 1\ntitle = 'x' # a title\nfunctions = [{ name = 'f0', dma = [0, 0xffff] }]\ndomains = ['d0']\n";

    fn with(steps: &str, after: u32) -> Result<(String, u32), String> {
        let step = NewStep::Detach { function: "f0".into(), domain: "d0".into() };
        let asked = Insertion { text: format!("{HEAD}{steps}").into(), after, step };
        insert(&asked).map(|done| (done.text.strip_prefix(HEAD).unwrap().to_owned(), done.number))
    }

    const NEW: &str = r#"{ detach = "f0", from = "d0" }"#;

    #[test]
    fn comments_and_blanks_stay() {
        let steps = "steps = [ # all\n    # first\n    { attach = 'f0', to = 'd0' }, # one\n\n    {probe='f0'} # two\n]\n# end\n";
        assert_eq!(with(steps, 1).unwrap(), (steps.replace("# one\n", &format!("# one\n    {NEW},\n")), 2));
        assert_eq!(
            with(steps, 9).unwrap(),
            (steps.replace("'f0'} # two\n", &format!("'f0'}}, # two\n    {NEW},\n")), 3)
        );
        assert_eq!(with(steps, 0).unwrap(), (steps.replace("# all\n", &format!("# all\n    {NEW},\n")), 1));
    }

    #[test]
    fn on_one_line_or_none_yet() {
        assert_eq!(with("", 0).unwrap().0, format!("steps = [\n  {NEW},\n]\n"));
        assert_eq!(with("steps = []", 0).unwrap().0, format!("steps = [\n  {NEW},\n]"));
        let one = "steps = [{ probe = 'f0' }, { release = 'f0' }]\n";
        assert_eq!(
            with(one, 1).unwrap().0,
            format!("steps = [{{ probe = 'f0' }}, {NEW}, {{ release = 'f0' }}]\n")
        );
        assert_eq!(
            with(one, 2).unwrap().0,
            format!("steps = [{{ probe = 'f0' }}, {{ release = 'f0' }}, {NEW}]\n")
        );
        assert_eq!(
            with(one, 0).unwrap().0,
            format!("steps = [ {NEW},{{ probe = 'f0' }}, {{ release = 'f0' }}]\n")
        );
    }

    #[test]
    fn lines_of_windows_and_steps_side_by_side() {
        let steps = "steps = [\r\n  { probe = 'f0' },\r\n]\r\n";
        assert_eq!(
            with(steps, 1).unwrap().0,
            format!("steps = [\r\n  {{ probe = 'f0' }},\n  {NEW},\r\n]\r\n")
        );
        let group = "steps = [\n  { unmap = 0, size = 4096, cpu = 'cpu0' },\n  { unmap = 0, size = 4096, cpu = 'cpu1' },\n]\n";
        assert_eq!(with(group, 1).unwrap().1, 3);
    }

    #[test]
    fn what_cannot_be_done_is_told() {
        assert!(with("steps = [", 0).unwrap_err().contains("errors"));
        assert!(with("[[steps]]\nprobe = 'f0'\n", 0).unwrap_err().contains("editor"));
        let step = NewStep::Recover { function: "nobody".into() };
        let asked = Insertion { text: HEAD.into(), after: 0, step };
        assert!(insert(&asked).unwrap_err().contains("nobody"));
    }

    #[test]
    fn every_step_reads_as_it_was_asked_for() {
        let (function, domain) = ("f0".to_owned(), "d0".to_owned());
        let steps = [
            NewStep::Attach { function: function.clone(), domain: domain.clone() },
            NewStep::Map {
                iova: u64::MAX,
                phys: 0x8000_0000,
                size: 1 << 20,
                prot: "r".into(),
                domain: domain.clone(),
            },
            NewStep::Unmap { iova: 0x1000, size: 0x1801, domain },
            NewStep::Read { iova: 0x1000, size: 8, function: function.clone() },
            NewStep::Write { iova: 0x1000, size: 3, function: function.clone() },
            NewStep::Refresh { iova: 0x1000, size: 0x1000, function: function.clone() },
            NewStep::Recover { function },
        ];
        let mut text: std::rc::Rc<str> = HEAD.into();
        for (after, step) in (0..).zip(steps) {
            text = insert(&Insertion { text, after, step }).unwrap().text;
        }
        let lines: Vec<&str> = text.lines().skip(5).map(str::trim).collect();
        assert_eq!(
            lines[1],
            r#"{ map = "0xffff_ffff_ffff_ffff", phys = 0x8000_0000, size = "1 MiB", prot = "r", in = "d0" },"#
        );
        assert_eq!(lines[4], r#"{ write = 0x1000, bytes = "000102", by = "f0" },"#);
        assert_eq!(lines[5], r#"{ refresh = "f0", iova = 0x1000, size = "4 KiB" },"#);
    }
}
