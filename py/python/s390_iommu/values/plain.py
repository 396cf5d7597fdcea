"""What all values can do."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Self, TypeVar

T = TypeVar("T", bound="Plain")


class Plain:
    """What all values can do."""

    __slots__ = ()

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Builds one from the engine's form."""
        return cls.build(data)

    @classmethod
    def build(cls, data: dict[str, Any], /, **parts: Any) -> Self:
        """Builds one from the engine's form with these fields in place of its own; what has no field here is left out."""
        names = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
        return cls(**{key: frozen(value) for key, value in data.items() if key in names} | parts)

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionaries, lists, numbers and text, ready for `json.dumps`."""
        return dataclasses.asdict(self)  # type: ignore[call-overload, no-any-return]

    def to_json(self, indent: int | None = None) -> str:
        """The same as JSON text."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)


def frozen(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(frozen(item) for item in value) if isinstance(value, list) else value


def each(kind: type[T], items: list[dict[str, Any]]) -> tuple[T, ...]:
    """One value of this kind for each item."""
    return tuple(kind.of(item) for item in items)


def pair(data: dict[str, int] | None) -> tuple[int, int] | None:
    """A range as (first, last)."""
    return (data["start"], data["last"]) if data else None


def pairs(items: list[dict[str, int]]) -> tuple[tuple[int, int], ...]:
    """Ranges as (first, last) each."""
    return tuple((item["start"], item["last"]) for item in items)
