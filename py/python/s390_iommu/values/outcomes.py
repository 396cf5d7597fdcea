"""Runs of scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.accesses import Access
from s390_iommu.values.checks import Exposure, Violation, Window
from s390_iommu.values.machines import MachineView
from s390_iommu.values.operations import Counters
from s390_iommu.values.plain import Plain, each
from s390_iommu.values.views import DomainView, FunctionView
from s390_iommu.values.walks import Walk


@dataclass(frozen=True, slots=True)
class Check(Plain):
    """One expectation."""

    what: str
    """What is expected of: ``rc``, ``functions.f0.registered``."""
    expected: str
    """What was expected."""
    got: str
    """What is."""
    held: bool
    """Whether they are equal."""

    def __str__(self) -> str:
        if self.held:
            return f"ok    {self.what} = {self.expected}"
        return f"FAIL  {self.what}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class Step(Plain):
    """One step of a run."""

    number: int
    """Its number, from 1."""
    line: int
    """Its line in the text, from 1; 0 where it has none."""
    cpu: int | None
    """The CPU it ran on, where that was chosen."""
    text: str
    """What was done."""
    note: str | None
    """The scenario's remark."""
    rc: int
    """0 or a negative error number."""
    errno: str
    """Its name; empty for 0."""
    value: int | None
    """Bytes mapped or unmapped, an address, a condition code."""
    range: tuple[int, int] | None
    """A function's range, first and last address."""
    regions: tuple[tuple[int, int], ...] | None
    """Regions that are reserved, or that may be mapped, as (first, bytes)."""
    warnings: tuple[str, ...]
    """Kernel warnings: ``label`` or ``label*N``."""
    calls: int
    """Driver operations called."""
    refreshes: int
    """Refreshes asked for."""
    waits: int
    """Times that the kernel waited for a busy machine."""
    hw: tuple[str, ...]
    """What reached the hardware."""
    walk: Walk | None
    """The machine's walk, for a walk step."""
    access: Access | None
    """The device's access, for a read or write."""
    violations: tuple[Violation, ...]
    """What does not hold any more."""
    skipped: str | None
    """Why it was not done at all."""
    stop: str | None
    """What stopped the system in this step."""
    events: tuple[int, int]
    """Lines of the trace that belong to it: first, and one past the last."""
    checks: tuple[Check, ...]
    """Its expectations."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        walk = Walk.of(data["walk"]) if data["walk"] else None
        access = Access.of(data["device"]) if data["device"] else None
        violations = tuple(Violation.of({**found, "step": data["number"]}) for found in data["violations"])
        return cls.build(data, walk=walk, access=access, violations=violations, checks=each(Check, data["checks"]))

    @property
    def result(self) -> str:
        """What it gave, in a few words: ``0``, ``-EINVAL``, ``fault invalid-entry``, ``0, value 0x1000``."""
        if self.skipped:
            return f"skipped: {self.skipped}"
        parts = [self.stop] if self.stop else [f"-{self.errno}" if self.rc else "0"]
        if self.walk and self.walk.fault:
            parts = [f"fault {self.walk.fault}"]
        if self.access and not self.stop:
            parts = [self.access.result]
        elif self.value is not None:
            parts.append(f"value {self.value:#x}")
        if self.range is not None:
            parts.append(f"range {self.range[0]:#x} to {self.range[1]:#x}")
        parts += [f"{first:#x} size {size:#x}" for first, size in self.regions or ()]
        return ", ".join(parts)

    @property
    def held(self) -> bool:
        """Whether every expectation of the step held."""
        return all(check.held for check in self.checks)


@dataclass(frozen=True, slots=True)
class Outcome(Plain):
    """A run of one scenario on one kernel."""

    title: str
    """The scenario's title."""
    revision: str
    """The kernel: ``p3``, ``v6.1-rc2+p1,p4``."""
    unmet: tuple[str, ...]
    """Patches whose requirements are not met, as sentences."""
    decisions: tuple[tuple[str, str], ...]
    """What this kernel decides, as (decision, value)."""
    steps: tuple[Step, ...]
    """Step by step."""
    checks: tuple[Check, ...]
    """Expectations of the end."""
    held: bool
    """Whether every expectation held."""
    stop: str | None
    """What stopped the system before the end."""
    schedule: str | None
    """The schedule that was run, where steps were interleaved."""
    trace: tuple[str, ...]
    """The events, one line each; the first line is the version."""
    trace_hash: str
    """Hash of those lines, 16 hex digits: equal on every host."""
    domains: tuple[DomainView, ...]
    """Domains at the end."""
    functions: tuple[FunctionView, ...]
    """Functions at the end."""
    counters: Counters
    """Sums over all steps."""
    windows: tuple[Window, ...]
    """Exposure windows by when they were opened: the first hundred."""
    exposure: tuple[Exposure, ...]
    """What exposure came to, for each function that had any."""
    machine: tuple[MachineView, ...]
    """The machine's side of each function at the end."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        return cls.build(
            data,
            steps=each(Step, data["steps"]),
            checks=each(Check, data["checks"]),
            domains=each(DomainView, data["domains"]),
            functions=each(FunctionView, data["functions"]),
            counters=Counters.of(data["counters"]),
            windows=each(Window, data["windows"]),
            exposure=each(Exposure, data["exposure"]),
            machine=each(MachineView, data["machine"]),
        )

    def _repr_html_(self) -> str:
        from s390_iommu import html

        return html.outcome(self)
