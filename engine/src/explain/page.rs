//! The book's page of codes, written from the tables so that it is always true.

use std::fmt::Write as _;

use super::{Explanation, KINDS, Kind};

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
        let meanings: Vec<_> = kind.names().iter().flat_map(|name| exactly(kind, name)).collect();
        // A title that all of them have says nothing.
        let titled = meanings.iter().any(|meaning| meaning.title != meanings[0].title);
        for meaning in meanings {
            let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
            let title = if titled { format!("**{}.** ", cell(&meaning.title)) } else { String::new() };
            let look =
                if meaning.look.is_empty() { String::new() } else { format!(" {}", cell(&meaning.look)) };
            let (code, text, source) = (&meaning.code, cell(&meaning.text), cell(&meaning.source));
            let _ = writeln!(page, "| `{code}` | {title}{text}{look} | {source} |");
        }
    }
    page
}

fn exactly(kind: &Kind, name: &str) -> Vec<Explanation> {
    kind.find(name).into_iter().filter(|meaning| meaning.code == name).collect()
}
