"""What does not hold: violations of checks, and exposure windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.plain import Plain


@dataclass(frozen=True, slots=True)
class Violation(Plain):
    """An invariant that does not hold any more; `str()` is one line."""

    step: int
    """The step after which it did not."""
    check: str
    """Which check found it: ``stale``, ``agree``, ``leak``, ``shape`` or ``order``."""
    what: str
    """What is wrong: a verdict's name, or ``exposed``, ``out-of-order``, ``ghost``, ``broken-list``, ``orphaned-tables``."""
    range: tuple[int, int] | None
    """First and last address that it is about."""
    cause: int | None
    """The step behind it, as far as that is known."""
    text: str
    """All of that in one line."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Moment(Plain):
    """A moment on the logical clock."""

    step: int
    """The step."""
    ms: int
    """Milliseconds that had passed, which only pass where a step lets them."""


@dataclass(frozen=True, slots=True)
class Window(Plain):
    """An exposure window: the device could still reach pages after a call had taken them away; `str()` is one line."""

    function: str
    """Whose accesses."""
    iova: int
    """First address."""
    pages: int
    """How many pages of 4 KiB."""
    kind: str
    """``unmapped``; ``deferred`` if the caller had agreed to a later refresh; ``replaced`` by another mapping."""
    opened: Moment
    """Since when."""
    closed: Moment | None
    """Until which refresh; none while it is open."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        closed = Moment.of(data["closed"]) if data["closed"] else None
        return cls.build(data, opened=Moment.of(data["opened"]), closed=closed)

    @property
    def open(self) -> bool:
        """Whether no refresh has covered it yet."""
        return self.closed is None

    def __str__(self) -> str:
        end = f"refreshed at step {self.closed.step}" if self.closed else "still open"
        pages = f"{self.pages} page{'s' * (self.pages != 1)}"
        return f"{self.function} {self.iova:#x}, {pages}, {self.kind} at step {self.opened.step}, {end}"


@dataclass(frozen=True, slots=True)
class Exposure(Plain):
    """What exposure came to for one function; `str()` is one line."""

    function: str
    """Name of the function."""
    windows: int
    """How many windows there were."""
    deferred: int
    """How many of them the caller had agreed to."""
    open: int
    """How many are open at the end."""
    pages: int
    """Pages that were exposed, each as often as it was."""
    longest_steps: int
    """Steps that the longest window lasted."""
    longest_ms: int
    """Milliseconds that the longest one lasted."""

    def __str__(self) -> str:
        windows = f"{self.windows} window{'s' * (self.windows != 1)}"
        return (
            f"{self.function} was exposed in {windows} ({self.deferred} deferred, {self.open} open), "
            f"{self.pages} page{'s' * (self.pages != 1)}, {self.longest_steps} step{'s' * (self.longest_steps != 1)} at most"
        )
