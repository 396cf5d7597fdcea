"""The command `s390-iommu`, also `python -m s390_iommu`."""

import sys

from s390_iommu.cli import main

if __name__ == "__main__":
    sys.exit(main())
