//! The door to what the IOMMU core keeps: groups, units, the bus.

use super::cx::Cx;
use super::turn::Progress;
use crate::ids::{DomainId, FunctionId};
use crate::state::group::Groups;
use crate::trace::{Class, Entry, Event};

impl Cx {
    /// Looks at what the core keeps. Whoever looks at a group holds its mutex, so that nobody changes it meanwhile.
    pub fn groups<T: Clone + Send + 'static>(&mut self, read: impl Fn(&Groups) -> T) -> T {
        self.look(|cx| read(&cx.world.kernel.groups))
    }

    /// Changes what the core keeps.
    pub fn change_groups<T: Clone + Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut Groups) -> T,
    ) -> Progress<T> {
        self.change(|cx| act(&mut cx.world.kernel.groups))
    }

    /// Whether a function has relaxed translation.
    pub fn is_relaxed(&mut self, function: FunctionId) -> bool {
        self.look(|cx| cx.world.kernel.functions[function.index()].relaxed)
    }

    /// The core calls an operation.
    pub fn enter(&mut self, entry: Entry, function: Option<FunctionId>, domain: Option<DomainId>) {
        self.tell(|cx| cx.emit(Class::Outcome, || Event::Enter { entry, function, domain }));
    }

    /// The operation returns.
    pub fn returned(&mut self, entry: Entry, domain: Option<DomainId>, rc: i32) {
        self.tell(|cx| cx.emit(Class::Outcome, || Event::Return { entry, domain, rc }));
    }
}
