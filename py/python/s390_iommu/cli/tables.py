"""Show the translation tables in a dump, and what is wrong with them.

FILE is table memory of a capture (.tab, .tab.gz), an ELF core of an s390x machine, or, with --base, raw memory.
exit code: 0 if nothing is wrong, 1 if something is, 2 for bad input"""

from __future__ import annotations

import argparse
import json

from s390_iommu.cli.common import HELD, NOT_HELD, BadInput, complaints, number
from s390_iommu.cli.dump import dump_arguments, loaded
from s390_iommu.cli.progress import Progress


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this subcommand."""
    dump_arguments(parser)
    parser.add_argument("--pba", metavar="A", help="first address the function may use: mappings below are found")
    parser.add_argument("--pal", metavar="A", help="last address it may use: mappings above are found")
    parser.add_argument("--memory", metavar="BYTES", help="size of the machine's memory: frames beyond are found")
    parser.add_argument("--rows", metavar="N", default="400", help="rows of the tree that are shown at most (400)")
    parser.add_argument("--json", action="store_true", help="print tree and findings as JSON")


def main(args: argparse.Namespace) -> int:
    """Prints tree and findings."""
    if (args.pba is None) != (args.pal is None):
        raise BadInput("s390-iommu: error[A001]: --pba and --pal go together")
    span = None if args.pba is None else (number(args.pba), number(args.pal))
    size = None if args.memory is None else number(args.memory)
    memory = None if size is None else (0, max(size - 1, 0))
    with complaints(args.file), loaded(args) as dump, Progress(args.file) as progress:
        tree = dump.tree(number(args.iota), number(args.rows))
        report = dump.lint(number(args.iota), span, memory, progress=progress)
    if args.json:
        print(json.dumps({"format": dump.format, "tree": tree.to_dict(), "lint": report.to_dict()}, indent=2))
    else:
        print(tree)
        print(report)
    return HELD if report.clean else NOT_HELD
