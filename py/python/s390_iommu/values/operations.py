"""What operations on a live machine give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.plain import Plain, frozen, pair


@dataclass(frozen=True, slots=True)
class OpResult(Plain):
    """What one operation of the live machine gave."""

    rc: int
    """0 or a negative error number."""
    value: int | tuple[int, int] | tuple[tuple[int, int], ...] | None
    """Bytes, an address, a condition code, yes or no; a range as (first, last); reserved regions as (first, bytes)."""
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

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        value = data["value"]
        return cls.build(data, value=pair(value) if isinstance(value, dict) else frozen(value))


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
