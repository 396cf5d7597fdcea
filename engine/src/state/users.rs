//! What a process in user space has open, and what stands behind it.

use std::collections::BTreeMap;

use super::iommufd::{Iommufd, Object};
use super::pci::Pci;
use super::vfio::Vfio;
use crate::ids::{DomainId, FunctionId};

/// What an open handle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handle {
    /// A container.
    Container(usize),
    /// A group.
    Group(usize),
    /// A device, opened through its group.
    Device(FunctionId),
    /// An iommufd context.
    Context(usize),
    /// A character device.
    CharDevice(usize),
}

/// Open handles, and the state of those who serve them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Users {
    /// By name.
    pub handles: BTreeMap<String, Handle>,
    /// Names by the number of the file, which is the lowest that was free.
    pub files: BTreeMap<u32, String>,
    /// PCI.
    pub pci: Pci,
    /// VFIO.
    pub vfio: Vfio,
    /// iommufd.
    pub iommufd: Iommufd,
}

impl Users {
    /// Whether a domain was made for a container or for an address space of an iommufd.
    pub fn made(&self, domain: DomainId) -> bool {
        let containers = self.vfio.containers.iter().filter_map(|container| container.iommu.as_ref());
        let mut type1 = containers.flat_map(|iommu| &iommu.domains).map(|known| known.domain);
        let mut objects = self.iommufd.contexts.iter().flat_map(|context| context.objects.values());
        type1.any(|known| known == domain)
            || objects.any(|object| matches!(object, Object::Hwpt(table) if table.domain == domain))
    }

    /// A function appears.
    pub(super) fn add_function(&mut self) {
        self.pci.functions.push(super::pci::PciFunction::default());
        self.vfio.devices.push(super::vfio::Device::default());
    }
}
