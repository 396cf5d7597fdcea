"""The command `s390-iommu`, also `python -m s390_iommu`."""

import argparse
import sys
from collections.abc import Sequence

from s390_iommu import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="s390-iommu", description="A laboratory for the IBM Z (s390) PCI IOMMU."
    )
    parser.add_argument("--version", action="version", version=f"s390-iommu {__version__}")
    parser.parse_args(argv)
    parser.print_help()
    return 0


if __name__ == "__main__":
    sys.exit(main())
