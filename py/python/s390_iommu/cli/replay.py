"""Replay recordings of the real driver and compare every field.

The last line is always `N scenarios, M operations, K mismatches`.
exit code: 0 if K = 0, 1 if not, 2 for files that cannot be read or are no recordings"""

from __future__ import annotations

import argparse
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from s390_iommu._engine import Replay
from s390_iommu.cli.common import HELD, NOT_HELD, BadInput
from s390_iommu.cli.progress import Progress

MAGIC = b"\x1f\x8b"
KEYS = ("revision", "devices", "ops", "results", "final")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this subcommand."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="recording: JSON Lines, plain or packed with gzip")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def main(args: argparse.Namespace) -> int:
    """Replays every file."""
    replay = Replay()
    with Progress("replay") as progress:
        for name in args.files:
            everything = list(lines(name))
            for index, line in enumerate(everything):
                replay.feed(line)
                progress(index, len(everything))
    report = replay.report()
    if args.json:
        print(report.to_json(indent=2))
        return NOT_HELD if report.mismatches else HELD
    for mismatch in report.details:
        print(mismatch)
    hidden = report.mismatches - len(report.details)
    if hidden:
        print(f"and {hidden} more")
    print(report)
    return NOT_HELD if report.mismatches else HELD


def lines(name: str) -> Iterator[str]:
    """The lines of a recording, each looked at before it is believed."""
    try:
        data = Path(name).read_bytes()
        text = (gzip.decompress(data) if data.startswith(MAGIC) else data).decode()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(f"{name}: error[F003]: damaged gzip file: {error}") from None
    except OSError as error:
        raise BadInput(f"{name}: error[F001]: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{name}: error[F004]: not a recording: this is not UTF-8 text") from None
    found = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            check(f"{name}:{number}", line)
            found = True
            yield line
    if not found:
        raise BadInput(f"{name}: error[F004]: not a recording: there is nothing in it")


def check(place: str, line: str) -> None:
    """Raises `BadInput` unless the line is a scenario of the family that can be replayed."""
    try:
        record = json.loads(line)
    except ValueError as error:
        column = getattr(error, "colno", 1)
        excerpt = line[max(0, column - 50) : column + 49]
        caret = " " * (min(column, 50) - 1 if column > 50 else column - 1) + "^"
        raise BadInput(
            f"{place}:{column}: error[F005]: not a recording: the line is not JSON\n  | {excerpt}\n  | {caret}"
        ) from None
    except RecursionError:
        raise BadInput(f"{place}:1: error[F005]: not a recording: the line is nested too deeply") from None
    if not isinstance(record, dict) or (missing := [key for key in KEYS if key not in record]):
        shown = ", ".join(sorted(record)[:8]) if isinstance(record, dict) else type(record).__name__
        lacks = f"lacks {', '.join(missing)}" if isinstance(record, dict) else "is no object"
        raise BadInput(
            f"{place}:1: error[F006]: unknown family of records: the line {lacks} (it has: {shown or 'nothing'})\n"
            "  help: recordings of the driver can be replayed: one scenario a line with its operations, results and final state"
        )
