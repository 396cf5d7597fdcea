//! The door to what the IOMMU core keeps: groups, units, the bus.

use super::cx::Cx;
use super::turn::Progress;
use crate::ids::{DomainId, FunctionId};
use crate::state::group::Groups;
use crate::trace::{Entry, Event};

impl Cx<'_> {
    /// Looks at what the core keeps. Whoever looks at a group holds its mutex, so that nobody changes it meanwhile.
    pub fn groups<T: Clone + Send + 'static>(self, read: impl Fn(&Groups) -> T) -> T {
        self.look(|run| read(&run.world.borrow().kernel.groups))
    }

    /// Changes what the core keeps.
    pub fn change_groups<T: Clone + Send + 'static>(self, act: impl FnOnce(&mut Groups) -> T) -> Progress<T> {
        self.change(|run| run.kernel(|kernel| act(&mut kernel.groups)))
    }

    /// Whether a function has relaxed translation.
    pub fn is_relaxed(self, function: FunctionId) -> bool {
        self.look(|run| run.world.borrow().machine.functions[function.index()].relaxed)
    }

    /// The core calls an operation.
    pub fn enter(self, entry: Entry, function: Option<FunctionId>, domain: Option<DomainId>) {
        self.tell(|run| run.emit(Event::Enter { entry, function, domain }));
    }

    /// The operation returns.
    pub fn returned(self, entry: Entry, domain: Option<DomainId>, rc: i32) {
        self.tell(|run| run.emit(Event::Return { entry, domain, rc }));
    }
}
