"""Words explained, bit by bit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from s390_iommu.values.plain import Plain, each


@dataclass(frozen=True, slots=True)
class Field(Plain):
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
class Decoded(Plain):
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
        return cls(kind, data["word"], data["meaning"], each(Field, data["fields"]), data["next"], data["text"])

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        from s390_iommu import html

        return html.decoded(self)
