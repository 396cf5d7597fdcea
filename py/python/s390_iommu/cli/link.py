"""Print the playground link of a scenario: the part after the page's address, or all of it.

exit code: 0, or 2 for bad input"""

from __future__ import annotations

import argparse

from s390_iommu import _engine
from s390_iommu.cli.common import complaints, read, words
from s390_iommu.links import Link


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this subcommand."""
    parser.add_argument("file", metavar="FILE", help="scenario (TOML or JSON); - for standard input")
    parser.add_argument("--kernel", metavar="K", help="open it on this kernel")
    parser.add_argument("--patches", metavar="P1,P4", help="with exactly these patches")
    parser.add_argument("--page", metavar="URL", default="", help="the page's address, to be put before it")


def main(args: argparse.Namespace) -> int:
    """Prints the link."""
    text = read(args.file)
    patches = None if args.patches is None else words(args.patches)
    with complaints(args.file):
        # A link may hold anything; one that is printed here should open without complaints.
        _engine.Session(_engine.parse(text), args.kernel, patches)
        print(args.page + Link(text, args.kernel, None if patches is None else tuple(patches)).encode())
    return 0
