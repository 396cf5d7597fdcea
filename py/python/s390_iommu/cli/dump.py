"""What the subcommands that read dumps share."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from s390_iommu._engine import Dump
from s390_iommu.cli.common import BadInput, number
from s390_iommu.dumps import DumpError, load_dump


def dump_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, the anchor, and where raw memory begins."""
    parser.add_argument("file", metavar="FILE", help="the dump")
    parser.add_argument("--iota", required=True, metavar="X", help="the anchor that is registered: 0x8a004804")
    parser.add_argument("--base", metavar="A", help="absolute address at which raw memory begins")


@contextmanager
def loaded(args: argparse.Namespace) -> Iterator[Dump]:
    """The dump; what is wrong with it, or with a question to it, becomes a message for the terminal."""
    base = None if args.base is None else number(args.base)
    try:
        yield load_dump(args.file, base)
    except DumpError as error:
        place = "" if error.at is None else f"at byte {error.at:#x}: "
        raise BadInput(f"{args.file}: error[{error.code}]: {place}{error.message}") from None
    except OSError as error:
        raise BadInput(f"{args.file}: error[F001]: cannot be read: {error.strerror or error}") from None
