//! One look into the tables for a refresh: what is there for a page, how far that reaches, and every entry on the way.

use super::fault::FaultKind;
use super::profile::{Rules, Walker};
use super::qemu;
use super::walk::{Access, Next, Walk};
use crate::addr::{Iova, Phys};
use crate::table::{Iota, Level};

/// What tables say about a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is mapped.
    Frame {
        /// Address of the 4 KiB page.
        phys: Phys,
        /// Nothing on the way forbids writing.
        writable: bool,
    },
    /// An entry on the way is invalid.
    Nothing,
    /// An entry on the way is wrong.
    Wrong(FaultKind),
}

/// A look into the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The page.
    pub page: Iova,
    /// What is there.
    pub found: Found,
    /// Bytes that the last entry read stands for: 4 KiB, 1 MiB, 2 GiB …
    pub frame_len: u64,
    /// The level of that entry.
    pub level: Level,
    path: [(Phys, u64); 5],
    depth: usize,
}

impl Lookup {
    /// Nothing read yet.
    pub(super) const fn new(page: Iova, level: Level) -> Self {
        let path = [(Phys::new(0), 0); 5];
        Self { page, found: Found::Nothing, frame_len: level.covers(), level, path, depth: 0 }
    }

    /// Remembers an entry. A path is never longer than there are levels.
    #[inline]
    pub(super) fn read(&mut self, level: Level, at: Phys, word: u64) {
        self.path[self.depth] = (at, word);
        self.depth += 1;
        (self.level, self.frame_len) = (level, level.covers());
    }

    /// The entries on the way, from the root down: address and word.
    pub fn path(&self) -> &[(Phys, u64)] {
        &self.path[..self.depth]
    }
}

/// Looks a page up by the machine's rules.
pub fn lookup(rules: Rules, iota: Iota, iova: Iova, read: impl FnMut(Phys) -> u64) -> Lookup {
    match rules.walker {
        Walker::Architecture => by_architecture(iota, iova, read),
        Walker::Qemu => qemu::walk(rules.designations, iota, iova, read),
    }
}

fn by_architecture(iota: Iota, iova: Iova, mut read: impl FnMut(Phys) -> u64) -> Lookup {
    let (mut walk, mut next) = Walk::start(iota, iova.page(), Access::Read);
    let mut looked = Lookup::new(iova.page(), walk.level());
    let mut word = 0;
    loop {
        looked.found = match next {
            Next::Fetch(at) => {
                word = read(at);
                looked.read(walk.level(), at, word);
                next = walk.feed(word);
                continue;
            }
            Next::Done(found) => Found::Frame { phys: found.phys, writable: found.writable },
            // An entry of all zeros is no invalid entry, it is none at all (*observed*: event 7).
            Next::Fault(FaultKind::InvalidEntry) if word != 0 => Found::Nothing,
            Next::Fault(kind) => Found::Wrong(kind),
        };
        return looked;
    }
}
