//! What the IOMMU core keeps: groups of functions, who owns them, and where each function stands.

use crate::ids::{DomainId, FunctionId, GroupId};

/// The type of a group's default domain that the system asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DefaultType {
    /// DMA API with a flush queue: what s390 is configured to.
    #[default]
    DmaFq,
    /// DMA API, strict (`iommu.strict=1`).
    Dma,
    /// No translation (`iommu.passthrough=1`).
    Identity,
}

/// A group (`struct iommu_group`): the functions that only go from domain to domain together. On s390 that is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Group {
    /// Its functions, in order of arrival.
    pub devices: Vec<FunctionId>,
    /// References; at 0 the group is freed.
    pub refs: u32,
    /// The domain it is in.
    pub domain: Option<DomainId>,
    /// The domain of the DMA API.
    pub default_domain: Option<DomainId>,
    /// The domain without translations that an owner starts from.
    pub blocking_domain: Option<DomainId>,
    /// Who owns its DMA: an arbitrary number that is not 0.
    pub owner: Option<u64>,
    /// Drivers that use the DMA API, or claims of the owner.
    pub owner_cnt: u32,
    /// Who holds its mutex.
    pub mutex: Option<u8>,
}

/// Where a function stands with the core.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Member {
    /// The group it is in.
    pub group: Option<GroupId>,
    /// A group that a user of the function holds a reference to; it may outlive the function's stay in it.
    pub held: Option<GroupId>,
    /// It is on the PCI bus.
    pub on_bus: bool,
    /// The core has probed it (`dev->iommu`).
    pub has_iommu: bool,
    /// Its DMA API is dma-iommu.
    pub dma_iommu: bool,
}

/// Groups, units and the bus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Groups {
    /// By [`GroupId`]; freed ones stay.
    pub groups: Vec<Group>,
    /// By [`FunctionId`].
    pub members: Vec<Member>,
    /// Functions whose IOMMU unit is registered, in order of registration.
    pub units: Vec<FunctionId>,
    /// A unit was registered at some time: the bus has its operations for good.
    pub bus_has_iommu: bool,
    /// Functions on the bus, in order of arrival.
    pub bus: Vec<FunctionId>,
    /// Domains allocated for functions with relaxed translation: they belong to other driver operations.
    pub relaxed: Vec<DomainId>,
    /// Domains that dma-iommu has prepared.
    pub cookies: Vec<DomainId>,
    /// What default domains are to be.
    pub default_type: DefaultType,
}

impl Groups {
    /// A group.
    pub fn group(&self, id: GroupId) -> &Group {
        &self.groups[id.index()]
    }

    /// A group, to be changed.
    pub fn group_mut(&mut self, id: GroupId) -> &mut Group {
        &mut self.groups[id.index()]
    }

    /// Where a function stands.
    pub fn member(&self, function: FunctionId) -> &Member {
        &self.members[function.index()]
    }

    /// Where a function stands, to be changed.
    pub fn member_mut(&mut self, function: FunctionId) -> &mut Member {
        &mut self.members[function.index()]
    }

    /// The group that a user of the function deals with: the one held, or else the function's own.
    pub fn group_of_user(&self, function: FunctionId) -> Option<GroupId> {
        let member = self.member(function);
        member.held.or(member.group)
    }
}
