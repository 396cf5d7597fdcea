"""Translation tables as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.plain import Plain, each


@dataclass(frozen=True, slots=True)
class Row(Plain):
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
        return cls.build(data, child=child)


@dataclass(frozen=True, slots=True)
class Tree(Plain):
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
        rows = each(Row, data["rows"])
        return cls(data["level"], data["origin"], rows, data["omitted"], data.get("text", ""))

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        from s390_iommu import html

        return html.tree(self)
