"""What VFIO and iommufd tell their users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.plain import Plain, pairs


@dataclass(frozen=True, slots=True)
class IommuInfo(Plain):
    """What a VFIO container says about itself."""

    page_sizes: int
    """Page sizes, one bit each."""
    available: int
    """Mappings that can still be made (`dma_avail`)."""
    ranges: tuple[tuple[int, int], ...]
    """Addresses that may be mapped, as (first, last)."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        return cls.build(data, ranges=pairs(data["ranges"]))


@dataclass(frozen=True, slots=True)
class IoasRanges(Plain):
    """What an address space of an iommufd says about itself."""

    alignment: int
    """What addresses have to be multiples of."""
    ranges: tuple[tuple[int, int], ...]
    """Addresses that may be mapped, as (first, last)."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        return cls.build(data, ranges=pairs(data["ranges"]))


@dataclass(frozen=True, slots=True)
class GroupStatus(Plain):
    """What VFIO says about a group."""

    viable: bool
    """Whether it can be used: no driver of the kernel has one of its functions."""
    member: bool
    """Whether it is a member of a container."""


@dataclass(frozen=True, slots=True)
class UserMapping(Plain):
    """A mapping that a user asked for."""

    iova: int
    """First address."""
    size: int
    """How many bytes."""
    read: bool
    """Whether the device may read."""
    write: bool
    """Whether the device may write."""
