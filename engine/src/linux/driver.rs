//! The driver: `drivers/iommu/s390-iommu.c`.

mod attach;
mod blocking;
mod capable;
mod depth;
mod device_list;
mod domain;
mod leave;
mod map;
mod probe;
mod re_register;
mod reserved;
mod table;
mod tlb;
mod unmap;
mod update;

pub use attach::{anchor, attach};
pub use capable::{Capability, capable};
pub use domain::{alloc, free, offers};
pub use leave::{can_detach, detach, release};
pub use map::{map, map_pages};
pub(super) use probe::usable;
pub use probe::{init_iommu, probe};
pub use re_register::re_register;
pub use reserved::{Reserved, reserved_regions};
pub(super) use table::free_tables;
pub use table::iova_to_phys;
pub use tlb::{flush_iotlb_all, iotlb_sync, iotlb_sync_map};
pub use unmap::{unmap, unmap_pages};
pub(super) use update::{Change, Update, write};

use crate::addr::{Iova, PAGE_SIZE};
use crate::exec::Cx;
use crate::ids::DomainId;
use crate::revision::{PageSizes, RangeCheck, Refresh};
pub use crate::state::kernel::DomainType;

/// What mapping is to allow (`IOMMU_READ`, `IOMMU_WRITE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Prot {
    /// The device may read.
    pub read: bool,
    /// The device may write.
    pub write: bool,
}

impl Prot {
    /// All, as in scenarios and recordings.
    pub const NAMED: [(&'static str, Self); 4] = [
        ("rw", Self { read: true, write: true }),
        ("r", Self { read: true, write: false }),
        ("w", Self { read: false, write: true }),
        ("none", Self { read: false, write: false }),
    ];

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, prot)| prot)
    }
}

/// The page sizes offered to the core, one bit each (`pgsize_bitmap`).
pub fn page_sizes(cx: &mut Cx) -> u64 {
    match cx.ask::<PageSizes>() {
        PageSizes::EveryPowerOfTwo => !(PAGE_SIZE - 1),
        PageSizes::FourKibibytes => PAGE_SIZE,
    }
}

/// Whether a range lies in the domain's aperture, in the kernel's 64-bit arithmetic.
#[inline]
fn in_aperture(cx: &mut Cx, domain: DomainId, iova: Iova, size: u64) -> bool {
    let aperture = cx.aperture(domain);
    let end = match cx.ask::<RangeCheck>() {
        RangeCheck::ExclusiveEnd => iova.wrapping_add(size),
        RangeCheck::ExclusiveEndOfNext => {
            // The sum has wrapped before anything is taken from it.
            Iova::new(iova.wrapping_add(size).get().saturating_sub(1))
        }
        RangeCheck::InclusiveEnd => iova.wrapping_add(size.wrapping_sub(1)),
    };
    iova >= aperture.start && end <= aperture.last
}

/// Whether the driver leaves telling the machine to operations of their own.
pub fn has_tlb_operations(cx: &mut Cx) -> bool {
    cx.ask::<Refresh>() != Refresh::InsideEveryUpdate
}
