"""Walks of the machine through tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.plain import Plain, each, pair


@dataclass(frozen=True, slots=True)
class WalkStep(Plain):
    """One entry that a walk read."""

    level: str
    """Kind of table."""
    index: int
    """Index in it."""
    at: int
    """Address of the entry."""
    word: int
    """The entry."""


@dataclass(frozen=True, slots=True)
class Walk(Plain):
    """What the machine makes of an address."""

    iova: int
    """The address."""
    access: str
    """``read`` or ``write``."""
    iota: int | None
    """The anchor it starts from; none if nothing is registered."""
    range: tuple[int, int] | None
    """First and last address of the registration."""
    steps: tuple[WalkStep, ...]
    """The entries, from the root down."""
    phys: int | None
    """Where it leads: the byte's absolute address."""
    writable: bool | None
    """Whether writing is allowed there."""
    fault: str | None
    """Why it leads nowhere."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        path = data["path"]
        found = path["translation"] or {}
        return cls(
            data["iova"],
            data["access"],
            data["iota"],
            pair(data["range"]),
            each(WalkStep, path["steps"]),
            found.get("phys"),
            found.get("writable"),
            path["fault"],
        )

    def __str__(self) -> str:
        """One line for each entry, then where it leads."""
        entries = (f"{each.level.replace('_', '-')}[{each.index:#x}] at {each.at:#x}: {each.word:#x}" for each in self.steps)
        end = f"fault {self.fault}" if self.phys is None else f"{self.phys:#x}, {'rw' if self.writable else 'read-only'}"
        return "\n".join([*entries, f"{self.access} of {self.iova:#x}: {end}"])
