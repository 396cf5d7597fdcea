//! A walk through a dump, each step explained.

use std::fmt;

use serde::Serialize;

use super::DumpError;
use super::lint::root;
use crate::addr::{Iova, Phys};
use crate::hw::walk::{Access, Next, Walk, WalkPath, WalkStep};
use crate::table::{Decoded, Iota, WordKind, decode};
use crate::tree::TableMemory;

/// A walk through memory of which parts may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DumpWalk {
    /// Where it starts.
    pub iota: Iota,
    /// The address.
    pub iova: Iova,
    /// What is wanted.
    pub access: Access,
    /// The entries, and where they lead. Neither a translation nor a fault where an entry is missing.
    pub path: WalkPath,
    /// The address of the entry that is not in this memory, if the walk ends for that reason.
    pub missing: Option<Phys>,
    /// The anchor explained, and then each entry.
    pub explained: Vec<Decoded>,
}

impl DumpWalk {
    /// Walks as the machine does.
    ///
    /// # Errors
    /// `D020`: the anchor designates no table.
    pub fn of(memory: &impl TableMemory, iota: Iota, iova: Iova, access: Access) -> Result<Self, DumpError> {
        root(iota)?;
        let mut explained = vec![decode(WordKind::Iota, iota.bits())];
        let mut path = WalkPath { steps: Vec::new(), translation: None, fault: None };
        let mut missing = None;
        let (mut walk, mut next) = Walk::start(iota, iova, access);
        loop {
            match next {
                Next::Fetch(at) => {
                    let Some(word) = memory.word(at) else {
                        missing = Some(at);
                        break;
                    };
                    let level = walk.level();
                    path.steps.push(WalkStep { level, index: level.index(iova), at, word });
                    explained.push(decode(WordKind::entry(level), word));
                    next = walk.feed(word);
                }
                Next::Done(translation) => {
                    path.translation = Some(translation);
                    break;
                }
                Next::Fault(kind) => {
                    path.fault = Some(kind);
                    break;
                }
            }
        }
        Ok(Self { iota, iova, access, path, missing, explained })
    }
}

impl fmt::Display for DumpWalk {
    /// The address, a line for each word, and how it ends.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = match self.access {
            Access::Read => "read",
            Access::Write => "write",
        };
        writeln!(f, "{access} {}", self.iova)?;
        let meaning = |number: usize| self.explained.get(number).map_or("", |decoded| &*decoded.meaning);
        writeln!(f, "  {:#018x}  {}", self.iota.bits(), meaning(0))?;
        for (number, step) in self.path.steps.iter().enumerate() {
            let WalkStep { index, at, word, .. } = step;
            writeln!(f, "  {word:#018x}  {}; entry {index:#x}, at {at}", meaning(number + 1))?;
        }
        match (self.path.translation, self.path.fault, self.missing) {
            (Some(found), ..) => {
                let rights = if found.writable { "read and write" } else { "read-only" };
                write!(f, "  -> {}, {rights}, in a frame of {} KiB", found.phys, found.frame_len / 1024)
            }
            (_, Some(kind), _) => write!(f, "  -> fault {kind} (error event {:#x})", kind.code()),
            (.., Some(at)) => write!(f, "  -> unknown: the entry at {at} is not in this memory"),
            _ => Ok(()),
        }
    }
}
