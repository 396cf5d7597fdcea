//! A laboratory for the IBM Z (s390) PCI IOMMU.
#![forbid(unsafe_code)]

pub mod addr;
pub mod mem;
pub mod revision;
