//! What a domain's list of devices is made of.

use crate::exec::{Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::linux::errno::{Errno, Outcome};
use crate::revision::DeviceList;
use crate::state::Element;
use crate::state::kernel::FaultSite;

/// The element that will stand for the function: a new node, or the function's own link.
///
/// # Errors
/// -ENOMEM when a node cannot be allocated.
pub(super) fn prepare(cx: &mut Cx, function: FunctionId) -> Outcome<Element> {
    match cx.ask::<DeviceList>() {
        DeviceList::ThreadedThroughDevices | DeviceList::ReadWithoutLock => Ok(Element::function(function)),
        DeviceList::AllocatedNodes if cx.strike(FaultSite::AllocStruct)?.is_some() => Err(Errno::ENOMEM),
        DeviceList::AllocatedNodes => Ok(cx.add_node(function)?),
    }
}

/// The element that stands for the function on this list: the newest node, or its own link.
pub(super) fn find(cx: &mut Cx, domain: DomainId, function: FunctionId) -> Progress<Option<Element>> {
    let mut at = Element::head(domain);
    while let Some(element) = cx.next_element(domain, at)? {
        if cx.function_of(element) == function {
            return Ok(Some(element));
        }
        at = element;
    }
    Ok(None)
}

/// Does something for each function of the list, newest first, until something goes wrong.
pub(super) fn for_each(
    cx: &mut Cx,
    domain: DomainId,
    mut act: impl FnMut(&mut Cx, FunctionId) -> Outcome,
) -> Outcome {
    let mut at = Element::head(domain);
    while let Some(element) = cx.next_element(domain, at)? {
        let function = cx.function_of(element);
        act(cx, function)?;
        at = element;
    }
    Ok(())
}

/// Takes the function off the list; `false` if it was not on it. The caller holds the list's lock.
pub(super) fn remove(cx: &mut Cx, domain: DomainId, function: FunctionId) -> Progress<bool> {
    let element = match cx.ask::<DeviceList>() {
        DeviceList::ThreadedThroughDevices => Some(Element::function(function)),
        DeviceList::AllocatedNodes => find(cx, domain, function)?,
        DeviceList::ReadWithoutLock => {
            // Readers may stand on the link: it goes on leading to where it led.
            cx.list_del_rcu(Element::function(function))?;
            return Ok(true);
        }
    };
    let Some(element) = element else { return Ok(false) };
    cx.list_del(element)?;
    cx.free_node(element)?;
    Ok(true)
}
