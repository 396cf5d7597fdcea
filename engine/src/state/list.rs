//! The kernel's doubly linked lists, links and all.
//!
//! A vector would hide what goes wrong here: a link that is added to a second list while it is still on
//! the first one ties both into a knot, and whoever walks the first never meets its head again.

use std::fmt;
use std::num::NonZeroU32;

use crate::ids::{DomainId, FunctionId};

use super::kernel::Kernel;

/// Something with a link in it, in one word: the lists are walked for every page that is mapped.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Element(NonZeroU32);

/// What an [`Element`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementKind {
    /// The head of a domain's list.
    Head(DomainId),
    /// A function's own link (`zdev->iommu_list`).
    Function(FunctionId),
    /// An allocated node (`struct s390_domain_device`), by index.
    Node(u32),
}

impl Element {
    const fn new(index: u32, tag: u32) -> Self {
        // The tag is never 0.
        Self(NonZeroU32::MIN.saturating_add((index << 2 | tag) - 1))
    }

    /// The head of a domain's list.
    pub const fn head(domain: DomainId) -> Self {
        Self::new(domain.0, 1)
    }

    /// A function's own link.
    pub const fn function(function: FunctionId) -> Self {
        Self::new(function.0, 2)
    }

    /// An allocated node.
    pub const fn node(index: u32) -> Self {
        Self::new(index, 3)
    }

    /// What it is.
    pub const fn kind(self) -> ElementKind {
        let index = self.0.get() >> 2;
        match self.0.get() & 3 {
            1 => ElementKind::Head(DomainId(index)),
            2 => ElementKind::Function(FunctionId(index)),
            _ => ElementKind::Node(index),
        }
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)
    }
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
        match element.kind() {
            ElementKind::Head(domain) => &mut self.domains[domain.index()].devices,
            ElementKind::Function(function) => &mut self.functions[function.index()].iommu_list,
            ElementKind::Node(node) => &mut self.nodes[node as usize].link,
        }
    }

    /// An element's neighbours.
    #[inline]
    pub fn link(&self, element: Element) -> Link {
        match element.kind() {
            ElementKind::Head(domain) => self.domains[domain.index()].devices,
            ElementKind::Function(function) => self.functions[function.index()].iommu_list,
            ElementKind::Node(node) => self.nodes[node as usize].link,
        }
    }

    /// `list_add`: puts an element right behind the head, whatever the element's link says.
    pub fn list_add(&mut self, element: Element, domain: DomainId) {
        let head = Element::head(domain);
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

    /// `list_del_rcu`: joins an element's neighbours, but leaves it leading to where it led, for readers that stand on it.
    pub fn list_del_rcu(&mut self, element: Element) {
        let Link { next, prev } = self.link(element);
        self.link_mut(prev).next = next;
        self.link_mut(next).prev = prev;
        self.link_mut(element).prev = element;
    }

    /// The function an element of a list stands for; `None` for a head.
    pub fn function_of(&self, element: Element) -> Option<FunctionId> {
        match element.kind() {
            ElementKind::Head(_) => None,
            ElementKind::Function(function) => Some(function),
            ElementKind::Node(node) => Some(self.nodes[node as usize].function),
        }
    }

    /// A domain's list from its head on, newest first; `Err` holds what was seen until a foreign head or a
    /// repetition showed that the list has no end.
    pub fn devices(&self, domain: DomainId) -> Result<Vec<FunctionId>, Vec<FunctionId>> {
        let mut seen = Vec::new();
        let mut at = self.link(Element::head(domain)).next;
        while at != Element::head(domain) {
            match self.function_of(at) {
                Some(function) if seen.len() < self.functions.len() + self.nodes.len() => seen.push(function),
                _ => return Err(seen),
            }
            at = self.link(at).next;
        }
        Ok(seen)
    }
}
