//! What the kernel keeps: a structure per function, a structure per domain, locks, armed faults.

use super::clock::Clock;
pub use super::domain::{Counter, Domain, DomainType, Gather, Geometry, Tables};
pub use super::faults::{Armed, Failure, FaultSite, Faults};
pub use super::function::{Attributes, Function, Node};
use super::group::{Groups, Member};
use super::iova::Timer;
use super::legacy_dma::LegacyDma;
use super::list::{Element, Link};
use super::rcu::Rcu;
use super::users::Users;
use crate::ids::{DomainId, FunctionId, GroupId};

/// A lock, in one word: taken and given back for every page that is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lock(u32);

impl Lock {
    /// `dma_table_lock` of a domain.
    #[inline]
    pub const fn dma_table(domain: DomainId) -> Self {
        Self(domain.0 << 1)
    }

    /// `list_lock` of a domain.
    pub const fn list(domain: DomainId) -> Self {
        Self(domain.0 << 1 | 1)
    }

    /// `dma_table_lock` of a function, for the tables of its DMA API.
    pub const fn function_tables(function: FunctionId) -> Self {
        Self(Self::FUNCTION | function.0 << 1)
    }

    /// `iommu_bitmap_lock` of a function.
    pub const fn bitmap(function: FunctionId) -> Self {
        Self(Self::FUNCTION | function.0 << 1 | 1)
    }

    /// The mutex of a group.
    pub const fn group(group: GroupId) -> Self {
        Self(Self::GROUP | group.0)
    }

    const GROUP: u32 = 1 << 31;
    const FUNCTION: u32 = 1 << 30;

    /// The function whose it is.
    pub const fn of_function(self) -> Option<FunctionId> {
        let is_functions = self.0 & (Self::GROUP | Self::FUNCTION) == Self::FUNCTION;
        if is_functions { Some(FunctionId((self.0 & !Self::FUNCTION) >> 1)) } else { None }
    }

    /// The group whose mutex it is.
    pub const fn of_group(self) -> Option<GroupId> {
        if self.0 & Self::GROUP == 0 { None } else { Some(GroupId(self.0 & !Self::GROUP)) }
    }

    /// The first of the two locks that its owner has.
    const fn is_first(self) -> bool {
        self.0 & 1 == 0
    }

    /// What Linux calls it.
    pub const fn name(self) -> &'static str {
        match (self.of_group(), self.of_function()) {
            (Some(_), _) => "mutex",
            _ if self.is_first() => "dma_table_lock",
            (None, Some(_)) => "iommu_bitmap_lock",
            (None, None) => "list_lock",
        }
    }

    /// Whose it is.
    pub const fn domain(self) -> DomainId {
        DomainId(self.0 >> 1)
    }
}

/// What stands behind the DMA API of kernels to v6.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum DmaApi {
    /// `pci_dma.c`: own tables, own registration.
    #[default]
    Real,
    /// What stood in for it in the recordings: it only sets and clears `dma_table`.
    StandIn,
}

/// Everything the kernel keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kernel {
    /// By [`FunctionId`].
    pub functions: Vec<Function>,
    /// By [`DomainId`]; freed ones stay.
    pub domains: Vec<Domain>,
    /// List nodes; freed ones stay.
    pub nodes: Vec<Node>,
    /// Armed failures.
    pub faults: Faults,
    /// What stands behind the DMA API.
    pub dma_api: DmaApi,
    /// Upper bound of the DMA API's range and later of every function's, which Linux derives from the memory size and
    /// `s390_iommu_aperture`; bytes.
    pub aperture_limit: u64,
    /// Readers of lists, and what waits for them.
    pub rcu: Rcu,
    /// What the IOMMU core keeps about groups.
    pub groups: Groups,
    /// `s390_iommu=strict`, later `iommu.strict=1`: the DMA API refreshes with every unmap.
    pub strict_dma: bool,
    /// The kernel's time, and the timers of domains.
    pub clock: Clock<(DomainId, Timer)>,
    /// User space, and what serves it.
    pub users: Users,
}

impl Default for Kernel {
    fn default() -> Self {
        Self {
            functions: Vec::new(),
            domains: Vec::new(),
            nodes: Vec::new(),
            faults: Faults::default(),
            dma_api: DmaApi::Real,
            aperture_limit: u64::MAX,
            rcu: Rcu::default(),
            groups: Groups::default(),
            strict_dma: false,
            clock: Clock::default(),
            users: Users::default(),
        }
    }
}

impl Kernel {
    /// The living domain with this name that was allocated last.
    pub fn domain_named(&self, name: &str) -> Option<DomainId> {
        let index = self.domains.iter().rposition(|domain| domain.name == name && !domain.freed)?;
        Some(DomainId(index as u32))
    }

    /// The function with this name.
    pub fn function_named(&self, name: &str) -> Option<FunctionId> {
        self.functions.iter().position(|function| function.name == name).map(|index| FunctionId(index as u32))
    }

    /// Adds a function to the kernel's data; the machine's is separate.
    pub fn add_function(&mut self, name: &str, attributes: Attributes) -> FunctionId {
        let id = FunctionId(self.functions.len() as u32);
        let Attributes { fid, handle, range, tlb_refresh, supported_tables, relaxed, ism } = attributes;
        self.functions.push(Function {
            name: name.to_owned(),
            fid,
            handle,
            range,
            tlb_refresh,
            dma_table: None,
            domain: None,
            iommu_list: Link::alone(Element::function(id)),
            core_domain: None,
            supported_tables,
            relaxed,
            ism,
            dma_mask: u64::MAX,
            dma: if ism { LegacyDma::of_ism() } else { LegacyDma::default() },
            table_lock: None,
            bitmap_lock: None,
            shadow_on_flush: false,
            error: None,
        });
        self.groups.members.push(Member::default());
        self.users.add_function();
        id
    }

    /// Who holds a lock.
    pub(crate) fn holder(&self, lock: Lock) -> Option<u8> {
        if let Some(group) = lock.of_group() {
            return self.groups.group(group).mutex;
        }
        if let Some(function) = lock.of_function() {
            let function = &self.functions[function.index()];
            return if lock.is_first() { function.table_lock } else { function.bitmap_lock };
        }
        let domain = &self.domains[lock.domain().index()];
        if lock.is_first() { domain.table_lock } else { domain.list_lock }
    }

    #[inline]
    pub(crate) fn lock_slot(&mut self, lock: Lock) -> &mut Option<u8> {
        if lock.0 < Lock::FUNCTION {
            let domain = &mut self.domains[lock.domain().index()];
            return if lock.is_first() { &mut domain.table_lock } else { &mut domain.list_lock };
        }
        self.rare_lock_slot(lock)
    }

    #[cold]
    fn rare_lock_slot(&mut self, lock: Lock) -> &mut Option<u8> {
        match (lock.of_group(), lock.of_function()) {
            (Some(group), _) => &mut self.groups.group_mut(group).mutex,
            (None, Some(function)) => {
                let function = &mut self.functions[function.index()];
                if lock.is_first() { &mut function.table_lock } else { &mut function.bitmap_lock }
            }
            (None, None) => unreachable!("{lock:?} is nobody's"),
        }
    }
}
