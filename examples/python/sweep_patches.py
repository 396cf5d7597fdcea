"""Runs scenarios on all 64 sets of the six patches and prints which sets can be told apart, as a table.

    python examples/python/sweep_patches.py [FILE…]

Without files it takes the gallery next to this file. A row is a set of p1, p2, p3; a column a set of p4, p5, p6.
Two sets that do the same in every scenario have the same letter.
"""

import sys
from itertools import combinations
from pathlib import Path

from s390_iommu import PATCHES, Scenario, parse, run

GALLERY = Path(__file__).parents[1] / "scenarios"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-"


def subsets(names: list[str]) -> list[tuple[str, ...]]:
    """Every set of these names, small ones first."""
    return [chosen for size in range(len(names) + 1) for chosen in combinations(names, size)]


def behaviour(scenarios: list[Scenario], patches: tuple[str, ...]) -> tuple[object, ...]:
    """What these scenarios show from outside on the kernel with these patches."""
    runs = [run(scenario, "base", patches, trace=False) for scenario in scenarios]
    return tuple((step.rc, step.value, step.hw, step.warnings, step.stop) for each in runs for step in each.steps)


def main() -> None:
    files = [Path(name) for name in sys.argv[1:]] or sorted(GALLERY.glob("*.zpci.toml"))
    scenarios = [parse(file.read_text(encoding="utf-8")) for file in files]
    names = list(PATCHES)
    rows, columns = subsets(names[:3]), subsets(names[3:])
    width = max(len(" ".join(column)) for column in columns) + 2
    print(" " * 10 + "".join(f"{' '.join(column) or 'none':>{width}}" for column in columns))
    seen: dict[tuple[object, ...], str] = {}
    for row in rows:
        cells = [behaviour(scenarios, row + column) for column in columns]
        letters = [seen.setdefault(cell, LETTERS[len(seen)]) for cell in cells]
        print(f"{' '.join(row) or 'none':10}" + "".join(f"{letter:>{width}}" for letter in letters))
    print(f"{len(scenarios)} scenarios tell {len(seen)} of {len(rows) * len(columns)} sets apart.")


if __name__ == "__main__":
    main()
