"""Shows one bug on every kernel of the series: where it is, and which patch takes it away.

    python examples/python/compare_a_bug.py
"""

from s390_iommu import KERNELS, compare

SCENARIO = """
schema = 1
title = "The last page of the aperture"
functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
domains = ["d0"]
steps = [
  { attach = "f0", to = "d0" },
  { map = 0x1_ffff_f000, phys = 0x8000_0000, size = "4 KiB", in = "d0", expect = { rc = 0 } },
]
"""


def main() -> None:
    both = compare(SCENARIO, KERNELS)
    print(both.outcomes[0].title)
    for outcome in both.outcomes:
        check = outcome.steps[1].checks[0]
        print(f"  {outcome.revision:10} {'held' if outcome.held else f'expected {check.expected}, got {check.got}'}")
    fixed = next(outcome.revision for outcome in both.outcomes if outcome.held)
    print(f"Gone since {fixed}.")


if __name__ == "__main__":
    main()
