//! `s390_domain_alloc` and `s390_domain_free`.

use serde::{Deserialize, Serialize};

use super::{TABLE_COVERS, table};
use crate::addr::{Iova, IovaRange};
use crate::exec::{Cx, Progress};
use crate::ids::DomainId;
use crate::linux::errno::{Errno, Outcome};
use crate::revision::{Aperture, Leave};
use crate::state::Element;
use crate::state::kernel::{FaultSite, Geometry};
use crate::table::Level;
use crate::trace::{TableUse, Warning};

/// What a domain is to be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainType {
    /// The caller manages addresses: VFIO.
    Unmanaged,
    /// The DMA API, strict.
    Dma,
    /// The DMA API with a flush queue.
    DmaFq,
    /// No translation.
    Identity,
    /// No DMA.
    Blocked,
}

impl DomainType {
    /// As in scenarios and recordings.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "unmanaged" => Self::Unmanaged,
            "dma" => Self::Dma,
            "dma_fq" => Self::DmaFq,
            "identity" => Self::Identity,
            "blocked" => Self::Blocked,
            _ => return None,
        })
    }
}

/// Allocates a domain with an empty root table.
///
/// # Errors
/// -ENOMEM for want of memory, and for every type but unmanaged, which this driver does not know.
pub fn alloc(cx: Cx<'_>, name: &str, kind: DomainType) -> Outcome<DomainId> {
    if kind != DomainType::Unmanaged || cx.strike(FaultSite::AllocStruct)?.is_some() {
        return Err(Errno::ENOMEM);
    }
    let owner = TableUse::Domain(cx.next_domain());
    let root = cx.alloc_table(Level::RegionThird, owner)?.ok_or(Errno::ENOMEM)?;
    let geometry = match cx.ask::<Aperture>() {
        Aperture::FollowsFirstDevice => {
            Geometry { aperture: IovaRange::new(Iova::new(0), Iova::new(0)), force: false }
        }
        Aperture::FixedWithReservedRegions => {
            Geometry { aperture: IovaRange::new(Iova::new(0), Iova::new(TABLE_COVERS - 1)), force: true }
        }
    };
    Ok(cx.add_domain(name, root, geometry)?)
}

/// Frees a domain and its tables, whoever still uses them.
pub fn free(cx: Cx<'_>, domain: DomainId) -> Progress {
    if cx.ask::<Leave>() == Leave::WhateverIsCurrent
        && cx.next_element(domain, Element::head(domain))?.is_some()
    {
        cx.warn(Warning::FreeDomainWithDevices);
    }
    table::free_tables(cx, Level::RegionThird, cx.root(domain))?;
    cx.drop_domain(domain)
}
