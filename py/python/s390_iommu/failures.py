"""A run that did not hold, in a few lines: what a test report shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from s390_iommu.links import Link
from s390_iommu.runs import meaning
from s390_iommu.values import Check, Outcome, Verdict

CHECKS = 3
EVENTS = 6
COLUMNS = 160


def failure(outcome: Outcome, source: str, name: str, page: str = "", kernel: str | None = None) -> str:
    """The first step whose expectations did not hold, with the walk, the last events and a link; at most 25 lines.

    `source` is the scenario's text and `name` its file's name, `page` the playground's address, `kernel` the kernel it ran
    on where that was not the scenario's own choice.
    """
    step = next((step for step in outcome.steps if not step.held), None)
    checks = step.checks if step else outcome.checks
    place = f"{name}:{step.line}" if step and step.line else name
    what = f"step {step.number}, {step.text} -> {step.result}" if step else "the end"
    lines = [f"{place}: on {outcome.revision}: {what}", *_checks([check for check in checks if not check.held])]
    if outcome.stop:
        lines.append(f"  stopped: {outcome.stop}")
    if step and step.walk:
        lines += ["walk:", *(f"  {line}" for line in str(step.walk).split("\n"))]
        lines += [f"  {meaning('Fault', step.walk.fault)}"] if step.walk.fault else []
    if step and step.access and step.access.verdict:
        lines += ["verdict:", *(f"  {line}" for line in answers(step.access.verdict))]
    end = step.events[1] if step else len(outcome.trace)
    # What the driver asked about its kernel explains a difference, not a result.
    events = [event for event in outcome.trace[1:end] if " ask " not in event]
    if events:
        lines += ["last events:", *(f"  {event}" for event in events[-EVENTS:])]
    others = sum(not each.held for each in outcome.steps) + any(not check.held for check in outcome.checks) - 1
    if others:
        lines.append(f"and {others} more step{'s' * (others > 1)} with expectations that did not hold")
    lines = [line if len(line) <= COLUMNS else f"{line[: COLUMNS - 2]} …" for line in lines]
    return "\n".join([*lines, f"link: {page}{Link(source, kernel, step=step.number if step else None).encode()}"])


def answers(verdict: Verdict) -> list[str]:
    """A verdict with its three answers."""
    three = (("intent", verdict.intent), ("tables", verdict.tables), ("cache", verdict.cache))
    return [verdict.text, *(f"  {who:6} {answer}" for who, answer in three)]


def _checks(failed: Sequence[Check]) -> Iterator[str]:
    for check in failed[:CHECKS]:
        yield f"  expected {check.what} = {check.expected}"
        yield f"  got      {check.what} = {check.got}"
    if len(failed) > CHECKS:
        yield f"  and {len(failed) - CHECKS} more"

