"""The progress bar."""

import io

import pytest

from s390_iommu.cli import progress
from s390_iommu.cli.progress import Progress


class Terminal(io.StringIO):
    """Standard error on a terminal."""

    def isatty(self) -> bool:
        return True


def drawn(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, patience: float) -> str:
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    with Progress("replay") as bar:
        bar(1, 4)
    return stream.getvalue()


def test_it_shows_how_far_something_is_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawn(monkeypatch, Terminal(), 0)
    assert text == "\rreplay [#######.......................] 1/4\r\x1b[K"


def test_it_is_for_terminals_and_for_what_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(monkeypatch, io.StringIO(), 0) == ""
    assert drawn(monkeypatch, Terminal(), 1) == ""
