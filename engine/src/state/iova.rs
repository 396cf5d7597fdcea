//! Addresses for the DMA API of newer kernels: `drivers/iommu/iova.c` and the flush queue of `dma-iommu.c`.
//!
//! [`IovaDomain`] hands out ranges of addresses and takes them back. Three parts lie on top of each other: the [`tree`]
//! of ranges that are in use, [`cache`]s that keep ranges of small sizes ready for each CPU, and the [`queue`] of ranges
//! that nobody may have before the next flush.
//!
//! All of it is plain data. Who calls, what fails and where it is told what happens comes with a [`Host`].

pub mod cache;
mod domain;
mod host;
pub mod queue;
pub mod tree;

pub use domain::IovaDomain;
pub use host::{Effect, Host, NoMemory, Timer};
