//! What kernel code does. It asks [decisions](crate::revision), never patches, and reaches memory and machine
//! only through [`Cx`](crate::exec::Cx).

pub mod core;
pub mod dma;
pub mod driver;
mod errno;
pub mod iommufd;
pub mod pci;
pub mod vfio;
pub mod zpci;

pub use errno::{Errno, Outcome, rc};
