//! The wrappers around the instructions (`arch/s390/pci/pci.c`, `pci_insn.c`): retries and errno.
//!
//! An injected failure is the wrapper's final answer, as in the recordings; no instruction is executed then.

use super::errno::{Errno, Outcome};
use crate::addr::{Iova, IovaRange, PAGE_SIZE, Phys};
use crate::exec::{Answer, Cx, Progress};
use crate::ids::FunctionId;
use crate::revision::{DmaApi, TableDepth};
use crate::state::kernel::FaultSite;
use crate::table::{Designation, Iota};

/// Condition code 2: try again.
const CC_BUSY: u8 = 2;
/// RPCIT statuses that mean the machine lacks resources; Linux treats both alike.
const RPCIT_NO_RESOURCES: [u8; 2] = [4, 16];
/// How long MPCIFC is waited for: a sleep.
const MPCIFC_WAIT: u32 = 1000;
/// How long RPCIT is waited for: it may be called where nobody may sleep.
const RPCIT_WAIT: u32 = 1;

/// `zpci_register_ioat`: registers tables, or none for identity, for the function's addresses.
///
/// `iota` is the anchor as callers pass it: up to v6.14 only the address of a region-third table, to which this
/// function adds what the machine wants.
pub fn register_ioat(cx: &mut Cx, function: FunctionId, iota: Iota) -> Progress<Answer> {
    let range = cx.range(function);
    // Firmware of these functions takes PAL for the last page but one.
    let off_by_one =
        range.last > range.start && cx.is_ism(function) && cx.ask::<DmaApi>() != DmaApi::OwnAllocator;
    let last = if off_by_one { range.last.wrapping_add(PAGE_SIZE) } else { range.last };
    let whole = match cx.ask::<TableDepth>() {
        TableDepth::RegionThird => Iota::table(Phys::new(iota.bits()), Designation::RegionThird),
        TableDepth::ByRangeTrusted | TableDepth::ByRange => iota,
    };
    let answer = match cx.strike(FaultSite::RegisterIoat)? {
        Some(failure) => Answer::new(failure.cc, failure.status),
        None => until_done(cx, MPCIFC_WAIT, move |cx| {
            cx.mpcifc_register(function, IovaRange::new(range.start, last), whole)
        })?,
    };
    cx.log_register(function, range, whole, iota.flags() as u16, answer);
    Ok(answer)
}

/// `zpci_unregister_ioat`. Callers ignore the answer, except the DMA API.
pub fn unregister_ioat(cx: &mut Cx, function: FunctionId) -> Progress<Answer> {
    let answer = match cx.strike(FaultSite::UnregisterIoat)? {
        Some(failure) => Answer::new(failure.cc, failure.status),
        None => until_done(cx, MPCIFC_WAIT, move |cx| cx.mpcifc_deregister(function))?,
    };
    cx.log_unregister(function, answer);
    Ok(answer)
}

/// `zpci_refresh_trans`: -ENOMEM where the machine lacks resources, -EIO for every other failure.
#[inline(always)]
pub fn refresh_trans(cx: &mut Cx, function: FunctionId, iova: Iova, bytes: u64) -> Outcome {
    let outcome = match cx.strike(FaultSite::RefreshTrans)? {
        Some(failure) => Errno::from_rc(failure.rc).map_or(Ok(()), Err),
        None => match until_done(cx, RPCIT_WAIT, move |cx| cx.rpcit(function, iova, bytes))? {
            Answer { cc: 0, .. } => Ok(()),
            Answer { cc: 1, status } if RPCIT_NO_RESOURCES.contains(&status) => Err(Errno::ENOMEM),
            _ => Err(Errno::EIO),
        },
    };
    cx.log_refresh(function, iova, bytes, super::rc(&outcome));
    outcome
}

/// Executes an instruction until the machine is not busy any more, however long that takes.
#[inline(always)]
fn until_done(
    cx: &mut Cx,
    micros: u32,
    execute: impl Fn(&mut Cx) -> Progress<Answer> + Copy,
) -> Progress<Answer> {
    let answer = execute(cx)?;
    if answer.cc == 0 { Ok(answer) } else { again(cx, answer, micros, execute) }
}

/// The same after a first answer that was not the best; a record in the error log for the first time the machine was
/// busy, and one for how it ended.
#[cold]
fn again(
    cx: &mut Cx,
    mut answer: Answer,
    micros: u32,
    execute: impl Fn(&mut Cx) -> Progress<Answer>,
) -> Progress<Answer> {
    if answer.cc == CC_BUSY {
        cx.error_record(LATER);
        while answer.cc == CC_BUSY {
            cx.wait_for_machine(micros)?;
            answer = execute(cx)?;
        }
    }
    cx.error_record(if answer.cc == 0 { LATER } else { AT_ONCE });
    Ok(answer)
}

/// Level of a record of what went well in the end.
const LATER: u8 = 1;
/// Level of a record of a failure.
const AT_ONCE: u8 = 0;
