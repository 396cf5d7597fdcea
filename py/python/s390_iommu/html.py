"""Values as HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from s390_iommu.values import Access, Cache, CachedRun, Comparison, Decoded, Outcome, Row, Step, Tree, Verdict


def outcome(run: Outcome) -> str:
    """A run as a table of its steps."""
    verdict = "held" if run.held else "not held"
    stop = f", stopped: {run.stop}" if run.stop else ""
    heads = ("", "step", "result", "hardware and warnings", "verdict and violations", "not held")
    return f"<p><b>{escape(run.title)}</b> on {escape(run.revision)}: {verdict}{stop}</p>{_table(heads, map(_step, run.steps))}"


def _step(step: Step) -> tuple[str, ...]:
    failed = (f"{check.what}: expected {check.expected}, got {check.got}" for check in step.checks if not check.held)
    wrong = [violation.text for violation in step.violations]
    if step.access and step.access.verdict:
        wrong.insert(0, step.access.verdict.text)
    told = ", ".join((*step.hw, *step.warnings))
    return str(step.number), step.text, step.result, told, "; ".join(wrong), "; ".join(failed)


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


def verdict(judged: Verdict) -> str:
    """A verdict as a table of the three answers."""
    rows = (("intent", judged.intent), ("tables", judged.tables), ("cache", judged.cache))
    return f"<p><b>{escape(judged.text)}</b></p>{_table(('who', 'answer'), rows)}<p>{escape(judged.meaning)}</p>"


def access(done: Access) -> str:
    """An access with its verdict."""
    text = f"<p>{escape(str(done).splitlines()[0])}</p>"
    return text + (verdict(done.verdict) if done.verdict else "")


def cache(cached: Cache) -> str:
    """What is cached as a table of runs."""
    heads = ("address", "frame", "permission", "pages", "stale")
    return f"<p>{escape(str(cached).splitlines()[0])}</p>{_table(heads, map(_cached, cached))}"


def _cached(run: CachedRun) -> tuple[str, ...]:
    stale = str(run.verdict or "yes") if run.stale else ""
    return hex(run.iova), hex(run.phys), "rw" if run.writable else "r", str(run.pages), stale


def tree(table: Tree) -> str:
    """Translation tables, to be folded and unfolded."""
    rows = "".join(map(_row, table.rows))
    more = f"<li>and {table.omitted} more</li>" if table.omitted else ""
    title = f"{table.level.replace('_', '-')} table {table.origin:#x}"
    return f"<details open><summary>{title}</summary><ul>{rows}{more}</ul></details>"


def _row(row: Row) -> str:
    last = f"..{row.index + row.count - 1:#x}" if row.count > 1 else ""
    child = tree(row.child) if row.child else ""
    return f"<li><code>{row.index:#x}{last}</code> {escape(row.kind)}, from {row.iova:#x}: <code>{row.word:#x}</code>{child}</li>"


def decoded(word: Decoded) -> str:
    """A word as a table of its bits."""
    rows = ((each.name, _bits(each.lsb), _bits(each.msb), hex(each.value), each.meaning) for each in word.fields)
    heads = ("field", "bits, lowest is 0", "bits, highest is 0", "value", "meaning")
    return f"<p><code>{word.word:#x}</code> {escape(word.meaning)}</p>{_table(heads, rows)}<p>{escape(word.next)}</p>"


def _bits(bits: tuple[int, int]) -> str:
    return str(bits[0]) if bits[0] == bits[1] else f"{bits[0]}-{bits[1]}"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
