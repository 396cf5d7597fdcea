//! The static domains of later drivers: blocking, which every function passes through, and identity.

use super::attach::{Registered, register};
use super::device_list;
use crate::exec::{Crash, Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::linux::errno::Outcome;
use crate::linux::zpci;
use crate::state::kernel::Lock;
use crate::table::Iota;

/// `blocking_domain_attach_device`: the function leaves whatever it is in; nothing is done if that is blocking.
pub(super) fn attach(cx: &mut Cx, function: FunctionId) -> Progress {
    let Some(current) = cx.domain_of(function)? else {
        // Probe puts a function into blocking; without it there is nothing to leave.
        return cx.crash(Crash::NoDomainToLeave);
    };
    if current == DomainId::BLOCKING {
        return Ok(());
    }
    if cx.dma_table(function)?.is_some() {
        cx.lock(Lock::list(current))?;
        device_list::remove(cx, current, function)?;
        cx.unlock(Lock::list(current))?;
    }
    zpci::unregister_ioat(cx, function)?;
    cx.set_dma_table(function, None)?;
    set(cx, function, DomainId::BLOCKING)
}

/// `s390_attach_dev_identity`: a registration without tables.
///
/// # Errors
/// -EIO when the machine refuses the registration: the function stays in blocking.
pub(super) fn attach_identity(cx: &mut Cx, function: FunctionId) -> Outcome {
    attach(cx, function)?;
    let Registered::Accepted = register(cx, function, Iota::IDENTITY)? else {
        return Err(crate::linux::Errno::EIO);
    };
    Ok(set(cx, function, DomainId::IDENTITY)?)
}

/// Sets the function's domain, which others read under a lock of the function.
pub(super) fn set(cx: &mut Cx, function: FunctionId, domain: DomainId) -> Progress {
    cx.set_domain_of(function, Some(domain))
}
