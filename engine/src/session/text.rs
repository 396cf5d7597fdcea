//! Steps and their results in short words.

use crate::linux::Errno;
use crate::scenario::{Action, DriverKind};
use crate::trace::{Event, Names, Record, Warning};

/// Entries of a step's hardware list before the rest is only counted.
const HARDWARE_LIMIT: usize = 256;

/// A step in one line: `map 0x100000000 phys 0x80000000 size 0x100000 rw in d0`.
pub(super) fn describe(action: &Action) -> String {
    let verb = action.verb();
    match action {
        Action::Alloc { domain, function, kind } => format!("{verb} {domain} for {function} {}", kind.word()),
        Action::Attach { function, domain }
        | Action::AttachGroup { function, domain }
        | Action::AttachDevice { function, domain }
        | Action::Replace { function, domain } => format!("{verb} {function} to {domain}"),
        Action::Detach { function, domain } | Action::DetachDevice { function, domain } => {
            format!("{verb} {function} from {domain}")
        }
        Action::Claim { function, owner } => format!("{verb} {function} owner {owner}"),
        Action::Map { iova, phys, size, prot, domain } => {
            format!("{verb} {iova:#x} phys {phys:#x} size {size:#x} {} in {domain}", prot.word())
        }
        Action::Unmap { iova, size, domain } | Action::UnmapFast { iova, size, domain } => {
            format!("{verb} {iova:#x} size {size:#x} in {domain}")
        }
        Action::MapPages { iova, phys, pgsize, pgcount, prot, domain } => {
            format!("{verb} {iova:#x} phys {phys:#x} {pgcount} of {pgsize:#x} {} in {domain}", prot.word())
        }
        Action::UnmapPages { iova, pgsize, pgcount, domain } => {
            format!("{verb} {iova:#x} {pgcount} of {pgsize:#x} in {domain}")
        }
        Action::IovaToPhys { iova, domain } => format!("{verb} {iova:#x} in {domain}"),
        Action::Read { iova, size, function, buffer } => {
            format!("{verb} {iova:#x}{} size {size:#x} by {function}", of(buffer.as_ref()))
        }
        Action::Write { iova, bytes, function, buffer } => {
            format!("{verb} {iova:#x}{} size {:#x} by {function}", of(buffer.as_ref()), bytes.len())
        }
        Action::PokeEntry { iova, level, clear, set, domain } => {
            format!("{verb} {iova:#x} {} clear {clear:#x} set {set:#x} in {domain}", level.word())
        }
        Action::Busy { times } => format!("{verb} {times}"),
        Action::Fill { iova, function } | Action::Evict { iova, function } => {
            format!("{verb} {iova:#x} by {function}")
        }
        Action::Walk { iova, function, access } => {
            format!("{verb} {iova:#x} for {function} {}", access.word())
        }
        Action::Refresh { function, iova, size } => format!("{verb} {function} {iova:#x} size {size:#x}"),
        Action::Register { function, domain } => format!("{verb} {function} table of {domain}"),
        Action::Poke { phys, value } => format!("{verb} {phys:#x} = {value:#x}"),
        Action::Inject { what, after, count, .. } => {
            format!("{verb} {} after {after} count {count}", what.word())
        }
        Action::Capable { capability, function } => format!("{verb} {} for {function}", capability.word()),
        Action::DmaMap { phys, size, direction, function, buffer } => {
            format!("{verb} {phys:#x} size {size:#x} {} for {function} as {buffer}", direction.word())
        }
        Action::DmaAlloc { phys, size, function, buffer } => {
            format!("{verb} {phys:#x} size {size:#x} for {function} as {buffer}")
        }
        Action::DmaUnmap { buffer } | Action::DmaFree { buffer } => format!("{verb} {buffer}"),
        Action::Advance { ms } => format!("{verb} {ms} ms"),
        Action::OpenGroup { name, function } | Action::OpenCdev { name, function } => {
            format!("{verb} {name} for {function}")
        }
        Action::SetContainer { group, container } => format!("{verb} {group} to {container}"),
        Action::SetIommu { container, version } => format!("{verb} {container} version {version}"),
        Action::UserMap { iova, phys, size, prot, container } => {
            format!("{verb} {iova:#x} phys {phys:#x} size {size:#x} {} in {container}", prot.word())
        }
        Action::UserUnmap { all: true, container, .. } => format!("{verb} all in {container}"),
        Action::UserUnmap { iova, size, all: false, container } => {
            format!("{verb} {iova:#x} size {size:#x} in {container}")
        }
        Action::OpenDevice { name, group, function } => format!("{verb} {name} via {group} for {function}"),
        Action::IoasRanges { context, id } => format!("{verb} {id} in {context}"),
        Action::IoasMap { iova, phys, size, prot, context, id } => {
            let word = prot.word();
            format!("{verb} {iova:#x} phys {phys:#x} size {size:#x} {word} in {context} {id}")
        }
        Action::IoasUnmap { iova, size, context, id } => {
            format!("{verb} {iova:#x} size {size:#x} in {context} {id}")
        }
        Action::BindIommufd { device, context } => format!("{verb} {device} to {context}"),
        Action::AttachPt { device, id } => format!("{verb} {device} to {id}"),
        Action::Hwpt { context, device, id } => format!("{verb} in {context} for {device} of {id}"),
        Action::Bind { function, driver: DriverKind::VfioPci } => format!("{verb} {function}"),
        Action::Bind { function, driver } => format!("{verb} {function} driver {}", driver.word()),
        Action::DeviceError { function, code } | Action::MachineEvent { function, code } => {
            format!("{verb} {function} code {code:#x}")
        }
        Action::GroupType { function, kind } => format!("{verb} {function} to {}", kind.word()),
        Action::ClearInject | Action::Kill { now: _ } | Action::HandleErrors { now: _ } => verb.to_owned(),
        Action::Probe { function: name }
        | Action::Release { function: name }
        | Action::ResvRegions { function: name }
        | Action::InitIommu { function: name }
        | Action::ShadowOnFlush { function: name }
        | Action::ReRegister { function: name }
        | Action::Deregister { function: name }
        | Action::ResetError { function: name }
        | Action::ResetBlock { function: name }
        | Action::Disable { function: name }
        | Action::Enable { function: name }
        | Action::Error { function: name }
        | Action::Recover { function: name }
        | Action::Unplug { function: name }
        | Action::Add { function: name }
        | Action::Remove { function: name }
        | Action::HoldGroup { function: name }
        | Action::DropGroup { function: name }
        | Action::UseDefault { function: name }
        | Action::UnuseDefault { function: name }
        | Action::ReleaseOwner { function: name }
        | Action::DetachGroup { function: name }
        | Action::Free { domain: name }
        | Action::IotlbSync { domain: name }
        | Action::FlushIotlbAll { domain: name }
        | Action::RecoverFunction { function: name }
        | Action::GiveToGuest { handle: name }
        | Action::Unbind { function: name }
        | Action::Container { name }
        | Action::UnsetContainer { group: name }
        | Action::IommuInfo { container: name }
        | Action::ResetDevice { device: name }
        | Action::HotReset { device: name }
        | Action::Close { name }
        | Action::Iommufd { name }
        | Action::Ioas { context: name }
        | Action::DetachPt { device: name }
        | Action::PowerOff { function: name }
        | Action::PowerOn { function: name }
        | Action::ResetFunction { function: name } => format!("{verb} {name}"),
    }
}

fn of(buffer: Option<&String>) -> String {
    buffer.map_or_else(String::new, |buffer| format!(" of {buffer}"))
}

/// A warning with how often: `label` or `label*N`.
pub(super) fn label(warning: Warning, times: u64) -> String {
    if times == 1 { warning.name().to_owned() } else { format!("{}*{times}", warning.name()) }
}

/// What a step told the hardware, in order.
pub(super) fn hardware<'r>(records: impl Iterator<Item = &'r Record>, names: &Names) -> Vec<String> {
    let mut entries = records.filter_map(|record| entry(&record.event, names));
    let mut list: Vec<String> = entries.by_ref().take(HARDWARE_LIMIT).collect();
    let more = entries.count();
    if more > 0 {
        list.push(format!("… {more} more"));
    }
    list
}

fn entry(event: &Event, names: &Names) -> Option<String> {
    let cc = |cc: u8, status: u8| match (cc, status) {
        (0, _) => String::new(),
        (cc, 0) => format!(" -> cc {cc}"),
        (cc, status) => format!(" -> cc {cc}/{status}"),
    };
    let errno = |rc: i32| Errno::from_rc(rc).map_or(String::new(), |errno| format!(" -> {errno}"));
    Some(match *event {
        Event::Register { function, table, cc: code, status, .. } => {
            // No table at all is what the identity domain registers.
            let table = table.map_or_else(|| "identity".to_owned(), |table| names.table(Some(table)));
            format!("register {} {table}{}", names.function(function), cc(code, status))
        }
        Event::Unregister { function, cc: code } => {
            format!("unregister {}{}", names.function(function), cc(code, 0))
        }
        Event::Refresh { function, iova, bytes, rc } => {
            format!("rpcit {} {iova} {bytes:#x}{}", names.function(function), errno(rc))
        }
        Event::Control { function, what, cc: code, status } => {
            format!("{} {}{}", what.replace('-', "_"), names.function(function), cc(code, status))
        }
        Event::Clp { what, function, response } => {
            let about = function.map_or_else(String::new, |id| format!(" {}", names.function(id)));
            let answer = if response == 0x10 { String::new() } else { format!(" -> {response:#x}") };
            format!("{what}{about}{answer}")
        }
        Event::ErrorEvent { function, code, at } => {
            format!("event {} {code:#x} at {at}", names.function(function))
        }
        Event::DmaInit { function, rc } => format!("dma_init {}{}", names.function(function), errno(rc)),
        Event::DmaExit { function, rc } => format!("dma_exit {}{}", names.function(function), errno(rc)),
        _ => return None,
    })
}
