//! The wrappers around the instructions (`arch/s390/pci/pci.c`, `pci_insn.c`): retries and errno.
//!
//! An injected failure is the wrapper's final answer, as in the recordings; no instruction is executed then.

use super::errno::{Errno, Outcome};
use crate::addr::{Iova, IovaRange, PAGE_SIZE};
use crate::exec::{Answer, Cx, Progress};
use crate::ids::FunctionId;
use crate::revision::{DmaApi, TableDepth};
use crate::state::kernel::FaultSite;
use crate::table::Iota;

/// Condition code 2: try again.
const CC_BUSY: u8 = 2;
/// RPCIT statuses that mean the machine lacks resources; Linux treats both alike.
const RPCIT_NO_RESOURCES: [u8; 2] = [4, 16];

/// `zpci_register_ioat`: registers tables, or none for identity, for the function's addresses.
pub fn register_ioat(cx: Cx<'_>, function: FunctionId, range: IovaRange, iota: Iota) -> Progress<Answer> {
    // Firmware of these functions takes PAL for the last page but one.
    let off_by_one =
        range.last > range.start && cx.is_ism(function) && cx.ask::<DmaApi>() == DmaApi::DmaIommu;
    let last = if off_by_one { range.last.wrapping_add(PAGE_SIZE) } else { range.last };
    let answer = match cx.strike(FaultSite::RegisterIoat)? {
        Some(failure) => Answer::new(failure.cc, failure.status),
        None => loop {
            let answer = cx.mpcifc_register(function, IovaRange::new(range.start, last), iota)?;
            if answer.cc != CC_BUSY {
                break answer;
            }
        },
    };
    let flags = match cx.ask::<TableDepth>() {
        TableDepth::RegionThird => 0,
        TableDepth::ByRangeTrusted | TableDepth::ByRange => iota.flags() as u16,
    };
    cx.log_register(function, range, iota, flags, answer);
    Ok(answer)
}

/// `zpci_unregister_ioat`. Callers ignore the answer, except the DMA API.
pub fn unregister_ioat(cx: Cx<'_>, function: FunctionId) -> Progress<Answer> {
    let answer = match cx.strike(FaultSite::UnregisterIoat)? {
        Some(failure) => Answer::new(failure.cc, failure.status),
        None => loop {
            let answer = cx.mpcifc_deregister(function)?;
            if answer.cc != CC_BUSY {
                break answer;
            }
        },
    };
    cx.log_unregister(function, answer);
    Ok(answer)
}

/// `zpci_refresh_trans`: -ENOMEM where the machine lacks resources, -EIO for every other failure.
pub fn refresh_trans(cx: Cx<'_>, function: FunctionId, iova: Iova, bytes: u64) -> Outcome {
    let outcome = match cx.strike(FaultSite::RefreshTrans)? {
        Some(failure) => Errno::from_rc(failure.rc).map_or(Ok(()), Err),
        None => loop {
            match cx.rpcit(function, iova, bytes)? {
                Answer { cc: CC_BUSY, .. } => {}
                Answer { cc: 0, .. } => break Ok(()),
                Answer { cc: 1, status } if RPCIT_NO_RESOURCES.contains(&status) => break Err(Errno::ENOMEM),
                _ => break Err(Errno::EIO),
            }
        },
    };
    cx.log_refresh(function, iova, bytes, super::rc(&outcome));
    outcome
}
