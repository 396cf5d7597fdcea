"""Runs as HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from s390_iommu.values import Comparison, Outcome


def outcome(run: Outcome) -> str:
    """A run as a table of its steps."""
    verdict = "held" if run.held else "not held"
    rows = (
        (
            str(step.number),
            step.text,
            step.errno and f"-{step.errno}" or str(step.rc),
            "" if step.value is None else hex(step.value),
            ", ".join((*step.hw, *step.warnings)),
            "; ".join(f"{check.what}: expected {check.expected}, got {check.got}" for check in step.checks if not check.held),
        )
        for step in run.steps
    )
    heads = ("", "step", "rc", "value", "hardware and warnings", "not held")
    return f"<p><b>{escape(run.title)}</b> on {escape(run.revision)}: {verdict}</p>{_table(heads, rows)}"


def comparison(both: Comparison) -> str:
    """A comparison as a table of kernels."""
    first = (both.outcomes[0].revision, "", "", "", "")
    others = (
        (each.right, "no difference", "", "", "")
        if each.divergence is None
        else (each.right, str(each.divergence.step), each.divergence.what, each.divergence.left, each.divergence.right)
        for each in both.differences
    )
    return _table(("kernel", "first differs at step", "in", both.outcomes[0].revision, "here"), (first, *others))


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
