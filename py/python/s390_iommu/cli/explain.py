"""Say what a code, a fault, a kernel warning, an error number, a crash or a patch means.

exit code: 0, or 2 for what is not known"""

from __future__ import annotations

import argparse

from s390_iommu import runs
from s390_iommu.cli.common import complaints


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this subcommand."""
    parser.add_argument("code", metavar="CODE", help="S010, invalid-entry, detach_wrong_domain, EINVAL, list-never-ends, p3")


def main(args: argparse.Namespace) -> int:
    """Explains it."""
    with complaints("s390-iommu"):
        print(runs.explain(args.code))
    return 0
