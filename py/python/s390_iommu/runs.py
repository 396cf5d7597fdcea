"""Scenarios run, compared and replayed."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from s390_iommu import _engine
from s390_iommu._engine import Replay, Scenario, Session
from s390_iommu.values import Comparison, Outcome, Report

Source = str | os.PathLike[str] | Scenario
"""A scenario as text, as the path of a file (`pathlib.Path`, or text that ends in ``.toml`` or ``.json``), or parsed."""

Progress = Callable[[int, int], None]
"""Told steps done and steps in all, about 20 times a second."""

SLICE = 0.05
"""Seconds between two looks at signals and progress."""


def load(source: Source) -> Scenario:
    """The scenario of a text, a path or a scenario. Raises `ScenarioError` and `OSError`."""
    if isinstance(source, Scenario):
        return source
    if isinstance(source, os.PathLike) or ("\n" not in source and source.endswith((".toml", ".json"))):
        source = Path(source).read_text(encoding="utf-8")
    return _engine.parse(source)


def session(
    source: Source,
    kernel: str | None = None,
    patches: Sequence[str] | None = None,
    profile: str | None = None,
    *,
    trace: bool = True,
    progress: Progress | None = None,
) -> Session:
    """A scenario, run to its end in slices; Ctrl-C works between them."""
    chosen = None if patches is None else list(patches)
    running = Session(load(source), kernel, chosen, profile, trace)
    while not running.advance(SLICE):
        if progress:
            progress(*running.position)
    return running


def run(
    source: Source,
    kernel: str | None = None,
    patches: Sequence[str] | None = None,
    profile: str | None = None,
    *,
    trace: bool = True,
    progress: Progress | None = None,
) -> Outcome:
    """Runs a scenario to its end.

    `source` is text, a path or a `Scenario`. `kernel` (see `KERNELS`), `patches` (exactly these) and `profile`
    (``"lpar"``, ``"zvm"``, ``"qemu"``) replace what the scenario says. With `trace=False` only what comes out of
    calls is kept. `progress` is told steps done and steps in all.

    Raises `ScenarioError` for a scenario that cannot be read or run, `ValueError` for unknown names, `OSError` for
    a file that cannot be read.
    """
    return session(source, kernel, patches, profile, trace=trace, progress=progress).outcome()


def compare(
    source: Source,
    kernels: str | Iterable[str],
    profile: str | None = None,
    *,
    progress: Progress | None = None,
) -> Comparison:
    """Runs a scenario once per kernel and says how each differs from the first. Errors as `run`.

    `kernels` are names, or one text that names several, as `kernels` reads it: ``"base,p6"``, ``"p1..v6.8"``, ``"all"``.

    >>> from s390_iommu import compare
    >>> text = '''
    ... schema = 1
    ... title = "The last page of the aperture"
    ... functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
    ... domains = ["d0"]
    ... steps = [
    ...   { attach = "f0", to = "d0" },
    ...   { map = 0x1_ffff_f000, phys = 0x8000_0000, size = "4 KiB", in = "d0" },
    ... ]
    ... '''
    >>> difference = compare(text, ["v6.1-rc2", "v6.1-rc2+p4"]).differences[0]
    >>> difference.divergence.what, difference.divergence.left, difference.divergence.right
    ('rc', '-EINVAL', '0')
    """
    scenario = load(source)
    names = _engine.kernels(kernels) if isinstance(kernels, str) else kernels
    sessions = [session(scenario, kernel, None, profile, progress=progress) for kernel in names]
    if not sessions:
        raise ValueError("there is no kernel to run on")
    outcomes = tuple(each.outcome() for each in sessions)
    return Comparison(outcomes, tuple(sessions[0].compare(other) for other in sessions[1:]))


def replay(lines: Iterable[str]) -> Report:
    """Replays recordings of the real driver, one scenario a line, and compares every field.

    >>> from s390_iommu import replay
    >>> print(replay([]))
    0 scenarios, 0 operations, 0 mismatches
    """
    running = Replay()
    for line in lines:
        running.feed(line)
    return running.report()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of scenario files."""
    schema: dict[str, Any] = json.loads(_engine.schema_text())
    return schema


def explain(code: str) -> str:
    """What a name or code means: a kernel, patch, what-if, decision or its value, a fault, a kernel warning, a crash, the
    code of a message, an error number, an event, an answer of an instruction. `explainable` lists them, and what people
    write for them is understood too: ``cc1/40``, ``pec 0x3a``, ``-EINVAL``.

    Raises `ValueError` for anything else.

    >>> from s390_iommu import explain
    >>> print(explain("invalid-entry").partition(".")[0])
    Fault: An entry on the way is invalid: the address was never mapped, or it was unmapped
    >>> print(explain("cc 3").partition(",")[0])
    Condition code 3
    """
    text = _engine.explain(code)
    number = {name: number for number, name in errno.errorcode.items()}.get(code.removeprefix("-"))
    if text is None and number is not None:
        text = f"Error number {number}: {os.strerror(number)}."
    if text is None:
        raise ValueError(f"nothing is called {code!r}; `s390-iommu explain` lists what there is")
    return text


def meaning(kind: str, name: str) -> str:
    """What a name means as one kind of thing: ``Fault``, ``Verdict``."""
    meanings = (text.partition(": ") for text in explain(name).split("\n\n"))
    return next((text for head, _, text in meanings if head.startswith(kind)), "")


def explainable() -> dict[str, tuple[str, ...]]:
    """What `explain` knows, by kind. It knows all error numbers, also those that are not listed.

    >>> from s390_iommu import explainable
    >>> explainable()["faults"][:2]
    ('invalid-address-space', 'out-of-range')
    """
    return {title: tuple(names) for title, names in _engine.NAMES}
