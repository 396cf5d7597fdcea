//! What no kernel code does: the world changes by itself, or by the hand of whoever plays.

use super::cx::Cx;
use super::turn::Progress;
use crate::addr::Phys;
use crate::hw::function::FunctionState;
use crate::ids::FunctionId;
use crate::state::kernel::{Armed, FaultSite};

impl Cx<'_> {
    /// The machine puts a function into a state; one that is gone has nothing registered any more.
    pub(crate) fn set_state(self, function: FunctionId, state: FunctionState) -> Progress {
        self.change(|run| {
            let mut world = run.world.borrow_mut();
            let function = &mut world.machine.functions[function.index()];
            match state {
                FunctionState::Removed => function.remove(),
                _ => function.state = state,
            }
        })
    }

    /// Changes a doubleword of memory.
    pub(crate) fn poke(self, phys: Phys, word: u64) -> Progress {
        self.change(|run| run.world.borrow_mut().mem.write(phys, word))
    }

    /// Arms a failure; one of no calls disarms its site.
    pub(crate) fn arm(self, site: FaultSite, armed: Armed) -> Progress {
        self.change(|run| {
            let faults = &mut run.world.borrow_mut().kernel.faults;
            if armed.count > 0 {
                faults.insert(site, armed);
            } else {
                faults.remove(&site);
            }
        })
    }

    /// Disarms every failure.
    pub(crate) fn disarm_all(self) -> Progress {
        self.change(|run| run.world.borrow_mut().kernel.faults.clear())
    }
}
