"""The machine's side of functions: registers, and what is cached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.accesses import Verdict
from s390_iommu.values.plain import Plain, each

@dataclass(frozen=True, slots=True)
class Registers(Plain):
    """What the machine stores about a function (STPCIFC), and counts of it."""

    handle: int
    """Its handle."""
    controls: int
    """State bits: 0x80 enabled, 0x40 in error, 0x20 loads and stores blocked, 0x10 registered."""
    iota: int
    """The anchor; 0 when nothing is registered."""
    pba: int
    """First address."""
    pal: int
    """Last address."""
    cached: int
    """Pages cached or shadowed."""
    credits: int | None
    """Host mappings left, where the machine counts them."""
    error: int | None
    """Code of the last error event that the kernel was told of."""

    @property
    def enabled(self) -> bool:
        """Whether it is enabled."""
        return bool(self.controls & 0x80)

    @property
    def in_error(self) -> bool:
        """Whether it is in error: its accesses are dropped."""
        return bool(self.controls & 0x40)

    @property
    def blocked(self) -> bool:
        """Whether loads and stores are blocked."""
        return bool(self.controls & 0x20)

    @property
    def registered(self) -> bool:
        """Whether an anchor is registered."""
        return bool(self.controls & 0x10)


@dataclass(frozen=True, slots=True)
class CachedRun(Plain):
    """Consecutive cached pages that lead to consecutive frames; `str()` is one line."""

    iova: int
    """First address."""
    phys: int
    """What it leads to."""
    writable: bool
    """Whether writing is allowed."""
    pages: int
    """How many pages of 4 KiB."""
    stale: bool
    """Whether the tables say otherwise now."""
    verdict: Verdict | None = None
    """Of a stale run, the verdict about a read, which says why; none where that is not known, and in outcomes."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        if "run" not in data:
            return cls.build(data)
        return cls.build(data["run"], verdict=Verdict.of(data["judgement"]) if data["judgement"] else None)

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.pages << 12

    def __str__(self) -> str:
        prot = "rw" if self.writable else "r"
        text = f"{self.iova:#x} -> {self.phys:#x} {prot}, {self.pages} page{'s' * (self.pages != 1)}"
        if not self.stale:
            return text
        return f"{text}, stale ({self.verdict})" if self.verdict else f"{text}, stale"


@dataclass(frozen=True, slots=True)
class Cache(Plain):
    """What the machine has cached for a function; `str()` is for reading, and `for` goes over its runs."""

    function: str
    """Name of the function."""
    pages: int
    """Pages cached."""
    capacity: int | None
    """Pages that fit; none where nobody set that."""
    runs: tuple[CachedRun, ...]
    """What is cached, in order of address."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        return cls.build(data, runs=each(CachedRun, data["runs"]))

    @property
    def stale(self) -> tuple[CachedRun, ...]:
        """Those runs about which the tables say otherwise now."""
        return tuple(run for run in self.runs if run.stale)

    def __iter__(self) -> Iterator[CachedRun]:
        return iter(self.runs)

    def __len__(self) -> int:
        return len(self.runs)

    def __str__(self) -> str:
        room = "" if self.capacity is None else f" of {self.capacity}"
        head = f"{self.function}: {self.pages}{room} page{'s' * (self.pages != 1)} cached"
        shown = sum(run.pages for run in self.runs)
        more = [f"and {self.pages - shown} more"] if shown < self.pages else []
        return "\n".join([head, *map(str, self.runs), *more])

    def _repr_html_(self) -> str:
        from s390_iommu import html

        return html.cache(self)


@dataclass(frozen=True, slots=True)
class MachineView(Plain):
    """The machine's side of a function."""

    function: str
    """Name of the function."""
    registers: Registers
    """Its registers."""
    cache: tuple[CachedRun, ...]
    """What is cached for it: the first hundred runs."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        return cls(data["function"], Registers.of(data["registers"]), each(CachedRun, data["iotlb"]))
