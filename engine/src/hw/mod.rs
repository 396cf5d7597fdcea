//! What the machine does: walks tables, caches translations, executes instructions, moves data for devices. It does not
//! know which kernel is running.

pub mod dma;
pub mod event;
pub mod fault;
pub mod function;
pub mod iotlb;
pub mod lookup;
pub mod profile;
mod qemu;
pub mod sight;
pub mod walk;
pub mod zpci;
