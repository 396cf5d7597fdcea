"""What dumps of table memory show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.plain import Plain
from s390_iommu.values.walks import Walk
from s390_iommu.values.words import Decoded


@dataclass(frozen=True, slots=True)
class MappedRange(Plain):
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


@dataclass(frozen=True, slots=True)
class DumpWalk(Plain):
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
class Finding(Plain):
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
class LintReport(Plain):
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
