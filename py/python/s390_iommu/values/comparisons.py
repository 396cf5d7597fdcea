"""Runs of one scenario on several kernels, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.outcomes import Outcome
from s390_iommu.values.plain import Plain


@dataclass(frozen=True, slots=True)
class Divergence(Plain):
    """The first difference between two runs."""

    step: int
    """The step, from 1; 0 for the state at the end."""
    what: str
    """What differs: ``rc``, ``hardware``, ``functions.f0.registered``."""
    left: str
    """On the first kernel."""
    right: str
    """On the other."""


@dataclass(frozen=True, slots=True)
class Difference(Plain):
    """How one more kernel differs from the first."""

    left: str
    """The first kernel."""
    right: str
    """The other."""
    divergence: Divergence | None
    """The first difference, if there is any."""
    differing_steps: tuple[int, ...]
    """Every step that differs."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        first = Divergence.of(data["divergence"]) if data["divergence"] else None
        return cls(data["left"], data["right"], first, tuple(data["differing_steps"]))


@dataclass(frozen=True, slots=True)
class Comparison(Plain):
    """One scenario on several kernels."""

    outcomes: tuple[Outcome, ...]
    """One run per kernel, in the order that was asked for."""
    differences: tuple[Difference, ...]
    """Each kernel but the first, compared with the first."""

    @property
    def same(self) -> bool:
        """Whether nothing differs that can be seen from outside."""
        return all(each.divergence is None for each in self.differences)

    @property
    def kernels(self) -> tuple[str, ...]:
        """The kernels, in the order that was asked for."""
        return tuple(outcome.revision for outcome in self.outcomes)

    def _repr_html_(self) -> str:
        from s390_iommu import html

        return html.comparison(self)
