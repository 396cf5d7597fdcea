"""What devices do, and the verdicts about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.plain import Plain


@dataclass(frozen=True, slots=True)
class Verdict(Plain):
    """Three independent answers about one access, and the name of what they disagree in; `str()` is one line."""

    name: str
    """``agree``, or the disagreement: ``stale``, ``lost``, ``leaked``."""
    cause: int | None
    """The step behind it, as far as that is known."""
    text: str
    """All of that in one line: ``stale: unmapped at step 5, no refresh covers it``."""
    intent: str
    """What the caller was told: ``0x80000000 rw since step 2``."""
    tables: str
    """What the tables say: ``0x80000000 rw``."""
    cache: str
    """What is cached: ``nothing``."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        return cls.build(data, name=data["verdict"])

    @property
    def agrees(self) -> bool:
        """Whether the three agree."""
        return self.name == "agree"

    @property
    def meaning(self) -> str:
        """What the verdict means, and where to look."""
        from s390_iommu.runs import meaning

        return meaning("Verdict", self.name)

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        from s390_iommu import html

        return html.verdict(self)


@dataclass(frozen=True, slots=True)
class ErrorEvent(Plain):
    """How the machine tells that an access went wrong."""

    code: int
    """What went wrong; ``s390-iommu explain`` knows it as ``pec 0x7``."""
    handle: int
    """The function's handle at that time."""
    fid: int
    """Its id."""
    address: int
    """The failing address."""
    level: str | None
    """Where in the tables, if the machine tells."""
    write: bool
    """Whether it was a write, if the machine tells."""


@dataclass(frozen=True, slots=True)
class Access(Plain):
    """What became of a device's read or write; `str()` is for reading."""

    function: str
    """Name of the function."""
    iova: int
    """The first address."""
    write: bool
    """Whether it was a write."""
    moved: int
    """Bytes moved: all, or those before the fault."""
    data: str
    """What was read, in hexadecimal as in scenario files: the first 256 bytes."""
    phys: int | None
    """Where the first byte led."""
    cached: bool
    """Whether the machine had that cached."""
    fault: str | None
    """The fault that ended it."""
    event: ErrorEvent | None
    """The error event that the fault made."""
    verdict: Verdict | None
    """The verdict; of an access to several pages, the first that does not agree. None while the function is in a
    domain of a container or of an iommufd, for what their users are told is not followed."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        event = ErrorEvent.of(data["event"]) if data["event"] else None
        verdict = Verdict.of(data["judgement"]) if data["judgement"] else None
        return cls.build(data, data=data["bytes"], event=event, verdict=verdict)

    @property
    def result(self) -> str:
        """What became of it, in a few words: ``8 bytes from 0x80000000, cached``."""
        parts = []
        if self.phys is not None:
            way = "to" if self.write else "from"
            parts.append(f"{self.moved} byte{'s' * (self.moved != 1)} {way} {self.phys:#x}")
        if self.cached:
            parts.append("cached")
        if self.fault:
            parts.append(f"fault {self.fault}")
        if self.event:
            parts.append(f"event {self.event.code:#x}")
        return ", ".join(parts)

    def __str__(self) -> str:
        text = f"{'write' if self.write else 'read'} of {self.iova:#x} by {self.function}: {self.result}"
        return text if self.verdict is None else f"{text}\n{self.verdict}"

    def _repr_html_(self) -> str:
        from s390_iommu import html

        return html.access(self)
