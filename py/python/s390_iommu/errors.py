"""What can go wrong, as exceptions."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from s390_iommu.values import Walk


class _Place(TypedDict, total=False):
    code: str
    severity: str
    message: str
    span: dict[str, int] | None
    line: int
    column: int
    path: str
    help: str | None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake in a scenario."""

    code: str
    """Stable code, such as ``S010``; ``s390-iommu explain S010`` says what it means."""
    message: str
    """What is wrong, in one sentence."""
    severity: str = "error"
    """``error`` or ``warning``."""
    line: int = 0
    """Line in the text, from 1; 0 if unknown."""
    column: int = 0
    """Column in characters, from 1; 0 if unknown."""
    width: int = 1
    """How many characters of the line it is about."""
    path: str = ""
    """The value it is about, such as ``steps[3].size``; empty for the whole file."""
    help: str | None = None
    """What would be right."""

    @classmethod
    def _of(cls, data: _Place, source: str) -> Diagnostic:
        return cls(
            data["code"],
            data["message"],
            data.get("severity", "error"),
            data.get("line", 0),
            data.get("column", 0),
            _width(data.get("span"), source),
            data.get("path", ""),
            data.get("help"),
        )

    def render(self, source: str, name: str = "<text>") -> str:
        """The mistake with its line of `source` and carets below; `name` is that of the file."""
        place = f"{name}:{self.line}:{self.column}" if self.line else name
        path = f" (at {self.path})" if self.path and not self.line else ""
        lines = [f"{place}: {self.severity}[{self.code}]: {self.message}{path}"]
        lines += self._excerpt(source)
        if self.help:
            lines.append(f"  help: {self.help}")
        return "\n".join(lines)

    def _excerpt(self, source: str) -> list[str]:
        lines = source.split("\n")
        if not 0 < self.line <= len(lines) or not self.column:
            return []
        before = self.column - 1
        first = before - 50 if before >= 100 else 0
        shown = "".join(c if c.isprintable() else " " for c in lines[self.line - 1])[first : first + 100]
        carets = "^" * max(1, min(self.width, len(shown) - before + first))
        gutter = " " * len(str(self.line))
        return [f" {self.line} | {shown}", f" {gutter} | {' ' * (before - first)}{carets}"]


def _width(span: dict[str, int] | None, source: str) -> int:
    if span is None:
        return 1
    text = source.encode()[span["start"] : span["end"]].decode(errors="replace")
    return max(1, len(text.split("\n", 1)[0]))


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
            each if isinstance(each, Diagnostic) else Diagnostic._of(each, source) for each in diagnostics
        )
        self.source = source
        super().__init__(self.diagnostics, source)

    @property
    def first(self) -> Diagnostic:
        """The first error, or the first mistake if none is one."""
        errors = [each for each in self.diagnostics if each.severity == "error"]
        return (errors or list(self.diagnostics) or [Diagnostic("", "the scenario cannot be used")])[0]

    @property
    def code(self) -> str:
        """Stable code of the first error."""
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
        return "\n".join(each.render(self.source, name) for each in self.diagnostics)

    def __str__(self) -> str:
        place = f"{self.line}:{self.column}: " if self.line else ""
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
    """A device's access that leads nowhere."""

    kind: str
    """Name of the fault, such as ``invalid-entry``; ``s390-iommu explain`` knows it."""
    iova: int
    """The address."""
    walk: Walk
    """What the machine read until then."""

    def __init__(self, kind: str, iova: int, meaning: str, walk: Walk) -> None:
        super().__init__(kind, iova, meaning, walk)
        self.kind, self.iova, self.meaning, self.walk = kind, iova, meaning, walk

    def __str__(self) -> str:
        return f"{self.kind} at {self.iova:#x}. {self.meaning}"


class KernelCrash(Exception):
    """The real kernel would crash or hang here; the machine does nothing any more."""

    kind: str
    """How, such as ``list-never-ends``."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(kind, what)
        self.kind, self.what = kind, what

    def __str__(self) -> str:
        return f"{self.kind} in {self.what}"


class LimitReached(Exception):
    """One step wanted more memory or work than is allowed; the machine does nothing any more."""

    kind: str
    """Which limit: ``too-much-memory`` or ``too-much-work``."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(kind, what)
        self.kind, self.what = kind, what

    def __str__(self) -> str:
        return f"{self.kind} in {self.what}"


class InternalError(RuntimeError):
    """A mistake of this package. Please report it with the text and what led to it."""
