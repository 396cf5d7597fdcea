//! The book's page of codes, written from the tables so that it is always true.

use std::fmt::Write as _;

use super::KINDS;

const HEAD: &str = "\
# Codes

What names and codes mean that appear in outcomes, traces, messages and dumps. `s390-iommu explain CODE` says the same, and
takes what people write for them too: `cc1/40`, `pec 0x3a`, `-EINVAL`.

This page is written by the tests from the same texts.
";

/// The page, in Markdown.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for kind in KINDS.iter().filter(|kind| kind.listed) {
        let mut title = kind.title.to_owned();
        title[..1].make_ascii_uppercase();
        let _ = write!(page, "\n## {title}\n\n| code | meaning | source |\n|---|---|---|\n");
        for name in kind.names() {
            for meaning in kind.find(&name).iter().filter(|meaning| meaning.code == name) {
                let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
                let (text, look) = (cell(&meaning.text), cell(&meaning.look));
                let gap = if look.is_empty() { "" } else { " " };
                let title = cell(&meaning.title);
                let _ = writeln!(
                    page,
                    "| `{name}` | **{title}.** {text}{gap}{look} | {} |",
                    cell(&meaning.source)
                );
            }
        }
    }
    page
}
