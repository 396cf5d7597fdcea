//! Telling the machine of changed entries: the refresh inside updates, and from v6.2 on the I/O TLB operations.

use super::device_list::for_each;
use crate::addr::Iova;
use crate::exec::{Cx, Progress};
use crate::ids::DomainId;
use crate::linux::core::Gather;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::zpci;
use crate::revision::Refresh;
use crate::state::kernel::{Counter, Lock};

/// One refresh for each function of the list, newest first; the first failure ends it.
///
/// # Errors
/// The first refresh's that fails.
pub(super) fn refresh_listed(cx: &mut Cx, domain: DomainId, iova: Iova, bytes: u64) -> Outcome {
    cx.lock(Lock::list(domain))?;
    let outcome = for_each(cx, domain, |cx, function| zpci::refresh_trans(cx, function, iova, bytes));
    cx.unlock(Lock::list(domain))?;
    outcome
}

/// `s390_iommu_iotlb_sync_map`: after a map, tells the functions whose group wants to know of new entries.
///
/// # Errors
/// Where failures count: that of the *last* function. Lack of resources is answered by a refresh of all the function's
/// addresses, and only if that fails too are the functions after it left out.
pub fn iotlb_sync_map(cx: &mut Cx, domain: DomainId, iova: Iova, bytes: u64) -> Outcome {
    let retries = cx.ask::<Refresh>() == Refresh::GatheredWithRetry;
    let mut last = Ok(());
    under_rcu(cx, |cx| {
        for_each(cx, domain, |cx, function| {
            if !cx.wants_refresh(function) {
                return Ok(());
            }
            cx.count(domain, Counter::SyncMapRpcits, 1)?;
            last = zpci::refresh_trans(cx, function, iova, bytes);
            if retries && last == Err(Errno::ENOMEM) {
                last = refresh_all(cx, function);
                return last;
            }
            Ok(())
        })
    })?;
    if retries { last } else { Ok(()) }
}

/// `s390_iommu_iotlb_sync`: refreshes what was gathered, on every function; failures are ignored.
pub fn iotlb_sync(cx: &mut Cx, domain: DomainId, gather: &Gather) -> Progress {
    if gather.last == Iova::new(0) {
        return Ok(());
    }
    let bytes = gather.last.get().wrapping_sub(gather.start.get()).wrapping_add(1);
    under_rcu(cx, |cx| {
        for_each(cx, domain, |cx, function| {
            cx.count(domain, Counter::SyncRpcits, 1)?;
            let _ = zpci::refresh_trans(cx, function, gather.start, bytes);
            Ok(())
        })
    })
}

/// `s390_iommu_flush_iotlb_all`: refreshes all addresses of every function; failures are ignored.
pub fn flush_iotlb_all(cx: &mut Cx, domain: DomainId) -> Progress {
    under_rcu(cx, |cx| {
        for_each(cx, domain, |cx, function| {
            cx.count(domain, Counter::GlobalRpcits, 1)?;
            let _ = refresh_all(cx, function);
            Ok(())
        })
    })
}

/// A refresh of everything from `start_dma` to `end_dma`.
fn refresh_all(cx: &mut Cx, function: crate::ids::FunctionId) -> Outcome {
    let range = cx.range(function);
    zpci::refresh_trans(cx, function, range.start, range.wrapping_len())
}

/// Walks a list as a reader: what leaves it meanwhile stays in memory until the walk has ended. What the walk ends with
/// early does not matter to its caller.
fn under_rcu(cx: &mut Cx, walk: impl FnOnce(&mut Cx) -> Outcome) -> Progress {
    cx.rcu_read_lock()?;
    let _ = walk(cx);
    for domain in cx.rcu_read_unlock()? {
        super::domain::free_now(cx, domain)?;
    }
    Ok(())
}
