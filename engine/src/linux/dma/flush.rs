//! The flush queue of dma-iommu: addresses wait until everything was refreshed, and are free after that.

use crate::addr::Iova;
use crate::exec::{Cx, Progress};
use crate::ids::DomainId;
use crate::linux::core;
use crate::state::iova::{IovaDomain, Timer};
use crate::trace::AddressUse;

/// Puts addresses into the queue (`queue_iova`). A full queue is flushed first, on the spot.
pub(super) fn queue(cx: &mut Cx, domain: DomainId, iova: Iova, bytes: u64) -> Progress {
    let full = cx.addresses(domain, |addresses, host| {
        addresses.reclaim(host);
        addresses.queue().is_some_and(|queue| queue.is_full(queue.ring_of(host.cpu)))
    })?;
    if full {
        flush(cx, domain)?;
        cx.addresses(domain, IovaDomain::reclaim)?;
    }
    cx.addresses(domain, |addresses, host| addresses.enqueue(iova, bytes, host))?;
    cx.log_addresses(domain, AddressUse::Queued, iova, bytes);
    Ok(())
}

/// A timer of a domain's addresses has expired (`fq_flush_timeout`, `iova_depot_work_func`).
pub(super) fn expired(cx: &mut Cx, domain: DomainId, timer: Timer) -> Progress {
    match timer {
        Timer::Queue => {
            cx.addresses(domain, |addresses, _| addresses.queue_expired())?;
            flush(cx, domain)?;
            cx.addresses(domain, IovaDomain::reclaim_all)
        }
        Timer::Depot(_) => cx.addresses(domain, |addresses, host| addresses.expire(timer, host)),
    }
}

/// `fq_flush_iotlb`: what was queued before the flush began is free when it has ended.
fn flush(cx: &mut Cx, domain: DomainId) -> Progress {
    cx.addresses(domain, |addresses, _| addresses.begin_flush())?;
    core::flush_iotlb_all(cx, domain)?;
    cx.addresses(domain, |addresses, _| addresses.end_flush())
}
