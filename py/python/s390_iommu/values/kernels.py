"""Kernels and what-ifs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.plain import Plain


@dataclass(frozen=True, slots=True)
class Kernel(Plain):
    """What a kernel is and decides."""

    name: str
    """Its name: ``v6.8``, ``p3``, ``v6.1-rc2+p1,p4``, ``p1~reattach-on-failure``."""
    kernel: str
    """The kernel without patches and what-if: ``v6.1-rc2``."""
    patches: tuple[str, ...]
    """The patches chosen on it."""
    what_if: str | None
    """The what-if on it."""
    story: str
    """What it is, in a few sentences."""
    decisions: dict[str, str]
    """Everything it decides: ``{"range-check": "inclusive-end", …}``; `explain` knows both words."""
    changes: dict[str, tuple[str, str]]
    """What it decides otherwise than the step before it, as (there, here)."""
    unmet: tuple[str, ...]
    """Patches whose requirements are not met, as sentences."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        changes = {name: (there, here) for name, there, here in data["changes"]}
        return cls.build(data, decisions=dict(data["decisions"]), changes=changes)


@dataclass(frozen=True, slots=True)
class WhatIf(Plain):
    """A behaviour that never lasted: what review took out of the series, or what shows why the code is as it is."""

    name: str
    """Its name, as written after ``~``."""
    origin: str
    """Where it comes from."""
    what: str
    """What the code does, in one sentence."""
    why_not: str
    """Why it is not so, in one sentence."""
    seen_on: str
    """The kernel it is best seen on."""

    @property
    def kernel(self) -> str:
        """That kernel with it, to be run: ``p1~reattach-on-failure``."""
        return f"{self.seen_on}~{self.name}"
