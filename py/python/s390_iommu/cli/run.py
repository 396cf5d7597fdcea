"""Run scenarios: what happens step by step, and whether it is as expected.

exit code: 0 if every expectation held, 1 if not, 2 for bad input"""

from __future__ import annotations

import argparse
import json

from collections.abc import Iterator

from s390_iommu import runs
from s390_iommu.cli.common import HELD, NOT_HELD, complaints, scenario, words
from s390_iommu.cli.progress import Progress
from s390_iommu.failures import answers
from s390_iommu.values import Outcome, Step

WINDOWS = 10
"""Exposure windows that are printed one by one; of more there is a summary too."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this subcommand."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="scenario (TOML or JSON); - for standard input")
    parser.add_argument("--kernel", metavar="K", help="run on this kernel instead of the scenario's")
    parser.add_argument("--patches", metavar="P1,P4", help="with exactly these patches; an empty list for none")
    parser.add_argument("--profile", metavar="P", help="on this machine: lpar, zvm or qemu")
    parser.add_argument("--json", action="store_true", help="print a JSON array of outcomes")


def main(args: argparse.Namespace) -> int:
    """Runs every file."""
    patches = None if args.patches is None else words(args.patches)
    outcomes = []
    for name in args.files:
        with complaints(name), Progress(name) as progress:
            loaded = scenario(name)
            # The trace is only for JSON; without it, long runs take half the time.
            outcome = runs.run(loaded, args.kernel, patches, args.profile, trace=args.json, progress=progress)
        outcomes.append(outcome)
        if not args.json:
            show(name, outcome)
    if args.json:
        print(json.dumps([outcome.to_dict() for outcome in outcomes], ensure_ascii=False, indent=2))
    return HELD if all(outcome.held for outcome in outcomes) else NOT_HELD


def show(name: str, outcome: Outcome) -> None:
    """Prints one run."""
    print(f"{name}: {outcome.title}, on {outcome.revision}")
    for sentence in outcome.unmet:
        print(f"  note: {sentence}")
    for step in outcome.steps:
        show_step(name, step)
    for check in outcome.checks:
        print(f"      {check}")
    if outcome.stop:
        print(f"  stopped: {outcome.stop}")
    for window in outcome.windows[:WINDOWS]:
        print(f"  exposed: {window}")
    if len(outcome.windows) > WINDOWS:
        print("\n".join(f"  in all: {each}" for each in outcome.exposure))
    checks = [check for step in outcome.steps for check in step.checks] + list(outcome.checks)
    failed = sum(not check.held for check in checks)
    total = f"{len(checks)} expectation{'s' * (len(checks) != 1)}"
    print(f"{name}: {total}, {failed} not held" if failed else f"{name}: {total}, all held")


def judged(step: Step) -> Iterator[str]:
    """A verdict with its three answers, if they disagree, and what does not hold any more."""
    if step.access and step.access.verdict and not step.access.verdict.agrees:
        first, *three = answers(step.access.verdict)
        yield from (f"verdict {first}", *three)
    yield from (f"violates {violation}" for violation in step.violations)


def show_step(name: str, step: Step) -> None:
    """Prints one step with what it brought."""
    cpu = "" if step.cpu is None else f"cpu{step.cpu} "
    print(f"{step.number:4}  {cpu}{step.text} -> {step.result}")
    if step.note:
        print(f"      # {step.note}")
    for line in (*step.hw, *(f"warning {warning}" for warning in step.warnings), *judged(step)):
        print(f"      {line}")
    for check in step.checks:
        place = "" if check.held or not step.line else f" ({name}:{step.line})"
        print(f"      {check}{place}")
