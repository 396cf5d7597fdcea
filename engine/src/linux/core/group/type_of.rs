//! The type of a group's default domain, as its attribute in sysfs shows and changes it.

use super::set_domain::{Must, set_domain};
use super::{calls, change, domains_come_and_go, first, group_of, locked, look};
use crate::exec::Cx;
use crate::ids::{DomainId, FunctionId};
use crate::linux::errno::{Errno, Outcome};
use crate::state::group::DefaultType;
use crate::state::kernel::DomainType;

/// The type of the default domain of a function's group, in sysfs' words.
pub fn type_name(cx: &mut Cx, function: FunctionId) -> &'static str {
    let default = group_of(cx, function).and_then(|group| look(cx, group).default_domain);
    match default {
        None => "unknown",
        Some(DomainId::IDENTITY) => "identity",
        Some(DomainId::BLOCKING) => "blocked",
        Some(domain) => match cx.kind(domain) {
            DomainType::DmaFq => "DMA-FQ",
            _ => "DMA",
        },
    }
}

/// Changes it (`iommu_group_store_type`); `None` is the system's choice.
///
/// # Errors
/// -EINVAL without a default domain; -EPERM while a driver or an owner uses the group, except from strict to deferred;
/// -EOPNOTSUPP for a type that the function has not.
pub fn set_type(cx: &mut Cx, function: FunctionId, to: Option<DefaultType>) -> Outcome {
    let group = group_of(cx, function).ok_or(Errno::EINVAL)?;
    if domains_come_and_go(cx) {
        return Err(Errno::EINVAL);
    }
    locked(cx, group, |cx| {
        let old = look(cx, group).default_domain.ok_or(Errno::EINVAL)?;
        let wanted = to.unwrap_or_else(|| cx.groups(|groups| groups.default_type));
        let kind = match wanted {
            DefaultType::DmaFq => DomainType::DmaFq,
            DefaultType::Dma => DomainType::Dma,
            DefaultType::Identity => DomainType::Identity,
        };
        let is = |cx: &mut Cx, kind| !old.is_static() && cx.kind(old) == kind;
        if is(cx, kind) || kind == DomainType::Identity && old == DomainId::IDENTITY {
            return Ok(());
        }
        if kind == DomainType::DmaFq && is(cx, DomainType::Dma) {
            // A flush queue is all that it takes.
            return Ok(cx.set_kind(old, DomainType::DmaFq)?);
        }
        let function = first(cx, group)?;
        if kind == DomainType::Identity && !super::has_identity(cx, function) {
            return Err(Errno::EOPNOTSUPP);
        }
        if look(cx, group).owner_cnt > 0 {
            return Err(Errno::EPERM);
        }
        let new = calls::alloc(cx, None, kind, function)?;
        if kind != DomainType::Identity && !calls::has_cookie(cx, new) {
            calls::get_cookie(cx, new)?;
        }
        set_domain(cx, group, Some(new), Must::GoBack)?;
        change(cx, group, |group| group.default_domain = Some(new))?;
        calls::setup_dma_ops(cx, function, new)?;
        Ok(calls::free(cx, old)?)
    })
}
