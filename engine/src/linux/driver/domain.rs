//! `s390_domain_alloc` (later `…_alloc_paging`) and `s390_domain_free`.

use super::{depth, table};
use crate::addr::{Iova, IovaRange};
use crate::exec::{Cx, Progress};
use crate::ids::TableUse;
use crate::ids::{DomainId, FunctionId};
use crate::linux::errno::{Errno, Outcome};
use crate::revision::{Aperture, DeviceList, DomainTypes, Leave, TableDepth};
use crate::state::Element;
use crate::state::kernel::{DomainType, FaultSite, Geometry, Tables};
use crate::table::Level;
use crate::trace::Warning;

/// Allocates a domain with an empty root table for a function to be.
///
/// # Errors
/// -ENOMEM for want of memory, and for types that an early driver does not know; -EOPNOTSUPP for types that are not
/// the driver's to allocate.
pub fn alloc(cx: &mut Cx, name: &str, kind: DomainType, function: FunctionId) -> Outcome<DomainId> {
    let paging = matches!(kind, DomainType::Unmanaged | DomainType::Dma | DomainType::DmaFq);
    match cx.ask::<DomainTypes>() {
        DomainTypes::Unmanaged if kind != DomainType::Unmanaged => return Err(Errno::ENOMEM),
        DomainTypes::Unmanaged => {}
        // Which types reach the driver is the core's choice.
        _ if !paging => return Err(Errno::EOPNOTSUPP),
        _ => {}
    }
    if cx.strike(FaultSite::AllocStruct)?.is_some() {
        return Err(Errno::ENOMEM);
    }
    let owner = TableUse::Domain(cx.next_domain());
    let root = cx.alloc_table(Level::RegionThird, owner)?.ok_or(Errno::ENOMEM)?;
    let level = match cx.ask::<TableDepth>() {
        TableDepth::RegionThird => Level::RegionThird,
        TableDepth::ByRangeTrusted | TableDepth::ByRange => depth::choose(cx, function)?,
    };
    // Every region table has as many entries and the same invalid ones: which level it is shows later.
    let geometry = match cx.ask::<Aperture>() {
        Aperture::FollowsFirstDevice => {
            Geometry { aperture: IovaRange::new(Iova::new(0), Iova::new(0)), force: false }
        }
        Aperture::FixedWithReservedRegions | Aperture::FixedOnlyWarning | Aperture::ReservedWhileAttached => {
            Geometry { aperture: IovaRange::new(Iova::new(0), level.last_iova()), force: true }
        }
    };
    Ok(cx.add_domain(name, Tables { root, level, owner }, kind, geometry)?)
}

/// Whether the driver has such a domain: the static ones came with v6.12 (blocking) and v6.15 (identity).
pub fn offers(cx: &mut Cx, domain: DomainId) -> bool {
    match domain {
        DomainId::BLOCKING => cx.ask::<DomainTypes>() >= DomainTypes::PagingAndBlocking,
        DomainId::IDENTITY => cx.ask::<DomainTypes>() >= DomainTypes::PagingBlockingIdentity,
        _ => true,
    }
}

/// Frees a domain and its tables, whoever still uses them; where lists are read without a lock, only after every reader
/// that may see the domain has finished.
pub fn free(cx: &mut Cx, domain: DomainId) -> Progress {
    let leave = cx.ask::<Leave>();
    match leave {
        Leave::OnlyIfCurrent => {}
        Leave::FreeEmptiesList => {
            while let Some(element) = cx.next_element(domain, Element::head(domain))? {
                cx.list_del(element)?;
                cx.free_node(element)?;
            }
        }
        _ => {
            if cx.next_element(domain, Element::head(domain))?.is_some() {
                cx.warn(Warning::FreeDomainWithDevices);
            }
        }
    }
    let waits = cx.ask::<DeviceList>() == DeviceList::ReadWithoutLock && leave != Leave::FreeAtOnce;
    if waits && cx.call_rcu(domain)? {
        return Ok(());
    }
    free_now(cx, domain)
}

/// Frees a domain that nobody reads any more.
pub(super) fn free_now(cx: &mut Cx, domain: DomainId) -> Progress {
    let tables = cx.tables(domain);
    table::free_tables(cx, tables.level, tables.root)?;
    cx.drop_domain(domain)
}
