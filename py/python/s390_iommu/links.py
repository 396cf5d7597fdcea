"""Playground links."""

from __future__ import annotations

from dataclasses import dataclass

from s390_iommu import _engine


@dataclass(frozen=True, slots=True)
class Link:
    """A scenario and what is looked at, in the fragment of a URL.

    >>> from s390_iommu import Link
    >>> link = Link("schema = 1", kernel="p3")
    >>> Link.decode(link.encode()) == link
    True
    """

    text: str
    """The scenario as typed; it need not be right."""
    kernel: str | None = None
    """Kernel chosen in place of the scenario's."""
    patches: tuple[str, ...] | None = None
    """Exactly these patches in place of the scenario's."""
    compare: str | None = None
    """Kernel it is compared with."""
    step: int | None = None
    """Step that is selected."""
    iova: int | None = None
    """Address that is selected."""

    def encode(self) -> str:
        """The link: text that begins with ``#1``."""
        patches = None if self.patches is None else list(self.patches)
        return _engine.encode_link(self.text, self.kernel, patches, self.compare, self.step, self.iova)

    @classmethod
    def decode(cls, fragment: str) -> Link:
        """What a link holds. Raises `ValueError` for a damaged one, or one of a newer version."""
        text, kernel, patches, compare, step, iova = _engine.decode_link(fragment)
        return cls(text, kernel, None if patches is None else tuple(patches), compare, step, iova)

    def __str__(self) -> str:
        return self.encode()
