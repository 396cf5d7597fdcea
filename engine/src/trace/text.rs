//! The one-line text form of events.

use super::Record;
use super::event::{Entry, Event, Variable};
use crate::addr::Phys;
use crate::ids::TableUse;
use crate::ids::{DomainId, FunctionId};

/// What functions and domains are called, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// By [`FunctionId`].
    pub functions: Vec<String>,
    /// By [`DomainId`].
    pub domains: Vec<String>,
}

impl Names {
    /// A function's name; `fn7` if it has none.
    pub fn function(&self, id: FunctionId) -> String {
        self.functions.get(id.index()).cloned().unwrap_or_else(|| format!("fn{}", id.0))
    }

    /// A domain's name; `dom7` if it has none.
    pub fn domain(&self, id: DomainId) -> String {
        match id {
            DomainId::BLOCKING => "blocking".to_owned(),
            DomainId::IDENTITY => "identity".to_owned(),
            _ => self.domains.get(id.index()).cloned().unwrap_or_else(|| format!("dom{}", id.0)),
        }
    }

    /// Whose tables: a domain's name, `dma_api`, or `none`.
    pub fn table(&self, table: Option<TableUse>) -> String {
        match table {
            Some(TableUse::Domain(domain)) => self.domain(domain),
            Some(TableUse::DmaApi(_)) => "dma_api".to_owned(),
            None => "none".to_owned(),
        }
    }

    /// A record as one line, without a line end: step, CPU, event.
    pub fn line(&self, record: &Record) -> String {
        format!("{} cpu{} {}", record.step, record.cpu, self.text(&record.event))
    }

    /// An event as one line, without a line end.
    ///
    /// ```
    /// use s390_iommu::trace::{Event, Names, Warning};
    /// let warn = Event::Warn { warning: Warning::DetachWrongDomain, times: 1 };
    /// assert_eq!(Names::default().text(&warn), "warn detach_wrong_domain");
    /// ```
    pub fn text(&self, event: &Event) -> String {
        let answer = |cc: u8, status: u8| match status {
            0 => format!("cc {cc}"),
            status => format!("cc {cc}/{status}"),
        };
        match *event {
            Event::Ask { decision, value } => format!("ask {decision} = {value}"),
            Event::DriverCall { call, domain, iova, bytes } => {
                format!("call {} {} {iova} {bytes:#x}", call.name(), self.domain(domain))
            }
            Event::Lock { lock, domain } => format!("lock {}.{lock}", self.domain(domain)),
            Event::Unlock { lock, domain } => format!("unlock {}.{lock}", self.domain(domain)),
            Event::Read { function, variable } => format!("read {}", self.variable(function, variable)),
            Event::Write { function, variable } => format!("write {}", self.variable(function, variable)),
            Event::ListAdd { function, domain } => {
                format!("list-add {} to {}", self.function(function), self.domain(domain))
            }
            Event::ListDel { function } => format!("list-del {}", self.function(function)),
            Event::SetAperture { domain, aperture } => {
                format!("aperture {} = {aperture}", self.domain(domain))
            }
            Event::TableAlloc { level, at, owner } => {
                format!("table-alloc {} {at} for {}", level.name(), self.table(Some(owner)))
            }
            Event::TableFree { level, at } => format!("table-free {} {at}", level.name()),
            Event::EntryRead { level, at, word } => format!("entry-read {} {at} = {word:#x}", level.name()),
            Event::EntryWrite { level, at, old, new } => {
                format!("entry-write {} {at} = {new:#x} was {old:#x}", level.name())
            }
            Event::EntryExchange { level, at, old, new, won } => {
                let what = if won { "for" } else { "lost against" };
                format!("entry-exchange {} {at} {new:#x} {what} {old:#x}", level.name())
            }
            Event::PageRun { at, iova, pages, first, valid } => {
                let what = if valid { "map" } else { "invalidate" };
                format!("pages-{what} {at} = {first:#x} iova {iova} pages {pages}")
            }
            Event::Injected { site } => format!("injected {site}"),
            Event::Mpcifc { function, register, table: _, cc, status } => {
                let name = self.function(function);
                let answer = answer(cc, status);
                match register {
                    Some((range, iota)) => {
                        format!(
                            "mpcifc register {name} pba {} pal {} iota {iota:#x} -> {answer}",
                            range.start, range.last
                        )
                    }
                    None => format!("mpcifc deregister {name} -> {answer}"),
                }
            }
            Event::Rpcit { function, iova, bytes, cc, status } => {
                format!("rpcit {} {iova} {bytes:#x} -> {}", self.function(function), answer(cc, status))
            }
            Event::Control { function, what, cc, status } => {
                format!("mpcifc {what} {} -> {}", self.function(function), answer(cc, status))
            }
            Event::Clp { what, function, response } => {
                let name = function.map_or_else(String::new, |id| format!(" {}", self.function(id)));
                format!("clp {what}{name} -> {response:#x}")
            }
            Event::FunctionLock { function, lock, taken } => {
                format!("{} {}.{lock}", if taken { "lock" } else { "unlock" }, self.function(function))
            }
            Event::DmaError { map, rc, at } => {
                format!("dma-error {} {at:#x} -> {rc}", if map { "map" } else { "unmap" })
            }
            Event::Addresses { domain, what, iova, bytes } => {
                format!("addresses {} of {} {iova} {bytes:#x}", what.name(), self.domain(domain))
            }
            Event::Time { now } => format!("time {now} ms"),
            Event::ErrorEvent { function, code, at } => {
                format!("error-event {} code {code:#x} at {at}", self.function(function))
            }
            Event::ErrorHandler { function, handler, answer } => {
                format!("{handler} {} -> {answer}", self.function(function))
            }
            Event::DeviceAccess { function, iova, bytes, write, phys, cached } => {
                let what = if write { "write" } else { "read" };
                let to = match phys {
                    Some(phys) if cached => format!("{phys} cached"),
                    Some(phys) => phys.to_string(),
                    None => "nothing".to_owned(),
                };
                format!("device-{what} {} {iova} {bytes:#x} -> {to}", self.function(function))
            }
            Event::Cache { function, iova, filled } => {
                format!("cache-{} {} {iova}", if filled { "fill" } else { "evict" }, self.function(function))
            }
            Event::ByHand { function, what, answer } => {
                format!("{what} {} -> {answer:#x}", self.function(function))
            }
            Event::Wait { micros } => format!("wait {micros} us"),
            Event::ErrorRecord { level } => format!("error-record level {level}"),
            Event::Register { function, range, table, flags: _, cc, status } => {
                format!(
                    "register {} {range} {} -> {}",
                    self.function(function),
                    self.table(table),
                    answer(cc, status)
                )
            }
            Event::Unregister { function, cc } => {
                format!("unregister {} -> cc {cc}", self.function(function))
            }
            Event::Refresh { function, iova, bytes, rc } => {
                format!("refresh {} {iova} {bytes:#x} -> {rc}", self.function(function))
            }
            Event::DmaInit { function, rc } => format!("dma-init {} -> {rc}", self.function(function)),
            Event::DmaExit { function, rc } => format!("dma-exit {} -> {rc}", self.function(function)),
            Event::Warn { warning, times: 1 } => format!("warn {}", warning.name()),
            Event::Warn { warning, times } => format!("warn {} x{times}", warning.name()),
            Event::Crash { what } => format!("crash {what}"),
            Event::Result { rc, value: None } => format!("result {rc}"),
            Event::Result { rc, value: Some(value) } => format!("result {rc} value {value:#x}"),
            Event::GroupMutex { group, taken } => {
                format!("{} group{}.mutex", if taken { "lock" } else { "unlock" }, group.0)
            }
            Event::Enter { entry, function, domain } => {
                let kind = if let Entry::DomainAlloc(kind) = entry { Some(kind.to_owned()) } else { None };
                let about = [function.map(|id| self.function(id)), domain.map(|id| self.domain(id)), kind];
                let words = about.into_iter().flatten().map(|word| format!(" {word}"));
                format!("enter {}{}", entry.name(), words.collect::<String>())
            }
            Event::Return { entry, domain, rc } => {
                let domain = domain.map_or_else(String::new, |id| format!(" {}", self.domain(id)));
                format!("return {}{domain} -> {rc}", entry.name())
            }
        }
    }

    fn variable(&self, function: FunctionId, variable: Variable) -> String {
        let name = self.function(function);
        match variable {
            Variable::Domain(domain) => {
                format!(
                    "{name}.s390_domain = {}",
                    domain.map_or_else(|| "none".to_owned(), |d| self.domain(d))
                )
            }
            Variable::DmaTable(None, _) => format!("{name}.dma_table = none"),
            Variable::DmaTable(Some(root), user) => {
                format!("{name}.dma_table = {} of {}", Phys::new(root.get()), self.table(user))
            }
        }
    }
}

/// A stable hash of lines (FNV-1a, 64 bits, each line ended by `\n`): equal on every host for equal lines.
///
/// ```
/// assert_eq!(s390_iommu::trace::hash_lines(["a"]), 0x089bdc07b544e7b2);
/// ```
pub fn hash_lines<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for line in lines {
        for byte in line.as_ref().bytes().chain([b'\n']) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}
