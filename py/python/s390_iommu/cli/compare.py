"""Run one scenario on several kernels and show where they first differ.

The first kernel is what the others are compared with.
exit code: 0, or 2 for bad input"""

from __future__ import annotations

import argparse
import dataclasses

from s390_iommu import runs
from s390_iommu.cli.common import complaints, scenario
from s390_iommu.cli.progress import Progress
from s390_iommu.values import Comparison, Difference


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
    """Prints the differences, then the counters side by side."""
    print(both.outcomes[0].title)
    for difference in both.differences:
        print(f"\n{difference.left} and {difference.right}: {describe(difference, both)}")
    width = max(len(kernel) for kernel in both.kernels) + 2
    print("\n" + " " * 18 + "".join(f"{kernel:>{width}}" for kernel in both.kernels))
    for field in dataclasses.fields(both.outcomes[0].counters):
        counts = (getattr(outcome.counters, field.name) for outcome in both.outcomes)
        print(f"{field.name.replace('_', ' '):18}" + "".join(f"{count:>{width}}" for count in counts))


def describe(difference: Difference, both: Comparison) -> str:
    """The first difference in words."""
    first = difference.divergence
    if first is None:
        return "nothing differs"
    where = f"step {first.step}, {both.outcomes[0].steps[first.step - 1].text}" if first.step else "the end"
    text = f"first differ at {where}\n  {first.what}: {first.left} | {first.right}"
    more = len(difference.differing_steps) - 1
    return f"{text}\n  and at {more} more step{'s' * (more != 1)}" if more > 0 else text
