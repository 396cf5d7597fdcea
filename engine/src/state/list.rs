//! The kernel's doubly linked lists, links and all.
//!
//! A vector would hide what goes wrong here: a link that is added to a second list while it is still on
//! the first one ties both into a knot, and whoever walks the first never meets its head again.

use crate::ids::{DomainId, FunctionId};

use super::kernel::Kernel;

/// Something with a link in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// The head of a domain's list.
    Head(DomainId),
    /// A function's own link (`zdev->iommu_list`).
    Function(FunctionId),
    /// An allocated node (`struct s390_domain_device`), by index.
    Node(u32),
}

/// A link: the neighbours of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// The one after.
    pub next: Element,
    /// The one before.
    pub prev: Element,
}

impl Link {
    /// A link that points to its own element: an empty list, or an element on none.
    pub const fn alone(element: Element) -> Self {
        Self { next: element, prev: element }
    }
}

impl Kernel {
    fn link_mut(&mut self, element: Element) -> &mut Link {
        match element {
            Element::Head(domain) => &mut self.domains[domain.index()].devices,
            Element::Function(function) => &mut self.functions[function.index()].iommu_list,
            Element::Node(node) => &mut self.nodes[node as usize].link,
        }
    }

    /// An element's neighbours.
    pub fn link(&self, element: Element) -> Link {
        match element {
            Element::Head(domain) => self.domains[domain.index()].devices,
            Element::Function(function) => self.functions[function.index()].iommu_list,
            Element::Node(node) => self.nodes[node as usize].link,
        }
    }

    /// `list_add`: puts an element right behind the head, whatever the element's link says.
    pub fn list_add(&mut self, element: Element, domain: DomainId) {
        let head = Element::Head(domain);
        let first = self.link(head).next;
        *self.link_mut(element) = Link { next: first, prev: head };
        self.link_mut(first).prev = element;
        self.link_mut(head).next = element;
    }

    /// `list_del_init`: joins an element's neighbours and leaves it alone.
    pub fn list_del(&mut self, element: Element) {
        let Link { next, prev } = self.link(element);
        self.link_mut(prev).next = next;
        self.link_mut(next).prev = prev;
        *self.link_mut(element) = Link::alone(element);
    }

    /// The function an element of a list stands for; `None` for a head.
    pub fn function_of(&self, element: Element) -> Option<FunctionId> {
        match element {
            Element::Head(_) => None,
            Element::Function(function) => Some(function),
            Element::Node(node) => Some(self.nodes[node as usize].function),
        }
    }

    /// A domain's list from its head on, newest first; `Err` holds what was seen until a foreign head or a
    /// repetition showed that the list has no end.
    pub fn devices(&self, domain: DomainId) -> Result<Vec<FunctionId>, Vec<FunctionId>> {
        let mut seen = Vec::new();
        let mut at = self.link(Element::Head(domain)).next;
        while at != Element::Head(domain) {
            match self.function_of(at) {
                Some(function) if seen.len() < self.functions.len() + self.nodes.len() => seen.push(function),
                _ => return Err(seen),
            }
            at = self.link(at).next;
        }
        Ok(seen)
    }
}
