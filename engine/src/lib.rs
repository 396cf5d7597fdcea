//! A laboratory for the IBM Z (s390) PCI IOMMU.
#![forbid(unsafe_code)]

pub mod addr;
pub mod exec;
pub mod explore;
pub mod hw;
pub mod ids;
pub mod lab;
pub mod link;
pub mod linux;
pub mod mem;
pub mod recording;
pub mod revision;
pub mod scenario;
pub mod session;
pub mod state;
pub mod table;
pub mod trace;
