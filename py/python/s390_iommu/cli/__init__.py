"""The command `s390-iommu`: one file per subcommand."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from s390_iommu import __version__
from s390_iommu.cli import capture, compare, decode, explain, link, replay, run, tables, walk
from s390_iommu.cli.common import BAD_INPUT, INTERRUPTED, BadInput
from s390_iommu.errors import InternalError

COMMANDS = (run, compare, replay, capture, tables, walk, decode, link, explain)

EXAMPLES = """\
examples:
  s390-iommu run shrink.zpci.toml --kernel p3
  s390-iommu compare shrink.zpci.toml --kernels base,p3,v6.8..
  s390-iommu replay series.jsonl.gz
  s390-iommu capture k612-passthrough
  s390-iommu tables ck03-blk.tab.gz --iota 0x8a004804
  s390-iommu walk ck03-blk.tab.gz --iota 0x8a004804 0x123456789
  s390-iommu decode page 0x7feed200
  s390-iommu explain v6.8

A kernel is v6.1-rc2 (or base), p1 to p6 for that many patches on it, a set such as v6.1-rc2+p1,p4, a later one such as
v6.8, or any of them with a what-if: p1~reattach-on-failure. `s390-iommu explain` lists them all.
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="s390-iommu",
        description="A laboratory for the IBM Z (s390) PCI IOMMU: Linux's driver, kernel by kernel.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"s390-iommu {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        name = module.__name__.rpartition(".")[2]
        about = (module.__doc__ or "").strip()
        command = commands.add_parser(
            name,
            help=about.split("\n", 1)[0].rstrip("."),
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.arguments(command)
        command.set_defaults(run=module.main)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    try:
        arguments = parser().parse_args(argv)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except BadInput as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except InternalError as error:
        print(f"s390-iommu: a mistake of this program, please report it: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("s390-iommu: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough of it: nothing more may be written, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
