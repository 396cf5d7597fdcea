"""What two CPUs did side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from s390_iommu.values.operations import OpResult
from s390_iommu.values.plain import each

if TYPE_CHECKING:
    from s390_iommu._engine import Machine


@dataclass(frozen=True, slots=True)
class Race:
    """One way in which the steps of two CPUs interleaved."""

    schedule: str
    """Who ran from one scheduling point to the next: ``0x7 1x14``. `Machine.together` takes it to do the same again."""
    results: tuple[tuple[OpResult, ...], ...]
    """What the steps gave, by CPU."""
    machine: Machine
    """The system afterwards."""

    @classmethod
    def of(cls, schedule: str, results: list[list[dict[str, Any]]], machine: Machine) -> Self:
        """Builds one from the engine's form."""
        return cls(schedule, tuple(each(OpResult, column) for column in results), machine)
