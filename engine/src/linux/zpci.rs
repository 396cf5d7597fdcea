//! The wrappers around the instructions (`arch/s390/pci/pci.c`, `pci_insn.c`): retries and errno.
//!
//! An injected failure is the wrapper's final answer, as in the recordings; no instruction is executed then.

use super::errno::{Errno, Outcome};
use crate::addr::{Iova, IovaRange, Phys};
use crate::exec::{Answer, Cx};
use crate::ids::FunctionId;
use crate::state::kernel::FaultSite;
use crate::table::{Designation, Iota};

/// Condition code 2: try again.
const CC_BUSY: u8 = 2;
/// RPCIT statuses that mean the machine lacks resources; Linux treats both alike.
const RPCIT_NO_RESOURCES: [u8; 2] = [4, 16];

/// `zpci_register_ioat`: registers the tables under `root` for the function's addresses.
pub async fn register_ioat(cx: Cx<'_>, function: FunctionId, range: IovaRange, root: Phys) -> Answer {
    let answer = match cx.strike(FaultSite::RegisterIoat) {
        Some(failure) => Answer::new(failure.cc, failure.status),
        None => loop {
            let answer =
                cx.mpcifc_register(function, range, Iota::table(root, Designation::RegionThird)).await;
            if answer.cc != CC_BUSY {
                break answer;
            }
        },
    };
    cx.log_register(function, range, root, answer);
    answer
}

/// `zpci_unregister_ioat`. Callers ignore the answer, except the DMA API.
pub async fn unregister_ioat(cx: Cx<'_>, function: FunctionId) -> Answer {
    let answer = match cx.strike(FaultSite::UnregisterIoat) {
        Some(failure) => Answer::new(failure.cc, failure.status),
        None => loop {
            let answer = cx.mpcifc_deregister(function).await;
            if answer.cc != CC_BUSY {
                break answer;
            }
        },
    };
    cx.log_unregister(function, answer);
    answer
}

/// `zpci_refresh_trans`: -ENOMEM where the machine lacks resources, -EIO for every other failure.
pub async fn refresh_trans(cx: Cx<'_>, function: FunctionId, iova: Iova, bytes: u64) -> Outcome {
    let outcome = match cx.strike(FaultSite::RefreshTrans) {
        Some(failure) => Errno::from_rc(failure.rc).map_or(Ok(()), Err),
        None => loop {
            match cx.rpcit(function, iova, bytes).await {
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
