"""What a replay of recordings found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.plain import Plain


@dataclass(frozen=True, slots=True)
class Mismatch(Plain):
    """A field in which a replay differs from its recording."""

    scenario: str
    """Which, as ``id @ revision``."""
    place: str
    """Where in it, such as ``results[3].hw[0][4]``."""
    operation: Any
    """The operation, as recorded."""
    recorded: Any
    """What the real driver did."""
    here: Any
    """What happens here."""
    text: str
    """All of it for reading."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Report(Plain):
    """What a replay found; `str()` is ``N scenarios, M operations, K mismatches``."""

    scenarios: int
    """Scenarios replayed."""
    operations: int
    """Operations in them."""
    mismatches: int
    """Fields that differ, and lines that cannot be replayed."""
    details: tuple[Mismatch, ...]
    """The first of them."""
    text: str
    """The summary."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        pairs = zip(data["details"], data["texts"], strict=True)
        details = tuple(Mismatch(**each, text=text) for each, text in pairs)
        return cls(data["scenarios"], data["operations"], data["mismatches"], details, data["text"])

    def __str__(self) -> str:
        return self.text
