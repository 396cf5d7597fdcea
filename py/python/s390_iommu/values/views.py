"""Domains, functions and groups as they are at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.plain import Plain, each, pair


@dataclass(frozen=True, slots=True)
class Translation(Plain):
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
class DomainView(Plain):
    """A domain."""

    name: str
    """Its name."""
    root: int
    """Address of its root table."""
    level: str
    """Kind of that table: ``region_third``, from v6.16 on also ``region_second`` or ``region_first``."""
    levels: int
    """Levels of tables from there to the pages: 3, 4 or 5."""
    counters: dict[str, int]
    """What it counts, with Linux's names: ``mapped_pages``, ``sync_rpcits``."""
    gather: tuple[int, int] | None
    """What was unmapped and not refreshed yet, as (first, last)."""
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
        return cls.build(
            data,
            aperture=pair(data["aperture"]),
            gather=pair(data["gather"]),
            translations=each(Translation, data["translations"]),
        )


@dataclass(frozen=True, slots=True)
class GroupView(Plain):
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
class FunctionView(Plain):
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
        return cls.build(data, range=pair(data["range"]), group=group)
