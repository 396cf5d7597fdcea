"""Replay captures of real guests through the machine and compare every answer.

A directory is a run (run.json with events.jsonl.gz and checkpoints, or with vfio.jsonl.gz), a set of random
walks (NAME.tab.gz with NAME.jsonl.gz), or holds such directories. A table shows what each run was like:
refreshes by kind, accesses, error events, the most stale pages at a checkpoint, accesses that used a stale page,
the longest exposure in virtual microseconds, operations of VFIO and iommufd users that the simulated kernel performed
to compare results and instructions, and instructions there that are others': device drivers', the boot's. The last line is always `N runs, M checks, K mismatches`.
exit code: 0 if K = 0, 1 if not, 2 for files that cannot be read or are no captures"""

from __future__ import annotations

import argparse
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from s390_iommu._engine import CaptureReplay
from s390_iommu.cli.common import HELD, NOT_HELD, BadInput
from s390_iommu.cli.progress import Progress

LOG = "events.jsonl.gz"
OPERATIONS = "vfio.jsonl.gz"
TABLES = ".tab.gz"
LINE_LIMIT = 64 << 20
FILE_LIMIT = 256 << 20

T = TypeVar("T")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this subcommand."""
    parser.add_argument("directories", nargs="+", metavar="DIR", help="captured run, random walks, or directory of these")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def main(args: argparse.Namespace) -> int:
    """Replays every run."""
    replay = CaptureReplay()
    everything = [part for name in args.directories for part in parts(Path(name))]
    with Progress("capture") as progress:
        for index, part in enumerate(everything):
            part(replay)
            progress(index, len(everything))
    report = replay.report()
    code = NOT_HELD if report["mismatches"] else HELD
    texts, table, text = report.pop("texts"), report.pop("table"), report.pop("text")
    if args.json:
        print(json.dumps(report, indent=2))
        return code
    for mismatch in texts:
        print(mismatch)
    hidden = report["mismatches"] - len(texts)
    if hidden:
        print(f"and {hidden} more")
    print(f"{table}{text}")
    return code


Part = Callable[[CaptureReplay], None]


def parts(directory: Path) -> list[Part]:
    """What is to be replayed in a directory and below it: something, at least."""
    found = list(search(directory))
    if not found:
        raise BadInput(
            f"{directory}: error[F010]: no captures here\n"
            f"  help: a run has run.json with {LOG} or {OPERATIONS}; random walks are NAME{TABLES} with NAME.jsonl.gz"
        )
    return found


def search(directory: Path) -> Iterator[Part]:
    """Runs and walks, by name. Links to directories are not followed: they could lead back."""
    with reading(directory):
        inside = sorted(directory.iterdir())
    names = {path.name for path in inside}
    if "run.json" in names:
        if LOG in names:
            yield partial(run, directory)
        if OPERATIONS in names:
            yield partial(operations, directory)
            yield partial(users, directory)
        return
    for path in inside:
        if path.is_dir() and not path.is_symlink():
            yield from search(path)
        elif path.name.endswith(TABLES):
            yield partial(walks, path)


def run(directory: Path, replay: CaptureReplay) -> None:
    """A run: its log, and the files of checkpoints where the log has them."""
    about = directory / "run.json"
    said(about, partial(replay.begin_run, text(about)))
    log = directory / LOG
    for line in lines(log):
        name = said(log, partial(replay.feed, line))
        if name is not None:
            checkpoint(replay, directory, name)
    replay.end()


def checkpoint(replay: CaptureReplay, directory: Path, name: str) -> None:
    """The files of a checkpoint. Its name comes from the log: it has to stay within the directory."""
    if Path(name).name != name:
        raise BadInput(f"{directory / LOG}: error[F011]: {name!r} is no name of a checkpoint")
    path, tables = directory / f"{name}.json.gz", directory / f"{name}{TABLES}"
    memory = unpacked(tables) if tables.exists() else None
    said(path, partial(replay.checkpoint, name, text(path), memory))


def operations(directory: Path, replay: CaptureReplay) -> None:
    """A log of operations."""
    about = directory / "run.json"
    said(about, partial(replay.begin_operations, text(about)))
    feed(replay, directory / OPERATIONS)


def users(directory: Path, replay: CaptureReplay) -> None:
    """The same log, performed by the clients of the simulated kernel: results and instructions have to be the same."""
    about = directory / "run.json"
    said(about, partial(replay.begin_users, text(about)))
    feed(replay, directory / OPERATIONS)


def walks(tables: Path, replay: CaptureReplay) -> None:
    """Random walks through the tables of one file."""
    name = tables.name.removesuffix(TABLES)
    said(tables, partial(replay.begin_walks, name, unpacked(tables)))
    feed(replay, tables.with_name(f"{name}.jsonl.gz"))


def feed(replay: CaptureReplay, path: Path) -> None:
    """All lines of what was begun."""
    for line in lines(path):
        said(path, partial(replay.feed, line))
    replay.end()


def said(path: Path, call: Callable[[], T]) -> T:
    """Puts the file's name before what the engine says about it."""
    try:
        return call()
    except ValueError as error:
        raise BadInput(f"{path}:{error}") from None


def lines(path: Path) -> Iterator[str]:
    """The lines of a packed file, one after the other: the whole is never in memory."""
    with reading(path), gzip.open(path, "rb") as file:
        number = 0
        while line := file.readline(LINE_LIMIT):
            number += 1
            if len(line) == LINE_LIMIT:
                raise BadInput(f"{path}:{number}: error[F012]: a line of more than {LINE_LIMIT} bytes")
            try:
                yield line.decode()
            except UnicodeDecodeError:
                raise BadInput(f"{path}:{number}: error[F004]: this is not UTF-8 text") from None


def unpacked(path: Path) -> bytes:
    """The bytes of a file, packed or not."""
    with reading(path):
        opened = gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")
        with opened as file:
            data = file.read(FILE_LIMIT + 1)
    if len(data) > FILE_LIMIT:
        raise BadInput(f"{path}: error[F012]: more than {FILE_LIMIT} bytes")
    return data


def text(path: Path) -> str:
    """The text of a file."""
    try:
        return unpacked(path).decode()
    except UnicodeDecodeError:
        raise BadInput(f"{path}: error[F004]: this is not UTF-8 text") from None


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns what can go wrong with a file into a message."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(f"{path}: error[F003]: damaged gzip file: {error}") from None
    except OSError as error:
        raise BadInput(f"{path}: error[F001]: cannot be read: {error.strerror or error}") from None
