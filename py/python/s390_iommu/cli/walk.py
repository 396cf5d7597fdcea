"""Walk translation tables in a dump: each entry on the way, what it says, and where it leads.

FILE is table memory of a capture (.tab, .tab.gz), an ELF core of an s390x machine, or, with --base, raw memory.
exit code: 0 if every address leads somewhere, 1 if not, 2 for bad input"""

from __future__ import annotations

import argparse
import json

from s390_iommu.cli.common import HELD, NOT_HELD, complaints, number
from s390_iommu.cli.dump import dump_arguments, loaded


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this subcommand."""
    dump_arguments(parser)
    parser.add_argument("iova", metavar="IOVA", nargs="+", help="address as the device uses it")
    parser.add_argument("--write", action="store_true", help="the device wants to write")
    parser.add_argument("--json", action="store_true", help="print a JSON array of walks")


def main(args: argparse.Namespace) -> int:
    """Prints the walks."""
    with complaints(args.file), loaded(args) as dump:
        walks = [dump.walk(number(args.iota), number(iova), args.write) for iova in args.iova]
    if args.json:
        print(json.dumps([walk.to_dict() for walk in walks], indent=2))
    else:
        print("\n\n".join(map(str, walks)))
    return HELD if all(walk.phys is not None for walk in walks) else NOT_HELD
