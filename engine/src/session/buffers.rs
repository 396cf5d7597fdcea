//! Buffers that a scenario handed to the DMA API, by the names it gave them.

use std::collections::BTreeMap;

use crate::addr::Iova;
use crate::ids::FunctionId;
use crate::lab::{Lab, OpResult};
use crate::linux::dma::Direction;
use crate::scenario::{self, Action};

/// A buffer that a device has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handed {
    pub(super) function: FunctionId,
    pub(super) size: u64,
    pub(super) direction: Direction,
    pub(super) iova: Iova,
}

/// What devices have at this point.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers(BTreeMap<String, Handed>);

impl Buffers {
    /// The buffer with this name.
    pub(super) fn get(&self, name: &str) -> Result<Handed, String> {
        self.0.get(name).copied().ok_or_else(|| format!("there is no buffer {name} at this point"))
    }

    /// Notes what a step did.
    pub(super) fn note(&mut self, lab: &Lab, action: &Action, result: &OpResult) {
        let (size, direction, function, buffer) = match action {
            Action::DmaMap { phys: _, size, direction, function, buffer } => {
                (*size, direction_of(*direction), function, buffer)
            }
            Action::DmaAlloc { phys: _, size, function, buffer } => {
                (*size, Direction::Bidirectional, function, buffer)
            }
            Action::DmaUnmap { buffer } | Action::DmaFree { buffer } => {
                self.0.remove(buffer);
                return;
            }
            _ => return,
        };
        let function = lab.world().kernel.function_named(function);
        if let (0, Some(iova), Some(function)) = (result.rc, result.value.number(), function) {
            let handed = Handed { function, size, direction, iova: Iova::new(iova) };
            self.0.insert(buffer.clone(), handed);
        }
    }
}

pub(super) const fn direction_of(direction: scenario::Direction) -> Direction {
    match direction {
        scenario::Direction::Bidirectional => Direction::Bidirectional,
        scenario::Direction::ToDevice => Direction::ToDevice,
        scenario::Direction::FromDevice => Direction::FromDevice,
        scenario::Direction::None => Direction::None,
    }
}
