//! What iommufd keeps: contexts with address spaces, page tables, devices.

use std::collections::BTreeMap;

use crate::addr::IovaRange;
use crate::ids::{DomainId, FunctionId};

/// Everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Iommufd {
    /// In order of opening; closed ones stay.
    pub contexts: Vec<Context>,
    /// Open character devices, in order of opening; closed ones stay.
    pub devices: Vec<CharDevice>,
}

/// A context: what one open `/dev/iommu` has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Context {
    /// Name of the handle it was opened with.
    pub name: String,
    /// Objects by number; the lowest free number is the next one's.
    pub objects: BTreeMap<u32, Object>,
    /// The address space that stands for a type 1 container.
    pub compat: Option<u32>,
    /// Handle and bound devices that keep it.
    pub refs: u32,
    /// Domains allocated for it so far.
    pub domains: u32,
}

/// An object of a context.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// An address space.
    Ioas(Ioas),
    /// A page table.
    Hwpt(Hwpt),
    /// A device.
    Device(Bound),
}

/// An address space (`struct io_pagetable`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ioas {
    /// Mappings by address.
    pub areas: BTreeMap<u64, Area>,
    /// Reserved addresses, with the device or the domain that they come from.
    pub reserved: Vec<(IovaRange, Reserver)>,
    /// Page tables of it, in order of arrival.
    pub domains: Vec<u32>,
}

/// Who reserves addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reserver {
    /// A device, by its object.
    Device(u32),
    /// A page table, whose aperture ends.
    Hwpt(u32),
}

/// A mapping.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Area {
    /// Its bytes.
    pub size: u64,
    /// The device may read.
    pub read: bool,
    /// The device may write.
    pub write: bool,
    /// The memory behind it, as runs of physical addresses.
    pub memory: Vec<(u64, u64)>,
    /// The memory was first mapped for writing: only then a copy may be written to.
    pub writable: bool,
    /// Its pages are pinned.
    pub pinned: bool,
    /// The memory's number: copies share it.
    pub pages: u64,
}

/// A page table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hwpt {
    /// Its address space.
    pub ioas: u32,
    /// Its domain.
    pub domain: DomainId,
    /// It was made by an attach, and goes with the last device.
    pub auto: bool,
    /// Devices in it.
    pub users: u32,
}

/// A device in a context.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bound {
    /// Which.
    pub function: FunctionId,
    /// The page table it is in.
    pub hwpt: Option<u32>,
}

/// A character device that is open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CharDevice {
    /// Which.
    pub function: FunctionId,
    /// Context and object it is bound to.
    pub bound: Option<(usize, u32)>,
}
