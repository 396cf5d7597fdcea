//! The door to lists of devices, and to those who read them.

use super::cx::Cx;
use super::run::{Crash, Stop};
use super::turn::Progress;
use crate::ids::{DomainId, FunctionId};
use crate::state::kernel::Node;
use crate::state::{Element, ElementKind, Link};
use crate::trace::{Class, Event};

impl Cx {
    /// Whom an element of a list stands for.
    fn stands_for(&self, element: Element) -> FunctionId {
        // A head never stands for a function; `next_element` never returns one.
        let function = self.world.kernel.function_of(element);
        function.unwrap_or_else(|| unreachable!("{element:?} is a list head"))
    }

    /// The element after this one on the list of `domain`; `None` at its head.
    ///
    /// A list that leads to another head never comes to its own: the kernel hangs or reads garbage.
    #[inline(always)]
    pub fn next_element(&mut self, domain: DomainId, after: Element) -> Progress<Option<Element>> {
        self.access(|cx| {
            let next = cx.world.kernel.link(after).next;
            if next == Element::head(domain) {
                return Ok(None);
            }
            // Another list's head, or a circle without any: seen when a walk has more steps than there are elements.
            let walked = if after == Element::head(domain) { 1 } else { cx.walked[cx.cpu] + 1 };
            cx.walked[cx.cpu] = walked;
            let is_head = matches!(next.kind(), ElementKind::Head(_));
            if is_head || walked > cx.world.kernel.functions.len() + cx.world.kernel.nodes.len() {
                return cx.halt(Stop::Crash(Crash::ListNeverEnds));
            }
            Ok(Some(next))
        })
    }

    /// Whom an element of a list stands for.
    pub fn function_of(&mut self, element: Element) -> FunctionId {
        self.look(move |cx| cx.stands_for(element))
    }

    /// Puts an element at the front of a domain's list.
    pub fn list_add(&mut self, element: Element, domain: DomainId) -> Progress {
        self.at_once(|cx| {
            cx.world.kernel.list_add(element, domain);
            let function = cx.stands_for(element);
            cx.emit(Class::Detail, || Event::ListAdd { function, domain });
        })
    }

    /// Takes an element off the list it is on.
    pub fn list_del(&mut self, element: Element) -> Progress {
        self.at_once(|cx| {
            cx.world.kernel.list_del(element);
            let function = cx.stands_for(element);
            cx.emit(Class::Detail, || Event::ListDel { function });
        })
    }

    /// Takes an element off the list it is on, for readers that may stand on it: it goes on leading to where it led.
    pub fn list_del_rcu(&mut self, element: Element) -> Progress {
        self.at_once(|cx| {
            cx.world.kernel.list_del_rcu(element);
            let function = cx.stands_for(element);
            cx.emit(Class::Detail, || Event::ListDel { function });
        })
    }

    /// This CPU begins to read lists (`rcu_read_lock`).
    #[inline]
    pub fn rcu_read_lock(&mut self) -> Progress {
        self.change(|cx| cx.world.kernel.rcu.begin(cx.cpu))
    }

    /// It has finished (`rcu_read_unlock`): gives the domains for which nobody else has to be waited.
    #[inline]
    pub fn rcu_read_unlock(&mut self) -> Progress<Vec<DomainId>> {
        self.change(|cx| cx.world.kernel.rcu.end(cx.cpu))
    }

    /// A domain is to be freed after everybody who reads now (`call_rcu`); `false` if that is nobody.
    pub fn call_rcu(&mut self, domain: DomainId) -> Progress<bool> {
        self.at_once(|cx| cx.world.kernel.rcu.defer(domain))
    }

    /// A new list node; freeing it is [`Self::free_node`].
    pub fn add_node(&mut self, function: FunctionId) -> Progress<Element> {
        self.change(|cx| {
            let kernel = &mut cx.world.kernel;
            let element = Element::node(kernel.nodes.len() as u32);
            kernel.nodes.push(Node { function, link: Link::alone(element), freed: false });
            element
        })
    }

    /// Gives a list node back.
    pub fn free_node(&mut self, element: Element) -> Progress {
        match element.kind() {
            ElementKind::Node(node) => self.change(|cx| cx.world.kernel.nodes[node as usize].freed = true),
            _ => Ok(()),
        }
    }
}
