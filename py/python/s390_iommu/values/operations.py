"""What operations on a live machine give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.accesses import Access
from s390_iommu.values.checks import Violation
from s390_iommu.values.plain import Plain, frozen, pair, pairs


@dataclass(frozen=True, slots=True)
class OpResult(Plain):
    """What one operation of the live machine gave."""

    step: int
    """Its number: what verdicts, violations and windows count in."""
    rc: int
    """0 or a negative error number."""
    value: int | tuple[int, int] | tuple[tuple[int, int], ...] | None
    """Bytes, an address, a condition code, yes or no; a range as (first, last); reserved regions as (first, bytes); what may
    be mapped as (first, last) each."""
    warnings: tuple[tuple[str, int], ...]
    """Kernel warnings with how often."""
    calls: dict[str, int]
    """How often operations of the driver were called: ``{"map": 1, …}``."""
    unaligned: int
    """Requests that the core refused for their alignment."""
    refreshes: int
    """Refreshes asked for."""
    stop: str | None
    """What stopped the system: a crash or a limit."""
    access: Access | None
    """What a device did."""
    violations: tuple[Violation, ...]
    """What does not hold any more."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        match data["value"]:
            case {"ranges": ranges}:
                value: Any = pairs(ranges)
            case {"start": _} as range:
                value = pair(range)
            case other:
                value = frozen(other)
        access = Access.of(data["device"]) if data["device"] else None
        violations = tuple(Violation.of({**found, "step": data["step"]}) for found in data["violations"])
        return cls.build(data, value=value, access=access, violations=violations)


@dataclass(frozen=True, slots=True)
class Counters(Plain):
    """Sums over a run."""

    driver_calls: int
    """Calls of the driver's map, unmap and look-up."""
    registers: int
    """Registrations."""
    unregisters: int
    """Deregistrations."""
    rpcits: int
    """Refreshes."""
    warnings: int
    """Kernel warnings."""
    tables_allocated: int
    """Translation tables allocated."""
    tables_freed: int
    """Translation tables given back."""
