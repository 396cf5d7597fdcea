//! Instructions, recorded and here, in one form; and the identity of tables.

use std::collections::BTreeMap;

use super::model::Instruction;
use crate::ids::TableUse;
use crate::trace::Event;

/// An instruction with what it answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Insn {
    pub(super) fid: u32,
    pub(super) what: What,
    /// Condition code and status; CLP's response.
    pub(super) answer: (u16, u8),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// PBA, PAL, and the anchor without the table.
    Register(u64, u64, u16),
    Deregister,
    Refresh(u64, u64),
    Measure,
    ResetBlock,
    ResetError,
    Enable,
    Disable,
    List,
    /// No client does this.
    Other(String),
}

/// A recorded one; `None` for what is none. A registration comes with its table.
pub(super) fn recorded(line: &Instruction) -> Option<(Insn, Option<u64>)> {
    let what = match (line.i.as_str(), line.op.as_str(), line.oc) {
        ("rpcit", ..) => What::Refresh(line.start, line.len),
        ("mpcifc", _, 4) => What::Register(line.pba, line.pal, (line.iota & 0xfff) as u16),
        ("mpcifc", _, 5) => What::Deregister,
        ("mpcifc", _, 7) => What::ResetError,
        ("mpcifc", _, 9) => What::ResetBlock,
        ("mpcifc", _, 10) => What::Measure,
        ("clp", "set_fn", 0) => What::Enable,
        ("clp", "set_fn", 1) => What::Disable,
        ("clp", "list", _) => What::List,
        ("mpcifc" | "clp", ..) => What::Other(line.op.clone()),
        _ => return None,
    };
    let answer = if line.i == "clp" { (line.rsp, 0) } else { (line.cc.into(), line.st) };
    let table = (line.i == "mpcifc" && line.oc == 4).then_some(line.iota & !0xfff);
    Some((Insn { fid: line.fid, what, answer }, table))
}

/// One of ours, with whose its table is.
pub(super) fn here(event: &Event, fids: &[u32]) -> Option<(Insn, Option<TableUse>)> {
    let fid = |function: crate::ids::FunctionId| fids.get(function.index()).copied().unwrap_or(0);
    let mut table = None;
    let (fid, what, answer) = match *event {
        Event::Mpcifc { function, register, table: of, cc, status } => {
            table = of;
            let what = register.map_or(What::Deregister, |(range, iota)| {
                What::Register(range.start.get(), range.last.get(), (iota & 0xfff) as u16)
            });
            (fid(function), what, (cc.into(), status))
        }
        Event::Rpcit { function, iova, bytes, cc, status } => {
            (fid(function), What::Refresh(iova.get(), bytes), (cc.into(), status))
        }
        Event::Control { function, what, cc, status } => {
            let what = match what {
                "reset-block" => What::ResetBlock,
                "reset-error" => What::ResetError,
                _ => What::Measure,
            };
            (fid(function), what, (cc.into(), status))
        }
        Event::Clp { what, function, response } => {
            let what = match what {
                "enable" => What::Enable,
                "disable" => What::Disable,
                _ => What::List,
            };
            (function.map_or(0, fid), what, (response, 0))
        }
        _ => return None,
    };
    Some((Insn { fid, what, answer }, table))
}

/// Which recorded table is which of ours.
#[derive(Debug, Default)]
pub(super) struct Tables {
    known: BTreeMap<Key, u64>,
}

/// Whose, in a form with an order.
type Key = (bool, u32);

fn key(table: TableUse) -> Key {
    match table {
        TableUse::Domain(domain) => (true, domain.0),
        TableUse::DmaApi(function) => (false, function.0),
    }
}

impl Tables {
    /// Whether a recorded table can be ours: the one it always was, or a new one. `alive` tells which domains are.
    pub(super) fn same(&mut self, ours: TableUse, recorded: u64, alive: impl Fn(u32) -> bool) -> bool {
        let ours = key(ours);
        if let Some(known) = self.known.get(&ours) {
            return *known == recorded;
        }
        let taken = self.known.iter().any(|(other, at)| *at == recorded && (!other.0 || alive(other.1)));
        self.known.retain(|_, at| *at != recorded);
        self.known.insert(ours, recorded);
        !taken
    }

    /// The early DMA API has given a function's table back.
    pub(super) fn forget_dma_api(&mut self, function: u32) {
        self.known.remove(&(false, function));
    }
}
