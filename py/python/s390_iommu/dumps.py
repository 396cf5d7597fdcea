"""Dumps of table memory: loaded, walked, and checked."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from s390_iommu._engine import Dump
from s390_iommu.values import Decoded, Walk, _Plain

GZIP = b"\x1f\x8b"

UNPACKED = 1 << 28
"""Bytes that are unpacked in memory at most: 256 MiB. Files that are not packed can have any size."""


class DumpError(ValueError):
    """A file that is no dump which can be read, or an anchor that designates no table.

    >>> from s390_iommu import load_dump
    >>> try:
    ...     load_dump(bytes(8) + bytes(100))
    ... except DumpError as error:
    ...     print(error.code, error.at)
    D011 0
    """

    code: str
    """Stable code, such as ``D002``; ``s390-iommu explain D002`` says what it means."""
    at: int | None
    """Byte of the file it is about; none for mistakes about the whole."""
    message: str
    """What is wrong."""

    def __init__(self, code: str, at: int | None, message: str) -> None:
        super().__init__(code, at, message)
        self.code, self.at, self.message = code, at, message

    def __str__(self) -> str:
        place = "" if self.at is None else f"at byte {self.at:#x}: "
        return f"[{self.code}] {place}{self.message}"


@dataclass(frozen=True, slots=True)
class Mapping(_Plain):
    """Consecutive addresses that lead to consecutive frames."""

    iova: int
    """The first address."""
    phys: int
    """The frame it leads to."""
    writable: bool
    """Whether nothing on the way forbids writing."""
    frame_len: int
    """Bytes of one frame: 4 KiB, or 1 MiB."""
    count: int
    """How many frames."""

    @classmethod
    def each(cls, items: list[dict[str, Any]]) -> tuple[Self, ...]:
        """Builds several from the engine's form."""
        return tuple(cls(**item) for item in items)


@dataclass(frozen=True, slots=True)
class DumpWalk(_Plain):
    """A walk through memory of which parts may be missing; `str()` shows each step and how it ends."""

    walk: Walk
    """The walk: its steps, where they lead, or the fault it ends with."""
    missing: int | None
    """Address of the entry that is not in the dump, if the walk ends for that reason."""
    explained: tuple[Decoded, ...]
    """The anchor explained, and then each entry."""
    text: str
    """All of it for reading."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        pairs = zip(data["explained"], data["texts"], strict=True)
        explained = tuple(Decoded.of({**each, "text": text}) for each, text in pairs)
        walk = Walk.of({**data, "range": None})
        return cls(walk, data["missing"], explained, data["text"])

    @property
    def phys(self) -> int | None:
        """Where it leads, if it leads anywhere."""
        return self.walk.phys

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Finding(_Plain):
    """Something in tables that no driver would have left there."""

    code: str
    """Stable code, such as ``T001``; ``s390-iommu explain T001`` says what it means."""
    note: bool
    """Whether it may be in order."""
    iova: int
    """First address that it is about."""
    level: str | None
    """The kind of table that its entry stands in; none for the anchor."""
    at: int | None
    """Address of the entry; none for the anchor."""
    word: int
    """The entry, or the anchor."""
    message: str
    """What is wrong."""
    text: str
    """All of it for reading."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class LintReport(_Plain):
    """What was found in tables, and what they are made of; `str()` is for reading."""

    findings: tuple[Finding, ...]
    """In order of address; of each code at most 50."""
    found: dict[str, int]
    """How many there are of each code, those not listed too."""
    counts: dict[str, int]
    """Tables and pages: ``region_tables``, ``segment_tables``, ``page_tables``, ``pages``, ``readonly_pages``,
    ``unmapped_pages``, ``large_frames``."""
    clean: bool
    """Whether there is nothing but notes."""
    text: str
    """All of it for reading."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        pairs = zip(data["findings"], data["texts"], strict=True)
        findings = tuple(Finding(**each, text=text) for each, text in pairs)
        return cls(findings, data["found"], data["counts"], data["clean"], data["text"])

    def __str__(self) -> str:
        return self.text


def load_dump(source: str | os.PathLike[str] | bytes, base: int | None = None) -> Dump:
    """The memory in a file, or in bytes.

    The format is recognised: records of table memory from a capture, or an ELF core of an s390x machine. With `base` it
    is raw memory that begins at this absolute address. What gzip has packed is unpacked in memory, up to 256 MiB;
    other files are read piece by piece when something is asked for, so their size does not matter.

    Raises `DumpError` for what is no dump, `OSError` for a file that cannot be read.

    >>> from s390_iommu import load_dump
    >>> invalid, page = (0x400).to_bytes(8, "big"), (0x7fee_d000).to_bytes(8, "big")
    >>> segments = (0x1_4000).to_bytes(8, "big") + (0x20).to_bytes(8, "big") * 2047
    >>> dump = load_dump(segments + invalid * 3 + page + invalid * 252, base=0x1_0000)
    >>> hex(dump.walk(0x1_0800, 0x3123).phys)
    '0x7feed123'
    >>> print(dump.tree(0x1_0800).rows[0].child)
    page table 0x14000
      0x00..0x02 invalid
      0x03 0x7feed000 rw 0x3000 -> 0x7feed000
      0x04..0xff invalid
    >>> dump.lint(0x1_0800).clean
    True
    """
    if isinstance(source, bytes):
        return Dump.of(unpacked(io.BytesIO(source)) if source.startswith(GZIP) else source, base)
    path = Path(source)
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        if packed:
            return Dump.of(unpacked(file), base)
    return Dump.open(path, base)


def unpacked(file: io.BufferedIOBase) -> bytes:
    """What gzip has packed. Raises `DumpError` if it is damaged or too much."""
    try:
        data = gzip.GzipFile(fileobj=file).read(UNPACKED + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DumpError("F003", None, f"damaged gzip file: {error}") from None
    if len(data) > UNPACKED:
        raise DumpError("D012", None, f"more than {UNPACKED} bytes when unpacked; unpack the file first")
    return data
