"""What the engine shows, as plain values: frozen, comparable, picklable."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Self, TypeVar

T = TypeVar("T", bound="_Plain")


class _Plain:
    """What all values can do."""

    __slots__ = ()

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form; keys that have no field here are left out."""
        names = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
        return cls(**{key: _frozen(value) for key, value in data.items() if key in names})

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionaries, lists, numbers and text, ready for `json.dumps`."""
        return dataclasses.asdict(self)  # type: ignore[call-overload, no-any-return]

    def to_json(self, indent: int | None = None) -> str:
        """The same as JSON text."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _each(kind: type[T], items: list[dict[str, Any]]) -> tuple[T, ...]:
    return tuple(kind.of(item) for item in items)


def _range(data: dict[str, int] | None) -> tuple[int, int] | None:
    return (data["start"], data["last"]) if data else None


@dataclass(frozen=True, slots=True)
class Field(_Plain):
    """Neighbouring bits of a word that mean one thing."""

    name: str
    """Short name: ``origin``, ``P``, ``TT``; ``-`` for bits without known meaning."""
    lsb: tuple[int, int]
    """Highest and lowest bit, the least significant being 0."""
    msb: tuple[int, int]
    """The same bits as IBM counts: the most significant is 0."""
    value: int
    """The bits, shifted down."""
    meaning: str
    """What this value says."""
    usual: bool
    """Whether some Linux writes it here."""


@dataclass(frozen=True, slots=True)
class Decoded(_Plain):
    """A word explained; `str()` is a text table."""

    kind: str
    """What it was taken for, as `decode` was told."""
    word: int
    """The word."""
    meaning: str
    """The whole word in one line."""
    fields: tuple[Field, ...]
    """All 64 bits, from the most significant down."""
    next: str
    """What a walk that meets this word does next."""
    text: str
    """The text table."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        kind = data["kind"].replace("_", "-")
        return cls(kind, data["word"], data["meaning"], _each(Field, data["fields"]), data["next"], data["text"])

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class WalkStep(_Plain):
    """One entry that a walk read."""

    level: str
    """Kind of table."""
    index: int
    """Index in it."""
    at: int
    """Address of the entry."""
    word: int
    """The entry."""


@dataclass(frozen=True, slots=True)
class Walk(_Plain):
    """What the machine makes of an address."""

    iova: int
    """The address."""
    access: str
    """``read`` or ``write``."""
    iota: int | None
    """The anchor it starts from; none if nothing is registered."""
    range: tuple[int, int] | None
    """First and last address of the registration."""
    steps: tuple[WalkStep, ...]
    """The entries, from the root down."""
    phys: int | None
    """Where it leads: the byte's absolute address."""
    writable: bool | None
    """Whether writing is allowed there."""
    fault: str | None
    """Why it leads nowhere."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        path = data["path"]
        found = path["translation"] or {}
        return cls(
            data["iova"],
            data["access"],
            data["iota"],
            _range(data["range"]),
            _each(WalkStep, path["steps"]),
            found.get("phys"),
            found.get("writable"),
            path["fault"],
        )


@dataclass(frozen=True, slots=True)
class Row(_Plain):
    """Consecutive entries of a table that say the same."""

    index: int
    """Index of the first."""
    count: int
    """How many."""
    at: int
    """Address of the first in memory."""
    word: int
    """The first entry."""
    iova: int
    """First address they translate."""
    kind: str
    """What they say: ``invalid``, ``unmapped``, ``table``, ``page``, ``readonly``, ``frame``."""
    child: Tree | None
    """The table below."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        child = Tree.of(data["child"]) if data["child"] else None
        return cls(**{**data, "child": child})


@dataclass(frozen=True, slots=True)
class Tree(_Plain):
    """A table and everything below it; `str()` is for reading."""

    level: str
    """Kind of table."""
    origin: int
    """Where it is."""
    rows: tuple[Row, ...]
    """Its entries, folded."""
    omitted: int
    """Rows left out because of the limit."""
    text: str = ""
    """For reading; only at the root."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        rows = _each(Row, data["rows"])
        return cls(data["level"], data["origin"], rows, data["omitted"], data.get("text", ""))

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Translation(_Plain):
    """Consecutive pages mapped to consecutive frames."""

    iova: int
    """First address."""
    phys: int
    """What it is mapped to."""
    writable: bool
    """Whether the device may write."""
    pages: int
    """How many pages of 4 KiB."""


@dataclass(frozen=True, slots=True)
class DomainView(_Plain):
    """A domain."""

    name: str
    """Its name."""
    root: int
    """Address of its root table."""
    aperture: tuple[int, int]
    """First and last address."""
    force_aperture: bool
    """Whether the aperture is a limit."""
    devices: tuple[str, ...]
    """Functions on its list, newest first."""
    devices_broken: bool
    """Whether that list never leads back to its head."""
    translations: tuple[Translation, ...]
    """What its tables translate, in order of address."""
    tables: tuple[int, int, int]
    """Region, segment and page tables, counted."""
    freed: bool
    """Whether its tables were given back."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        return cls(
            data["name"],
            data["root"],
            (data["aperture"]["start"], data["aperture"]["last"]),
            data["force_aperture"],
            tuple(data["devices"]),
            data["devices_broken"],
            _each(Translation, data["translations"]),
            (data["tables"][0], data["tables"][1], data["tables"][2]),
            data["freed"],
        )


@dataclass(frozen=True, slots=True)
class GroupView(_Plain):
    """A group of the IOMMU core; ``(freed)`` follows the name of a domain that is gone."""

    id: int
    """Its number."""
    domain: str | None
    """The domain it is in."""
    default_domain: str | None
    """The domain of the DMA API."""
    blocking_domain: str | None
    """The blocking domain of its owners."""
    owner_cnt: int
    """Drivers that use it, or claims of its owner."""
    owner: int | None
    """Its owner."""
    devices: int
    """How many functions are in it."""
    refs: int
    """References to it."""


@dataclass(frozen=True, slots=True)
class FunctionView(_Plain):
    """A PCI function."""

    name: str
    """Its name."""
    domain: str | None
    """The domain that the driver believes it is in."""
    dma_table: str | None
    """Whose table the driver believes is registered."""
    registered: str | None
    """Whose table the machine has registered."""
    registered_freed: bool
    """Whether that table was given back: the machine walks freed memory."""
    range: tuple[int, int]
    """First and last address that the driver registers."""
    state: str
    """``enabled``, ``error`` or ``removed``."""
    group: GroupView | None
    """The group that a user of it deals with, once it is on the bus."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        group = GroupView.of(data["group"]) if data["group"] else None
        return cls(**{**data, "range": (data["range"]["start"], data["range"]["last"]), "group": group})


@dataclass(frozen=True, slots=True)
class OpResult(_Plain):
    """What one operation of the live machine gave."""

    rc: int
    """0 or a negative error number."""
    value: int | tuple[tuple[int, int], ...] | None
    """Bytes, an address, a condition code; or reserved regions."""
    warnings: tuple[tuple[str, int], ...]
    """Kernel warnings with how often."""
    calls: tuple[int, int, int]
    """Calls of the driver's map, unmap and iova_to_phys."""
    unaligned: int
    """Requests that the core refused for their alignment."""
    refreshes: int
    """Refreshes asked for."""


@dataclass(frozen=True, slots=True)
class Counters(_Plain):
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


@dataclass(frozen=True, slots=True)
class Mismatch(_Plain):
    """A field in which a replay differs from its recording."""

    scenario: str
    """Which, as ``id @ revision``."""
    place: str
    """Where in it, such as ``results[3].hw[0][4]``."""
    operation: Any
    """The operation, as recorded."""
    recorded: Any
    """What the real driver did."""
    here: Any
    """What happens here."""
    text: str
    """All of it for reading."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Report(_Plain):
    """What a replay found; `str()` is ``N scenarios, M operations, K mismatches``."""

    scenarios: int
    """Scenarios replayed."""
    operations: int
    """Operations in them."""
    mismatches: int
    """Fields that differ, and lines that cannot be replayed."""
    details: tuple[Mismatch, ...]
    """The first of them."""
    text: str
    """The summary."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        pairs = zip(data["details"], data["texts"], strict=True)
        details = tuple(Mismatch(**each, text=text) for each, text in pairs)
        return cls(data["scenarios"], data["operations"], data["mismatches"], details, data["text"])

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Check(_Plain):
    """One expectation."""

    what: str
    """What is expected of: ``rc``, ``functions.f0.registered``."""
    expected: str
    """What was expected."""
    got: str
    """What is."""
    held: bool
    """Whether they are equal."""


@dataclass(frozen=True, slots=True)
class Step(_Plain):
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
    regions: tuple[tuple[int, int], ...] | None
    """Reserved regions as (first, bytes)."""
    warnings: tuple[str, ...]
    """Kernel warnings: ``label`` or ``label*N``."""
    calls: int
    """Driver operations called."""
    refreshes: int
    """Refreshes asked for."""
    hw: tuple[str, ...]
    """What reached the hardware."""
    walk: Walk | None
    """The machine's walk, for a walk step."""
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
        plain = {key: _frozen(value) for key, value in data.items() if key in cls.__dataclass_fields__}
        walk = Walk.of(data["walk"]) if data["walk"] else None
        return cls(**{**plain, "walk": walk, "checks": _each(Check, data["checks"])})

    @property
    def held(self) -> bool:
        """Whether every expectation of the step held."""
        return all(check.held for check in self.checks)


@dataclass(frozen=True, slots=True)
class Outcome(_Plain):
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

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        plain = {key: _frozen(value) for key, value in data.items() if key in cls.__dataclass_fields__}
        parts = {
            "steps": _each(Step, data["steps"]),
            "checks": _each(Check, data["checks"]),
            "domains": _each(DomainView, data["domains"]),
            "functions": _each(FunctionView, data["functions"]),
            "counters": Counters.of(data["counters"]),
        }
        return cls(**{**plain, **parts})

    def _repr_html_(self) -> str:
        from s390_iommu.html import outcome

        return outcome(self)


@dataclass(frozen=True, slots=True)
class Divergence(_Plain):
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
class Difference(_Plain):
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
class Comparison(_Plain):
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
        from s390_iommu.html import comparison

        return comparison(self)
