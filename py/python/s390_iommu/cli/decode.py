"""Explain a word bit by bit, in both bit numberings, and what a walk does next.

exit code: 0, or 2 for bad input"""

from __future__ import annotations

import argparse

from s390_iommu import _engine
from s390_iommu.cli.common import complaints, number


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this subcommand."""
    parser.add_argument(
        "kind", metavar="KIND", help="iota, region-first, region-second, region-third, segment or page"
    )
    parser.add_argument("word", metavar="WORD", help="the word: 0x7feed200")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def main(args: argparse.Namespace) -> int:
    """Explains the word."""
    with complaints("s390-iommu"):
        decoded = _engine.decode(args.kind, number(args.word))
    print(decoded.to_json(indent=2) if args.json else decoded)
    return 0
