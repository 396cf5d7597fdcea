"""Run one scenario on several kernels and show where they first differ.

The first kernel is what the others are compared with.
exit code: 0, or 2 for bad input"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator
from itertools import groupby

from s390_iommu import runs
from s390_iommu.cli.common import complaints, scenario
from s390_iommu.cli.progress import Progress
from s390_iommu.values import Comparison, Counters, Difference, Step


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this subcommand."""
    parser.add_argument("file", metavar="FILE", help="scenario (TOML or JSON); - for standard input")
    parser.add_argument(
        "--kernels",
        required=True,
        metavar="LIST",
        help="kernels, such as base,p6,v6.8,v7.3, ranges such as p1..p6 or v6.12.., or all; "
        "sets of patches are set off by blanks: 'base base+p1,p4'",
    )
    parser.add_argument("--profile", metavar="P", help="on this machine: lpar, zvm or qemu")
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")


def main(args: argparse.Namespace) -> int:
    """Runs and compares."""
    with complaints(args.file), Progress(args.file) as progress:
        both = runs.compare(scenario(args.file), args.kernels, args.profile, progress=progress)
    if args.json:
        print(both.to_json(indent=2))
    else:
        show(both)
    return 0


def show(both: Comparison) -> None:
    """Prints the differences, kernels in a row that differ alike together, then the counters of each kernel."""
    print(both.outcomes[0].title)
    for text, alike in groupby(both.differences, lambda difference: describe(difference, both)):
        print(f"\n{both.kernels[0]} and {', '.join(difference.right for difference in alike)}: {text}")
    for line in judgements(both):
        print(line)
    print()
    counters = [field.name for field in dataclasses.fields(Counters)]
    first = max(map(len, both.kernels))
    print(" " * first + "".join(f"  {name.replace('_', ' ')}" for name in counters))
    for outcome in both.outcomes:
        counts = (f"  {getattr(outcome.counters, name):>{len(name)}}" for name in counters)
        print(f"{outcome.revision:{first}}" + "".join(counts))


def judgements(both: Comparison) -> Iterator[str]:
    """Verdicts and violations that are not the same on all kernels, kernels with the same together."""
    for steps in zip(*(outcome.steps for outcome in both.outcomes), strict=True):
        said = list(zip(both.kernels, map(judged, steps), strict=True))
        if len({what for _, what in said}) > 1:
            yield f"\nstep {steps[0].number}, {steps[0].text}"
            for what, alike in groupby(said, lambda pair: pair[1]):
                yield f"  {', '.join(kernel for kernel, _ in alike)}: {what}"


def judged(step: Step) -> str:
    """What is made of a step."""
    if step.skipped or step.stop:
        return step.result
    verdict = [step.access.verdict.text] if step.access and step.access.verdict else []
    return "; ".join(verdict + [f"violates {violation}" for violation in step.violations]) or "nothing is violated"


def describe(difference: Difference, both: Comparison) -> str:
    """The first difference in words."""
    first = difference.divergence
    if first is None:
        return "nothing differs"
    where = f"step {first.step}, {both.outcomes[0].steps[first.step - 1].text}" if first.step else "the end"
    text = f"first differ at {where}\n  {first.what}: {first.left} | {first.right}"
    more = len(difference.differing_steps) - 1
    return f"{text}\n  and at {more} more step{'s' * (more != 1)}" if more > 0 else text
