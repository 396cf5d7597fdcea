"""A laboratory for the IBM Z (s390) PCI IOMMU."""

from s390_iommu._engine import __version__

__all__ = ["__version__"]
