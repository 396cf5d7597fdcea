"""A progress bar on standard error."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

PATIENCE = 1.0
WIDTH = 30


class Progress:
    """Shows how far something is, once it has taken a second, and only on a terminal."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.start = time.monotonic()
        self.shown = 0.0
        self.terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __call__(self, done: int, total: int) -> None:
        """So much of so much is done."""
        now = time.monotonic()
        if not self.terminal or now - self.start < PATIENCE or now - self.shown < 0.1:
            return
        self.shown = now
        full = WIDTH * done // max(total, 1)
        print(f"\r{self.what} [{'#' * full}{'.' * (WIDTH - full)}] {done}/{total}", end="", file=sys.stderr, flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
