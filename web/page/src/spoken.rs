//! The selected step in words, for those who hear the page.

use std::fmt::Write as _;

use s390_iommu_view::run::Row;

/// A step and what it did on each kernel.
pub fn spoken(rows: &[Row], step: u32, names: &[String]) -> String {
    let Some(row) = step.checked_sub(1).and_then(|index| rows.get(index as usize)) else {
        return "Start: before the first step.".to_owned();
    };
    let mut text = format!("Step {}: {}.", row.number, row.text);
    for (cell, name) in row.cells.iter().zip(names) {
        let _ = write!(text, " {name}: {}", cell.badge);
        if let Some(mark) = &cell.verdict {
            let _ = write!(text, ", verdict {}", mark.name);
        }
        if !cell.warnings.is_empty() {
            let _ = write!(text, ", {} warnings", cell.warnings.len());
        }
        if !cell.failed.is_empty() {
            let _ = write!(text, ", {} expectations failed", cell.failed.len());
        }
        text.push('.');
    }
    if row.differs {
        text += " The kernels differ here.";
    }
    text
}

#[cfg(test)]
mod tests {
    use s390_iommu_view::run::{Cell, Tone};

    use super::*;

    fn cell(badge: &str) -> Cell {
        Cell {
            badge: badge.to_owned(),
            tone: Tone::Good,
            value: None,
            term: None,
            verdict: None,
            violations: vec![],
            warnings: vec![],
            refreshes: 0,
            held: 0,
            failed: vec![],
            skipped: None,
        }
    }

    #[test]
    fn the_start_is_spoken() {
        assert_eq!(spoken(&[], 0, &[]), "Start: before the first step.");
    }

    #[test]
    fn both_kernels_are_spoken() {
        let cells = vec![cell("ok"), Cell { warnings: vec!["w".to_owned()], ..cell("-EINVAL") }];
        let row = Row {
            number: 1,
            line: 0,
            cpu: None,
            text: "attach f0".to_owned(),
            note: None,
            cells,
            differs: true,
        };
        assert_eq!(
            spoken(&[row], 1, &["p2".to_owned(), "p3".to_owned()]),
            "Step 1: attach f0. p2: ok. p3: -EINVAL, 1 warnings. The kernels differ here."
        );
    }
}
