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

/// The buffers that devices have at this point, by the names that steps gave them.
#[derive(Clone, Debug, Default)]
pub struct Buffers {
    here: BTreeMap<String, Handed>,
    /// Where each was last, those that were taken back included.
    places: BTreeMap<String, Iova>,
}

impl Buffers {
    /// The buffer with this name.
    pub(super) fn get(&self, name: &str) -> Result<Handed, String> {
        self.here.get(name).copied().ok_or_else(|| format!("there is no buffer {name} at this point"))
    }

    /// An address, counted from where a buffer is or was.
    pub(super) fn place(&self, buffer: Option<&str>, iova: u64) -> Result<Iova, String> {
        let Some(name) = buffer else { return Ok(Iova::new(iova)) };
        let place =
            self.places.get(name).ok_or_else(|| format!("there was no buffer {name} up to this point"))?;
        Ok(place.wrapping_add(iova))
    }

    /// Notes what a step did.
    pub fn note(&mut self, lab: &Lab, action: &Action, result: &OpResult) {
        let (size, direction, function, buffer) = match action {
            Action::DmaMap { phys: _, size, direction, function, buffer } => {
                (*size, direction_of(*direction), function, buffer)
            }
            Action::DmaAlloc { phys: _, size, function, buffer } => {
                (*size, Direction::Bidirectional, function, buffer)
            }
            Action::DmaUnmap { buffer } | Action::DmaFree { buffer } => {
                self.here.remove(buffer);
                return;
            }
            _ => return,
        };
        let function = lab.world().kernel.function_named(function);
        if let (0, Some(iova), Some(function)) = (result.rc, result.value.number(), function) {
            let handed = Handed { function, size, direction, iova: Iova::new(iova) };
            self.here.insert(buffer.clone(), handed);
            self.places.insert(buffer.clone(), handed.iova);
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
