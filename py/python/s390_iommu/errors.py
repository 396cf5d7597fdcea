"""What can go wrong, as exceptions."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from s390_iommu.values import Access, ErrorEvent, Verdict, Walk


class _Place(TypedDict):
    code: str
    message: str
    line: int
    column: int
    path: str
    help: str | None
    excerpt: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake in a scenario."""

    code: str
    """Stable code, such as ``S010``; ``s390-iommu explain S010`` says what it means."""
    message: str
    """What is wrong, in one sentence."""
    line: int = 0
    """Line in the text, from 1; 0 if unknown."""
    column: int = 0
    """Column in characters, from 1; 0 if unknown."""
    path: str = ""
    """The value it is about, such as ``steps[3].size``; empty for the whole file."""
    help: str | None = None
    """What would be right."""
    excerpt: str = ""
    """The line of the source with carets below what it is about, and the help: what the engine draws."""

    @classmethod
    def _of(cls, data: _Place) -> Diagnostic:
        return cls(**{field.name: data[field.name] for field in fields(cls)})  # type: ignore[literal-required]

    def render(self, name: str = "<text>") -> str:
        """What, where and why, in several lines; `name` is that of the file."""
        place = f"{name}:{self.line}:{self.column}" if self.line else name
        path = f" (at {self.path})" if self.path and not self.line else ""
        return f"{place}: error[{self.code}]: {self.message}{path}\n{self.excerpt}".rstrip("\n")


class ScenarioError(ValueError):
    """A scenario that cannot be read, or not be run as asked.

    >>> from s390_iommu import ScenarioError, parse
    >>> try:
    ...     parse("schema = ")
    ... except ScenarioError as error:
    ...     print(error.code, error.line, error.column)
    S001 1 10
    """

    diagnostics: tuple[Diagnostic, ...]
    """Every mistake that was found, in order."""
    source: str
    """The text it is about; empty if it is about none."""

    def __init__(self, diagnostics: list[_Place] | tuple[Diagnostic, ...], source: str = "") -> None:
        self.diagnostics = tuple(
            each if isinstance(each, Diagnostic) else Diagnostic._of(each) for each in diagnostics
        )
        self.source = source
        super().__init__(self.diagnostics, source)

    @property
    def first(self) -> Diagnostic:
        """The first mistake."""
        return (self.diagnostics or (Diagnostic("", "the scenario cannot be used"),))[0]

    @property
    def code(self) -> str:
        """Stable code of the first mistake."""
        return self.first.code

    @property
    def line(self) -> int:
        """Its line, from 1; 0 if unknown."""
        return self.first.line

    @property
    def column(self) -> int:
        """Its column in characters, from 1; 0 if unknown."""
        return self.first.column

    def render(self, name: str = "<text>") -> str:
        """All mistakes with their lines and carets."""
        return "\n".join(each.render(name) for each in self.diagnostics)

    def __str__(self) -> str:
        place = f"{self.line}:{self.column}: " if self.line else f"{self.first.path}: " if self.first.path else ""
        more = f" (and {len(self.diagnostics) - 1} more)" if len(self.diagnostics) > 1 else ""
        return f"{place}[{self.code}] {self.first.message}{more}"


class DriverError(OSError):
    """The driver returned a negative error number: see `errno` and `strerror`."""

    def __init__(self, errno: int, what: str) -> None:
        super().__init__(errno, f"{what} ({os.strerror(errno)})")
        self.what = what

    def __reduce__(self) -> tuple[type[DriverError], tuple[int, str]]:
        return type(self), (self.errno or 0, self.what)


class DmaFault(Exception):
    """A device's access that leads nowhere.

    >>> from s390_iommu import DmaFault, Machine
    >>> machine = Machine("v7.3")
    >>> f0, d0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff)), machine.domain("d0")
    >>> f0.attach(d0)
    >>> try:
    ...     f0.read(0x1_0000_0000, 8)
    ... except DmaFault as fault:
    ...     print(fault.kind, fault.event.code, fault.verdict.name, f0.state)
    invalid-entry 7 agree error
    """

    kind: str
    """Name of the fault, such as ``invalid-entry``; ``s390-iommu explain`` knows it."""
    iova: int
    """The address."""
    meaning: str
    """What the fault means, and where to look."""
    walk: Walk
    """What the machine read until then; of an access that found nothing in a cache or shadow, the walk there would be."""
    access: Access | None
    """The read or write, with its verdict; none for a walk, which accesses nothing."""

    def __init__(self, kind: str, iova: int, meaning: str, walk: Walk, access: Access | None = None) -> None:
        super().__init__(kind, iova, meaning, walk, access)
        self.kind, self.iova, self.meaning, self.walk, self.access = kind, iova, meaning, walk, access

    @property
    def event(self) -> ErrorEvent | None:
        """The error event that the machine made; none for a walk, and for accesses that are dropped."""
        return self.access.event if self.access else None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict about the access; none for a walk."""
        return self.access.verdict if self.access else None

    def __str__(self) -> str:
        verdict = f" Verdict {self.verdict}." if self.verdict and not self.verdict.agrees else ""
        return f"{self.kind} at {self.iova:#x}. {self.meaning}{verdict}"


class _Stopped(Exception):
    kind: str
    what: str
    meaning: str

    def __init__(self, kind: str, what: str, meaning: str) -> None:
        super().__init__(kind, what, meaning)
        self.kind, self.what, self.meaning = kind, what, meaning

    def __str__(self) -> str:
        return f"{self.kind} in {self.what}. {self.meaning}"


class KernelCrash(_Stopped):
    """The real kernel would crash or hang here; the machine does nothing any more.

    `kind` says how, such as ``list-never-ends``; `what` in which call, `meaning` why.
    """


class LimitReached(_Stopped):
    """One step wanted more memory or work than is allowed; the machine does nothing any more.

    `kind` says which limit: ``too-much-memory`` or ``too-much-work``.
    """


class Unsupported(Exception):
    """The kernel has no such operation: detach on v6.8, a static domain before v6.12."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what}: this kernel has no such operation"


class InternalError(RuntimeError):
    """A mistake of this package. Please report it with the text and what led to it."""
