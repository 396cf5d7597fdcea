//! Every code a mistake can have, with its explanation. A code is assigned once and never reused.

macro_rules! codes {
    ($($name:ident $code:literal $text:literal;)+) => {
        $(pub(in crate::scenario) const $name: &str = $code;)+

        /// Every code that a mistake in a scenario can have, with its explanation, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $text),)+];
    };
}

codes! {
    SYNTAX "S001" "The text is neither TOML nor, from its first character, JSON. Nothing else is checked until it is.";
    EMPTY "S002" "The text holds no keys at all. The smallest scenario has `schema = 1`, a title, and one function.";
    TOO_LONG "S003" "A scenario is at most 1 MiB of text.";
    TOO_DEEP "S004" "Tables, arrays and dotted keys nest at most 64 deep.";
    NO_SCHEMA "S005" "`schema = 1` says which version of the format the file is in; without it, nothing can be read safely.";
    SCHEMA "S006" "The file is in a version of the format that this program does not know. Versions are never guessed: use a newer program.";
    UNKNOWN_KEY "S010" "The key means nothing here. Unknown keys are errors, because a misspelled one would silently do nothing.";
    DUPLICATE_KEY "S011" "The key is there twice.";
    MISSING_KEY "S012" "A key that cannot be left out is missing.";
    TYPE "S013" "The value is of another kind than the key takes.";
    NO_VERB "S014" "A step has one key that says what is done, such as `map` or `attach`; this one has none.";
    VERBS "S015" "A step does one thing; this one has two keys that say what is done.";
    NUMBER "S020" "The text is not a number: hexadecimal such as \"0x1_0000_0000\", for sizes also words such as \"4 KiB\".";
    NEGATIVE "S021" "Addresses, sizes and counts are not negative.";
    OVERFLOW "S022" "The number does not fit. TOML integers end at 2^63-1: larger numbers are quoted hexadecimal text.";
    RANGE "S023" "The number is outside of what the key takes.";
    WORD "S024" "The key takes one of a few words, and this is none of them.";
    RETURN_CODE "S025" "A return code is 0, a negative number down to -4095, or the name of an error such as \"EINVAL\".";
    BYTES "S026" "Bytes are written as hexadecimal digits, two for each, such as \"00 11 22 33\"; at most 65,536 of them.";
    NAME "S030" "A name has 1 to 64 characters of A-Z, a-z, 0-9, `_`, `.` and `-`, and is none of the words none, identity, blocking, dma_api, freed.";
    DUPLICATE_NAME "S031" "Two functions, or two domains, have the same name. A step may allocate a name again: after a free, or when the first allocation failed.";
    UNKNOWN_FUNCTION "S032" "No function of this name is declared in `functions`.";
    UNKNOWN_DOMAIN "S033" "No domain of this name is declared in `domains` or allocated by an earlier step.";
    KERNEL "S034" "There is no kernel of this name.";
    PATCH "S035" "There is no patch of this name, or the kernel does not take patches.";
    KERNEL_RANGE "S036" "`on` is one kernel's name, or a range with both ends included: `v6.2..`, `..p3`, `p1..p5`.";
    SCHEDULE "S037" "A schedule is words of CPU or CPUxTIMES, where CPU is 0 or 1, with at most 100,000 turns in all: `0x12 1x30 0`.";
    NO_FUNCTION "S040" "A scenario has at least one function.";
    STEPS "S041" "A scenario has at most 10,000 steps.";
    FUNCTIONS "S042" "A scenario has at most 256 functions.";
    DOMAINS "S043" "A scenario has at most 256 domains, those allocated by steps included.";
    MORE "S099" "There are more mistakes than the hundred that are listed.";
}

/// What a code of a [`Diagnostic`](super::Diagnostic) means, in a sentence or two; `None` for what is no code.
///
/// ```
/// assert!(s390_iommu::scenario::explain("S010").unwrap().contains("misspelled"));
/// assert_eq!(s390_iommu::scenario::explain("S000"), None);
/// ```
pub fn explain(code: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == code).map(|(_, text)| *text)
}
