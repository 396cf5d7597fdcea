"""Replay recordings of the real driver and of the kernel code around it, and compare every field.

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


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this subcommand."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="recording: JSON Lines, plain or packed with gzip")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def main(args: argparse.Namespace) -> int:
    """Replays every file."""
    replay = Replay()
    with Progress("replay") as progress:
        for name in args.files:
            feed(replay, name, progress)
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


def feed(replay: Replay, name: str, progress: Progress) -> None:
    """Replays a file. One whose first line is none of a recording is refused as a whole."""
    everything = list(lines(name))
    for index, (number, line) in enumerate(everything):
        before = replay.report() if index == 0 else None
        replay.feed(line)
        if before and (after := replay.report()).scenarios == before.scenarios:
            why = after.details[-1].text if len(after.details) > len(before.details) else "no scenario"
            raise BadInput(f"{name}:{number}:1: error[F006]: not a recording: {why}")
        progress(index + 1, len(everything))


def lines(name: str) -> Iterator[tuple[int, str]]:
    """The lines of a file with their numbers, each looked at before it is believed."""
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
            yield number, line
    if not found:
        raise BadInput(f"{name}: error[F004]: not a recording: there is nothing in it")


def check(place: str, line: str) -> None:
    """Raises `BadInput` unless the line is JSON; which recordings there are is the engine's to know."""
    try:
        json.loads(line)
    except ValueError as error:
        column = getattr(error, "colno", 1)
        excerpt = line[max(0, column - 50) : column + 49]
        caret = " " * (min(column, 50) - 1) + "^"
        raise BadInput(
            f"{place}:{column}: error[F005]: not a recording: the line is not JSON\n  | {excerpt}\n  | {caret}"
        ) from None
    except RecursionError:
        raise BadInput(f"{place}:1: error[F005]: not a recording: the line is nested too deeply") from None
