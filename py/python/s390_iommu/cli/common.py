"""What the subcommands share: files, messages, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from s390_iommu import _engine
from s390_iommu._engine import Scenario
from s390_iommu.errors import ScenarioError

HELD = 0
NOT_HELD = 1
BAD_INPUT = 2
INTERRUPTED = 130


class BadInput(Exception):
    """What was given cannot be used; the text says what, where and why."""


def read(name: str) -> str:
    """The text of a file; `-` is standard input."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadInput(f"{name}: error[F001]: cannot be read: {error.strerror or error}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise BadInput(f"{name}:{line}:{column}: error[F002]: this is not UTF-8 text") from None


def scenario(name: str) -> Scenario:
    """The scenario in a file."""
    with complaints(name):
        return _engine.parse(read(name))


@contextmanager
def complaints(name: str) -> Iterator[None]:
    """Turns what the engine says about a file, or about an option, into a message for the terminal."""
    try:
        yield
    except ScenarioError as error:
        raise BadInput(error.render(name)) from None
    except (ValueError, OverflowError) as error:
        raise BadInput(f"s390-iommu: error[A001]: {error}") from None


def number(text: str) -> int:
    """A number of at most 64 bits, decimal or `0x`, underscores allowed. Raises `BadInput`."""
    try:
        value = int(text, 0)
    except ValueError:
        raise BadInput(f"s390-iommu: error[A002]: {text!r} is no number; write 0x1000, 0x1_0000_0000 or 4096") from None
    if not 0 <= value < 1 << 64:
        raise BadInput(f"s390-iommu: error[A003]: {text} has more than 64 bits, or is negative")
    return value


def words(text: str) -> list[str]:
    """The words of a list with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]
