//! The book's page about kernels says what the engine does: it is written from the decisions themselves.

use std::fmt::Write as _;

use s390_iommu::revision::{Behavior, PatchId, Revision, VariantId};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../book/src/kernels.md");

const HEAD: &str = "\
# Kernels

What each modelled kernel does differently from the one before it, as [decisions](contributing/architecture.md) of the driver
and of the code around it. `s390-iommu compare FILE --kernels A,B` shows what a difference means for a scenario.

The kernels are v6.1-rc2 (alias `base`), the six steps `p1` … `p6` of the series, and v6.2, v6.6, v6.8, v6.12, v6.16, v6.18 and
v7.3. Every one of them was recorded, and agrees with its recordings in every field. v6.8 stands for v6.7 to v6.11.

<!-- From here on this page is written by a test: UPDATE=1 cargo test -p s390-iommu --test kernels_page -->
";

/// Text of a documentation comment, without the space that each line begins with.
fn plain(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn about(name: &str) -> (String, &'static [(&'static str, &'static str)]) {
    let text = Behavior::TEXTS.iter().find(|text| text.name == name).unwrap();
    (plain(text.about), text.values)
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("\n## From kernel to kernel\n\n| kernel | decision | does now |\n|---|---|---|\n");
    let line: Vec<Revision> = Revision::line().collect();
    for pair in line.windows(2) {
        let (before, after) = (pair[0].behavior().decisions(), pair[1].behavior().decisions());
        for ((name, _), (_, value)) in before.iter().zip(&after).filter(|(a, b)| a != b) {
            let (_, values) = about(name);
            let (_, what) = values.iter().find(|(label, _)| label == value).unwrap();
            writeln!(page, "| {} | {name}: {value} | {} |", pair[1], plain(what)).unwrap();
        }
    }
    page.push_str("\n## The decisions\n");
    for text in Behavior::TEXTS {
        writeln!(page, "\n**{}**: {}\n", text.name, plain(text.about)).unwrap();
        for (label, what) in text.values {
            let on: Vec<String> = line
                .iter()
                .filter(|revision| revision.behavior().decisions().contains(&(text.name, *label)))
                .map(ToString::to_string)
                .collect();
            let on = match (on.first(), on.last()) {
                (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
                (Some(only), _) => only.clone(),
                _ => "what-if".to_owned(),
            };
            writeln!(page, "- `{label}` ({on}): {}", plain(what)).unwrap();
        }
    }
    page.push_str("\n## The six patches\n\n| patch | subject | before | after |\n|---|---|---|---|\n");
    for id in PatchId::ALL {
        let patch = id.patch();
        writeln!(page, "| {id} | {} | {} | {} |", patch.title, patch.before, patch.after).unwrap();
    }
    page.push_str(
        "\n## What-ifs\n\nBehaviours that review took out of the series, one that a release had by mistake, and two that show why \
         the code is as it is. They are written after a kernel's name: `p1~reattach-on-failure`.\n",
    );
    for id in VariantId::all() {
        let variant = id.variant();
        writeln!(
            page,
            "\n**{}~{id}** — {}. {} {}",
            variant.seen_on, variant.origin, variant.what, variant.why_not
        )
        .unwrap();
    }
    page
}

#[test]
fn the_page_is_what_the_engine_does() {
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(PAGE).unwrap_or_default(), page, "UPDATE=1 writes the page");
}
