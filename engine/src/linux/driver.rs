//! The driver: `drivers/iommu/s390-iommu.c`.

mod attach;
mod device_list;
mod domain;
mod leave;
mod map;
mod probe;
mod reserved;
mod table;
mod unmap;
mod update;

pub use attach::attach;
pub use domain::{DomainType, alloc, free};
pub use leave::{detach, release};
pub use map::{map, map_pages};
pub use probe::probe;
pub use reserved::{Reserved, reserved_regions};
pub(super) use table::free_tables;
pub use table::iova_to_phys;
pub use unmap::{unmap, unmap_pages};

use crate::addr::{Iova, PAGE_SIZE};
use crate::exec::Cx;
use crate::ids::DomainId;
use crate::revision::{PageSizes, RangeCheck};

/// Bytes that a region-third table translates: 2^42 (`ZPCI_TABLE_SIZE_RT`).
pub(super) const TABLE_COVERS: u64 = 1 << 42;

/// What mapping is to allow (`IOMMU_READ`, `IOMMU_WRITE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Prot {
    /// The device may read.
    pub read: bool,
    /// The device may write.
    pub write: bool,
}

impl Prot {
    /// As in scenarios and recordings: `rw`, `r`, `w`, `none`.
    pub fn from_name(name: &str) -> Option<Self> {
        let (read, write) = match name {
            "rw" => (true, true),
            "r" => (true, false),
            "w" => (false, true),
            "none" => (false, false),
            _ => return None,
        };
        Some(Self { read, write })
    }
}

/// The page sizes offered to the core, one bit each (`pgsize_bitmap`).
pub fn page_sizes(cx: Cx<'_>) -> u64 {
    match cx.ask::<PageSizes>() {
        PageSizes::EveryPowerOfTwo => !(PAGE_SIZE - 1),
        PageSizes::FourKibibytes => PAGE_SIZE,
    }
}

/// Whether a range lies in the domain's aperture, in the kernel's 64-bit arithmetic.
fn in_aperture(cx: Cx<'_>, domain: DomainId, iova: Iova, size: u64) -> bool {
    let aperture = cx.geometry(domain).aperture;
    let end = match cx.ask::<RangeCheck>() {
        RangeCheck::ExclusiveEnd => iova.wrapping_add(size),
        RangeCheck::InclusiveEnd => iova.wrapping_add(size.wrapping_sub(1)),
    };
    iova >= aperture.start && end <= aperture.last
}
