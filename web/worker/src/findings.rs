//! What a lint of a dump found.

use s390_iommu::dump::LintReport;
use s390_iommu_view::file::{Finding, Lint};
use s390_iommu_view::hex::{hex, word};

use crate::timeline::grouped;

/// The report as it is shown.
pub fn lint(report: &LintReport) -> Lint {
    let (errors, notes) = report.totals();
    let count = |number: u64, name: &str| match number {
        1 => format!("1 {name}"),
        _ => format!("{number} {name}s"),
    };
    let finding = |found: &s390_iommu::dump::Finding| Finding {
        code: found.flaw.code().to_owned(),
        note: found.note,
        iova: hex(found.iova.get()),
        entry: match (found.level, found.at) {
            (Some(level), Some(at)) => {
                format!("{} entry {} at {}", level.name(), word(found.word), hex(at.get()))
            }
            _ => format!("anchor {}", word(found.word)),
        },
        message: grouped(&found.message),
    };
    Lint {
        counts: report.counts.to_string(),
        verdict: format!("{}, {}", count(errors, "finding"), count(notes, "note")),
        clean: report.is_clean(),
        findings: report.findings.iter().map(finding).collect(),
        more: report.hidden(),
    }
}
