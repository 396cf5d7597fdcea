//! Every code a diagnostic can have, with its explanation. Codes are never reused.

/// Code, title, explanation.
pub const CODES: [(&str, &str, &str); 31] = [
    (
        "S001",
        "syntax",
        "The text is neither TOML nor JSON at this place. JSON is expected if the first character is `{`.",
    ),
    ("S002", "not UTF-8", "Scenario files are UTF-8 text."),
    (
        "S003",
        "empty file",
        "There is nothing in the file. The smallest scenario has `schema`, `title` and `functions`.",
    ),
    ("S004", "file too large", "A scenario file has at most 1 MiB. Longer runs are better made in Python."),
    (
        "S005",
        "unknown version",
        "`schema` names a version of the format that this program does not know. A newer program can read it.",
    ),
    ("S006", "nested too deeply", "Arrays and tables are nested deeper than any scenario needs."),
    ("S007", "many mistakes", "Only the first mistakes are listed; repair them and look again."),
    (
        "S010",
        "unknown key",
        "No key of this name belongs here. Keys are never ignored, since a misspelt one would silently do nothing.",
    ),
    ("S011", "missing key", "A key that has no default is absent."),
    ("S012", "wrong type", "The value is of another type than this key needs."),
    (
        "S013",
        "number out of range",
        "The number is negative or does not fit. TOML integers end at 2^63-1; write larger ones as text: \"0xffff_ffff_ffff_f000\".",
    ),
    (
        "S014",
        "not a number",
        "The text is not a number: hexadecimal `0x…` (underscores allowed), decimal, and for sizes words such as \"4 KiB\".",
    ),
    ("S015", "not one of the words", "This key takes one of a few words."),
    ("S016", "wrong number of elements", "This array has a fixed length."),
    ("S020", "no verb", "A step is a table in which one key is a verb, such as `attach` or `map`."),
    ("S021", "several verbs", "A step does one thing: exactly one of its keys is a verb. Write two steps."),
    ("S030", "unknown function", "No function of this name is declared in `functions`."),
    ("S031", "unknown domain", "No domain of this name is declared in `domains` or allocated by a step."),
    ("S032", "domain used too early", "The domain is allocated by a later step."),
    (
        "S033",
        "domain used after free",
        "The domain was freed by an earlier step; it can be allocated again under the same name.",
    ),
    (
        "S034",
        "name used twice",
        "A function and a domain need names of their own; a domain can be allocated again only after it was freed.",
    ),
    (
        "S035",
        "not a name",
        "Names consist of letters, digits, `_`, `.` and `-`, and some words have a meaning of their own.",
    ),
    ("S036", "name too long", "Names have at most 64 characters."),
    ("S037", "unknown kernel", "No kernel of this name is known to this program."),
    ("S038", "unknown patch", "No patch of this name is known to this program."),
    (
        "S039",
        "not a range of kernels",
        "Write `v6.2..` (from), `..p3` (up to), `p1..p5` (both included) or one name.",
    ),
    ("S040", "too many steps", "A scenario has at most 10,000 steps."),
    ("S041", "too many functions", "A scenario has at most 256 functions."),
    ("S042", "too many domains", "A scenario has at most 256 domains, allocated ones included."),
    ("S043", "no function", "A scenario needs at least one function."),
    ("S044", "useless value", "Only one value makes sense here."),
];

/// Title and explanation of a code such as `S010`; none if there is no such code.
///
/// ```
/// let (title, _) = s390_iommu::scenario::explain("S010").unwrap();
/// assert_eq!(title, "unknown key");
/// ```
pub fn explain(code: &str) -> Option<(&'static str, &'static str)> {
    CODES.iter().find(|(known, ..)| *known == code).map(|(_, title, text)| (*title, *text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_unique() {
        assert!(CODES.windows(2).all(|w| w[0].0 < w[1].0));
    }
}
