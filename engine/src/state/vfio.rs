//! What VFIO keeps: containers with their mappings, groups, devices.

use std::collections::BTreeMap;

use crate::addr::IovaRange;
use crate::ids::{DomainId, FunctionId};

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vfio {
    /// In order of opening; closed ones stay.
    pub containers: Vec<Container>,
    /// In order of appearance; those that are gone stay.
    pub groups: Vec<Group>,
    /// By [`FunctionId`].
    pub devices: Vec<Device>,
    /// Mappings that a container may have (`dma_entry_limit`).
    pub entry_limit: u32,
    /// User memory is pinned and mapped page by page (`disable_hugepages`).
    pub single_pages: bool,
    /// Pages of user memory that are pinned, by whatever container or address space.
    pub pinned: u64,
    /// How often user memory was handed over, for its numbers.
    pub numbers: u64,
}

impl Default for Vfio {
    fn default() -> Self {
        Self {
            containers: Vec::new(),
            groups: Vec::new(),
            devices: Vec::new(),
            entry_limit: u16::MAX.into(),
            single_pages: false,
            pinned: 0,
            numbers: 0,
        }
    }
}

/// A container (`struct vfio_container`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Container {
    /// Name of the handle it was opened with.
    pub name: String,
    /// Its groups, the newest first.
    pub groups: Vec<usize>,
    /// What maps, once it was chosen; gone with the last group.
    pub iommu: Option<Type1>,
    /// Domains allocated for it so far.
    pub domains: u32,
}

/// What a container maps with (`struct vfio_iommu`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Type1 {
    /// Version 2: what is unmapped has to be what was mapped.
    pub v2: bool,
    /// Its domains, the newest first.
    pub domains: Vec<Type1Domain>,
    /// Addresses that may be mapped.
    pub ranges: Vec<IovaRange>,
    /// Mappings by address.
    pub mappings: BTreeMap<u64, Mapping>,
    /// How many more there may be.
    pub available: u32,
    /// Written pages are tracked: all pinned ones count as written.
    pub tracks_dirty: bool,
}

/// A domain of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Type1Domain {
    /// The domain.
    pub domain: DomainId,
    /// The groups in it, the newest first.
    pub groups: Vec<usize>,
    /// It is taken to unmap large pages in one piece only (`fgsp`).
    pub whole_only: bool,
}

/// A mapping that a user asked for (`struct vfio_dma`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mapping {
    /// Bytes that are mapped so far.
    pub size: u64,
    /// The device may read.
    pub read: bool,
    /// The device may write.
    pub write: bool,
}

impl Type1 {
    /// A mapping that has an address of `size` bytes from `start` on; a size of 0 asks for one that ends after `start`
    /// (`vfio_find_dma`). Gives its address.
    pub fn find(&self, start: u64, size: u64) -> Option<u64> {
        self.mappings
            .iter()
            .find(|(iova, mapping)| {
                start.wrapping_add(size) > **iova && start < iova.wrapping_add(mapping.size)
            })
            .map(|(iova, _)| *iova)
    }
}

/// Where a group is a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Home {
    /// A container.
    Container(usize),
    /// An iommufd context that stands for one.
    Context(usize),
}

/// A group as VFIO shows it (`struct vfio_group`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// Its function.
    pub function: FunctionId,
    /// Its function has gone from VFIO: only handles keep it.
    pub gone: bool,
    /// It is open, by a handle or by a device that is open through it.
    pub open: bool,
    /// Its handle is open.
    pub handle: bool,
    /// Where it is a member.
    pub home: Option<Home>,
}

/// A function for user space (`struct vfio_device`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Device {
    /// Its group, while vfio-pci is its driver.
    pub group: Option<usize>,
    /// How often it is open.
    pub opens: u32,
    /// A reset worked when it was opened.
    pub resets: bool,
    /// It is for a guest, once it is opened.
    pub guest: bool,
}
