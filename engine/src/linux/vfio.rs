//! VFIO: functions for user space. A process opens a *container*, puts *groups* into it, chooses what maps for it
//! ([`type1`]), and opens *devices*.
//!
//! It knows no patch, and touches the machine only through the IOMMU core and PCI. User memory comes with the request, as
//! runs of physical addresses.

mod container;
mod device;
mod group;
mod handles;
pub mod type1;

pub use container::{check_extension, open as open_container, set_iommu, track_dirty};
pub use device::{get_device, give_to_guest, hot_reset, reset};
pub(super) use device::{open as open_device, release as release_device};
pub use group::{Status, open as open_group, set_container, status, unset_container};
pub(super) use group::{register, unregister};
pub use handles::{close, kill};
pub(super) use handles::{handle, insert, insertable};
pub use type1::{Info, MapRequest, UnmapRequest, info, map, unmap};
