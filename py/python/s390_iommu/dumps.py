"""Dumps of table memory, loaded."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from pathlib import Path

from s390_iommu._engine import Dump

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
    >>> print(str(dump.tree(0x1_0800)).splitlines()[4].strip())
    0x03 0x7feed000 rw 0x3000 -> 0x7feed000
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
