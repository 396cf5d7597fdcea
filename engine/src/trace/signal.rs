//! What reached the machine in the course of an operation, kept apart from events for whoever checks what it has cached.

use crate::addr::{Iova, IovaRange};
use crate::ids::FunctionId;

/// One such thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Addresses of a function were refreshed.
    Refreshed(FunctionId, IovaRange),
    /// A function was registered anew, deregistered or reset: nothing of it is cached any more.
    Dropped(FunctionId),
    /// An instruction about a function was refused: condition code and status.
    Refused(FunctionId, u8, u8),
}

impl Signal {
    /// Signals of one operation that are kept.
    pub const LIMIT: usize = 4096;

    /// Adds a signal. A refresh that goes on where one of the same function ended becomes part of it.
    pub fn push(self, signals: &mut Vec<Self>) {
        const BACK: usize = 64;
        if let Self::Refreshed(function, range) = self {
            for earlier in signals.iter_mut().rev().take(BACK) {
                match earlier {
                    Self::Refreshed(other, before) if *other == function => {
                        if before.last.get().checked_add(1).map(Iova::new) == Some(range.start) {
                            before.last = range.last;
                            return;
                        }
                        break;
                    }
                    Self::Dropped(other) if *other == function => break,
                    _ => {}
                }
            }
        }
        if signals.len() < Self::LIMIT {
            signals.push(self);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refreshes_that_follow_each_other_are_one() {
        let refreshed = |function, start, last| {
            Signal::Refreshed(FunctionId(function), IovaRange::new(Iova::new(start), Iova::new(last)))
        };
        let mut signals = Vec::new();
        for page in 0..3_u64 {
            for function in [1, 0] {
                refreshed(function, page << 12, page << 12 | 0xfff).push(&mut signals);
            }
        }
        assert_eq!(signals, [refreshed(1, 0, 0x2fff), refreshed(0, 0, 0x2fff)]);
        Signal::Dropped(FunctionId(1)).push(&mut signals);
        refreshed(1, 0x3000, 0x3fff).push(&mut signals);
        assert_eq!(signals.len(), 4, "what came before is another matter");
    }
}
