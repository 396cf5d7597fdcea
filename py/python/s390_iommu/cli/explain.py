"""Say what a name or code means: kernels, patches, what-ifs, decisions, faults, warnings, crashes, messages, error numbers.

Without a name, list everything that can be explained.
exit code: 0, or 2 for what is not known"""

from __future__ import annotations

import argparse
import textwrap

from s390_iommu import runs
from s390_iommu.cli.common import complaints

WIDTH = 100


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this subcommand."""
    help = "v6.8, p3, base+p1,p4, reattach-on-failure, range-check, invalid-entry, cc1/40, pec 0x3a, detach_wrong_domain, deadlock, S010, T001, EINVAL"
    parser.add_argument("name", metavar="NAME", nargs="*", help=help)


def main(args: argparse.Namespace) -> int:
    """Explains it, or lists what can be."""
    if not args.name:
        for kind, names in runs.explainable().items():
            print(f"{kind}:")
            print(textwrap.fill(", ".join(names), WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False))
        print("and any other error number, such as ENXIO")
        return 0
    with complaints("s390-iommu"):
        text = runs.explain(" ".join(args.name))
    for line in text.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()))
        print(textwrap.fill(line, WIDTH, subsequent_indent=indent + "  ", break_on_hyphens=False))
    return 0
