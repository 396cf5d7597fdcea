//! Injected failures: which calls of the kernel fail, when, and how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where a failure can be injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultSite {
    /// Any translation table.
    AllocTable,
    /// A domain, a list node, a reserved region.
    AllocStruct,
    /// `zpci_register_ioat`, final answer.
    RegisterIoat,
    /// `zpci_unregister_ioat`, final answer.
    UnregisterIoat,
    /// `zpci_refresh_trans`, its errno.
    RefreshTrans,
    /// `zpci_dma_init_device`, its errno.
    DmaInit,
    /// `zpci_dma_exit_device`, its errno.
    DmaExit,
    /// A range in the tree of the IOVA allocator.
    AllocNode,
    /// A magazine of cached IOVA ranges.
    AllocMagazine,
    /// The flush queues of a domain.
    AllocQueueMemory,
    /// The caches of an IOVA domain, all orders at once.
    AllocCaches,
    /// The per-CPU part of the cache of one order.
    AllocPercpu,
    /// What the IOMMU core keeps about a function (`struct dev_iommu`).
    DevParam,
    /// A group.
    Group,
    /// A function's place in a group.
    GroupDevice,
    /// What dma-iommu keeps about a domain.
    DmaCookie,
    /// A bitmap of the early DMA API: of pages in use, then of those given back.
    AllocBitmap,
    /// Memory for a coherent buffer.
    AllocPages,
}

impl FaultSite {
    /// As in scenarios and recordings.
    pub const ALL: [(&'static str, Self); 18] = [
        ("alloc_table", Self::AllocTable),
        ("alloc_struct", Self::AllocStruct),
        ("register_ioat", Self::RegisterIoat),
        ("unregister_ioat", Self::UnregisterIoat),
        ("refresh_trans", Self::RefreshTrans),
        ("dma_init", Self::DmaInit),
        ("dma_exit", Self::DmaExit),
        ("alloc_node", Self::AllocNode),
        ("alloc_magazine", Self::AllocMagazine),
        ("alloc_queue_memory", Self::AllocQueueMemory),
        ("alloc_caches", Self::AllocCaches),
        ("alloc_percpu", Self::AllocPercpu),
        ("dev_param", Self::DevParam),
        ("group", Self::Group),
        ("group_device", Self::GroupDevice),
        ("dma_cookie", Self::DmaCookie),
        ("alloc_bitmap", Self::AllocBitmap),
        ("alloc_pages", Self::AllocPages),
    ];

    /// As in scenarios and recordings.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, site)| *site == self).map_or("", |(name, _)| name)
    }

    /// The site with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, site)| site)
    }
}

/// How an injected failure looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Failure {
    /// Condition code, where the site answers with one.
    pub cc: u8,
    /// Status that comes with it.
    pub status: u8,
    /// Negative errno, where the site returns one.
    pub rc: i32,
}

/// An armed failure: after `after` good calls of its site, the next `count` fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Armed {
    /// Good calls still to come.
    pub after: u64,
    /// Failing calls after them.
    pub count: u64,
    /// What they answer.
    pub failure: Failure,
}

/// All armed failures, one a site at most.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Faults(BTreeMap<FaultSite, Armed>);

impl Faults {
    /// Whether no site is armed.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Arms a site, in place of what it was armed with; a failure of no calls disarms it.
    pub fn arm(&mut self, site: FaultSite, armed: Armed) {
        if armed.count > 0 {
            self.0.insert(site, armed);
        } else {
            self.disarm(site);
        }
    }

    /// Disarms a site.
    pub fn disarm(&mut self, site: FaultSite) {
        self.0.remove(&site);
    }

    /// Disarms every site.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether an armed failure strikes this call of its site; counts the call.
    pub fn strike(&mut self, site: FaultSite) -> Option<Failure> {
        let armed = self.0.get_mut(&site)?;
        if armed.after > 0 {
            armed.after -= 1;
            return None;
        }
        let failure = armed.failure;
        armed.count -= 1;
        if armed.count == 0 {
            self.disarm(site);
        }
        Some(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_waits_strikes_and_is_used_up() {
        let mut faults = Faults::default();
        let armed = Armed { after: 1, count: 2, failure: Failure::default() };
        faults.arm(FaultSite::AllocNode, armed);
        let struck = [(); 5].map(|()| faults.strike(FaultSite::AllocNode).is_some());
        assert_eq!(struck, [false, true, true, false, false]);
        assert_eq!(faults, Faults::default());

        faults.arm(FaultSite::AllocNode, armed);
        faults.arm(FaultSite::AllocNode, Armed { count: 0, ..armed });
        assert_eq!(faults, Faults::default());
    }

    #[test]
    fn sites_and_names_go_both_ways() {
        for (name, site) in FaultSite::ALL {
            assert_eq!((site.name(), FaultSite::from_name(name)), (name, Some(site)));
        }
    }
}
