//! Device access: what a function's read or write does, from its address to bytes in memory or an error event.

use serde::Serialize;

use super::event::ErrorEvent;
use super::fault::FaultKind;
use super::function::{Function, FunctionState, Machine};
use super::iotlb::{Cached, Filled};
use super::lookup::{Found, lookup};
use super::profile::{AboveRange, BlockedDma, Caching, Rules, Unregistered, Walker};
use super::walk::{self, Access, Next, Translation, Walk};
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::mem::Memory;
use crate::table::{Iota, Level};

/// Where an access leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// The byte's absolute address.
    pub phys: Phys,
    /// Writing is allowed.
    pub writable: bool,
    /// The machine had it cached.
    pub cached: bool,
}

/// Why an access leads nowhere. No byte was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The address.
    pub iova: Iova,
    /// What is wrong; [`FaultKind::Blocked`] for an access that is dropped because of the function's state.
    pub kind: FaultKind,
    /// What the machine had cached, when that is what forbids the access.
    pub cached: Option<Cached>,
    /// The event: the function is in error now. Without one the access is dropped, and nobody is told.
    pub event: Option<ErrorEvent>,
}

/// Translates an address for an access of a function, as the machine does it: state, range, cache, tables. A fault that
/// makes an event puts the function into error.
///
/// `read` gives the doubleword at an address. What a walk finds is cached where accesses fill the cache.
///
/// # Errors
/// The fault.
///
/// # Panics
/// There is no function of that number.
#[inline]
pub fn translate(
    machine: &mut Machine,
    function: usize,
    iova: Iova,
    access: Access,
    read: impl Fn(Phys) -> u64,
) -> Result<Reached, Fault> {
    let rules = machine.rules;
    let function = &mut machine.functions[function];
    if let (FunctionState::Enabled, Some(ioat)) = (function.state, function.ioat)
        && ioat.range.contains(iova)
        && let Some(page) = function.iotlb.lookup(iova)
        && (page.writable || access == Access::Read)
    {
        return Ok(Reached { phys: at(page.frame, iova), writable: page.writable, cached: true });
    }
    slowly(rules, function, iova, access, read)
}

/// The byte of a page.
#[inline]
const fn at(frame: Phys, iova: Iova) -> Phys {
    frame.wrapping_add(iova.get() % PAGE_SIZE)
}

/// All that a warm hit does not need, in the order in which a machine decides.
fn slowly(
    rules: Rules,
    function: &mut Function,
    iova: Iova,
    access: Access,
    read: impl Fn(Phys) -> u64,
) -> Result<Reached, Fault> {
    let dropped = |kind| Err(Fault { iova, kind, cached: None, event: None });
    match function.state {
        FunctionState::Enabled => {}
        FunctionState::Blocked if rules.blocked == BlockedDma::Translated => {}
        _ => return dropped(FaultKind::Blocked),
    }
    let Some(ioat) = function.ioat else {
        return match rules.unregistered {
            Unregistered::Event => fault(rules, function, FaultKind::InvalidAddressSpace, iova, None, access),
            Unregistered::Dropped => dropped(FaultKind::InvalidAddressSpace),
        };
    };
    if iova > ioat.range.last && rules.above_range == AboveRange::Dropped {
        return dropped(FaultKind::OutOfRange);
    }
    if !ioat.range.contains(iova) {
        return fault(rules, function, FaultKind::OutOfRange, iova, None, access);
    }
    // Without translation an address leads to itself minus the start of the function's range (*from QEMU*).
    if !ioat.iota.is_translated() {
        let phys = Phys::new(iova.get().wrapping_sub(function.attributes.sdma()));
        return Ok(Reached { phys, writable: true, cached: false });
    }
    if let Some(page) = function.iotlb.lookup(iova) {
        if page.writable || access == Access::Read {
            return Ok(Reached { phys: at(page.frame, iova), writable: page.writable, cached: true });
        }
        let failed = fault(rules, function, FaultKind::Protection, iova, None, access);
        return failed.map_err(|fault| Fault { cached: Some(page), ..fault });
    }
    if rules.caching == Caching::OnRefresh {
        // What is not in the shadow is not there, whatever the tables say (*observed*: event 4).
        return fault(rules, function, FaultKind::Protection, iova, None, access);
    }
    let found = match rules.walker {
        Walker::Architecture => walk_to(function, iova, access, read),
        Walker::Qemu => look_up(rules, function, iova, access, read),
    };
    match found {
        Ok(found) => {
            if rules.caching == Caching::OnUse {
                cache(function, iova, found);
            }
            Ok(Reached { phys: found.phys, writable: found.writable, cached: false })
        }
        Err((kind, level)) => fault(rules, function, kind, iova, Some(level), access),
    }
}

fn walk_to(
    function: &Function,
    iova: Iova,
    access: Access,
    read: impl Fn(Phys) -> u64,
) -> Result<Translation, (FaultKind, Level)> {
    let anchor = function.ioat.map_or(Iota::from_bits(0), |ioat| ioat.iota);
    if let Ok(found) = walk::translate(anchor, iova, access, &read) {
        return Ok(found);
    }
    // Once more, to see where it fails.
    let (mut walk, mut next) = Walk::start(anchor, iova, access);
    loop {
        let level = walk.level();
        match next {
            Next::Fetch(at) => next = walk.feed(read(at)),
            Next::Done(found) => return Ok(found),
            Next::Fault(kind) => return Err((kind, level)),
        }
    }
}

/// QEMU's walk for an access, where it keeps no shadow: what is not mapped allows nothing, so the fault is that of
/// protection (*assumed* from its shadow).
fn look_up(
    rules: Rules,
    function: &Function,
    iova: Iova,
    access: Access,
    read: impl Fn(Phys) -> u64,
) -> Result<Translation, (FaultKind, Level)> {
    let anchor = function.ioat.map_or(Iota::from_bits(0), |ioat| ioat.iota);
    let looked = lookup(rules, anchor, iova, read);
    match looked.found {
        Found::Frame { phys, writable } if writable || access == Access::Read => {
            Ok(Translation { phys: at(phys, iova), writable, frame_len: looked.frame_len })
        }
        Found::Wrong(kind) => Err((kind, looked.level)),
        Found::Frame { .. } | Found::Nothing => Err((FaultKind::Protection, looked.level)),
    }
}

fn cache(function: &mut Function, iova: Iova, found: Translation) -> Filled {
    function.iotlb.fill(iova, Cached { frame: found.phys.page(), writable: found.writable })
}

fn fault(
    rules: Rules,
    function: &mut Function,
    kind: FaultKind,
    iova: Iova,
    level: Option<Level>,
    access: Access,
) -> Result<Reached, Fault> {
    Err(Fault { iova, kind, cached: None, event: function.fail(rules, kind, iova, level, access) })
}

/// Caches the translation of an address before any access asks for it, as a machine may at any time that caches what it
/// finds in the tables: a scheduler's choice. `true` if there was something to cache.
///
/// # Panics
/// There is no function of that number.
pub fn fill_early(machine: &mut Machine, function: usize, iova: Iova, read: impl Fn(Phys) -> u64) -> bool {
    let rules = machine.rules;
    let function = &mut machine.functions[function];
    let registered = function.ioat.is_some_and(|ioat| ioat.range.contains(iova));
    if rules.caching != Caching::OnUse || function.state != FunctionState::Enabled || !registered {
        return false;
    }
    match walk_to(function, iova, Access::Read, read) {
        Ok(found) => matches!(cache(function, iova, found), Filled::New | Filled::Replaced),
        Err(_) => false,
    }
}

/// Bytes moved before a fault, and the fault.
pub type Interrupted = (usize, Fault);

/// The device reads memory, page by page.
///
/// # Errors
/// The fault, with how many bytes were read before it.
///
/// # Panics
/// There is no function of that number.
pub fn read(
    machine: &mut Machine,
    memory: &Memory,
    function: usize,
    iova: Iova,
    into: &mut [u8],
) -> Result<(), Interrupted> {
    for (done, here, bytes) in pages(iova, into.len()) {
        let reached = translate(machine, function, here, Access::Read, |at| memory.read(at));
        let phys = reached.map_err(|fault| (done, fault))?.phys;
        into[done..done + bytes].copy_from_slice(&memory.bytes(phys, bytes));
    }
    Ok(())
}

/// The device writes memory, page by page.
///
/// # Errors
/// The fault, with how many bytes were written before it.
///
/// # Panics
/// There is no function of that number.
pub fn write(
    machine: &mut Machine,
    memory: &mut Memory,
    function: usize,
    iova: Iova,
    data: &[u8],
) -> Result<(), Interrupted> {
    for (done, here, bytes) in pages(iova, data.len()) {
        let reached = translate(machine, function, here, Access::Write, |at| memory.read(at));
        let phys = reached.map_err(|fault| (done, fault))?.phys;
        memory.write_bytes(phys, &data[done..done + bytes]);
    }
    Ok(())
}

/// The parts of an access that lie in one page each: bytes before it, its address, its length.
fn pages(iova: Iova, len: usize) -> impl Iterator<Item = (usize, Iova, usize)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let here = iova.wrapping_add(done as u64);
        let bytes = (len - done).min((PAGE_SIZE - here.get() % PAGE_SIZE) as usize);
        let part = (done, here, bytes);
        done += bytes;
        (bytes > 0).then_some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hw::function::Ioat;
    use crate::hw::profile::Profile;
    use crate::hw::zpci::rpcit::tests::{HANDLE, PBA, PTE, machine};
    use crate::hw::zpci::{Refresh, rpcit};
    use crate::table::Iota;

    /// Two pages of the segment are mapped, the second for reading only.
    fn system(profile: Profile) -> (Machine, Memory) {
        let (machine, mut memory) = machine(profile);
        memory.write(Phys::new(PTE), 0x7000_0000);
        memory.write(Phys::new(PTE + 8), 0x7000_5200);
        (machine, memory)
    }

    fn refresh(machine: &mut Machine, memory: &Memory) {
        let all = Refresh { handle: HANDLE, start: Iova::new(PBA), len: 0x1_0000_0000 };
        assert_eq!(rpcit(machine, all, |at| memory.read(at)).answer.cc, 0);
    }

    fn access(
        machine: &mut Machine,
        memory: &Memory,
        iova: u64,
        access: Access,
    ) -> Result<u64, (u16, Option<u16>)> {
        let reached = translate(machine, 0, Iova::new(iova), access, |at| memory.read(at));
        reached
            .map(|reached| reached.phys.get())
            .map_err(|fault| (fault.kind.code(), fault.event.map(|event| event.code)))
    }

    #[test]
    fn a_cached_translation_outlives_the_entry_until_a_refresh() {
        let (mut machine, mut memory) = system(Profile::Lpar);
        assert_eq!(access(&mut machine, &memory, PBA + 5, Access::Write), Ok(0x7000_0005));
        memory.write(Phys::new(PTE), 0x7000_0400);
        assert_eq!(access(&mut machine, &memory, PBA + 6, Access::Write), Ok(0x7000_0006), "stale");
        refresh(&mut machine, &memory);
        assert_eq!(access(&mut machine, &memory, PBA, Access::Read), Err((7, Some(7))));
        assert_eq!(
            access(&mut machine, &memory, PBA + 0x1000, Access::Read),
            Err((0, None)),
            "in error: dropped"
        );
    }

    #[test]
    fn a_shadow_sees_nothing_before_a_refresh() {
        for profile in [Profile::Zvm, Profile::Qemu] {
            let (mut machine, memory) = system(profile);
            refresh(&mut machine, &memory);
            assert_eq!(access(&mut machine, &memory, PBA + 0x1008, Access::Read), Ok(0x7000_5008));
            assert_eq!(access(&mut machine, &memory, PBA + 0x1008, Access::Write), Err((4, Some(4))));
            machine.functions[0].state = FunctionState::Enabled;
            machine.functions[0].iotlb.purge();
            assert_eq!(access(&mut machine, &memory, PBA, Access::Read), Err((4, Some(4))));
        }
    }

    #[test]
    fn what_machines_decide_differently() {
        let above = 0x2_0000_0000;
        for (profile, nothing_registered, above_range, blocked) in [
            (Profile::Lpar, Err((1, Some(1))), Err((2, Some(2))), Err((0, None))),
            (Profile::Qemu, Err((1, None)), Err((2, None)), Ok(0x7000_0000)),
        ] {
            let (mut machine, memory) = system(profile);
            refresh(&mut machine, &memory);
            machine.functions[0].state = FunctionState::Blocked;
            assert_eq!(access(&mut machine, &memory, PBA, Access::Read), blocked);
            machine.functions[0].state = FunctionState::Enabled;
            assert_eq!(access(&mut machine, &memory, above, Access::Read), above_range);
            machine.functions[0].state = FunctionState::Enabled;
            assert_eq!(access(&mut machine, &memory, PBA - 1, Access::Read), Err((2, Some(2))));
            machine.functions[0].state = FunctionState::Enabled;
            machine.functions[0].deregister();
            assert_eq!(access(&mut machine, &memory, PBA, Access::Read), nothing_registered);
        }
    }

    #[test]
    fn data_moves_byte_for_byte_up_to_the_fault() {
        let (mut machine, mut memory) = system(Profile::Lpar);
        let data: Vec<u8> = (0..0x20).collect();
        memory.write(Phys::new(PTE + 8), 0x7000_5000);
        assert_eq!(write(&mut machine, &mut memory, 0, Iova::new(PBA + 0xff1), &data), Ok(()));
        assert_eq!(memory.bytes(Phys::new(0x7000_0ff1), 0xf), data[..0xf]);
        assert_eq!(memory.bytes(Phys::new(0x7000_5000), 0x11), data[0xf..]);
        let mut back = [0; 0x20];
        assert_eq!(read(&mut machine, &memory, 0, Iova::new(PBA + 0xff1), &mut back), Ok(()));
        assert_eq!(back[..], data);
        let (done, fault) = write(&mut machine, &mut memory, 0, Iova::new(PBA + 0x1ff0), &data).unwrap_err();
        assert_eq!((done, fault.iova, fault.kind), (0x10, Iova::new(PBA + 0x2000), FaultKind::InvalidEntry));
        let event = fault.event.unwrap();
        assert_eq!((event.fid, event.level, event.write), (7, Some(Level::Page), true));
    }

    #[test]
    fn without_tables_addresses_lead_to_themselves_minus_the_start() {
        let (mut machine, memory) = system(Profile::Lpar);
        let range = machine.functions[0].dma();
        machine.functions[0].ioat = Some(Ioat { iota: Iota::from_bits(0), range });
        assert_eq!(access(&mut machine, &memory, PBA + 0x7fee_d000, Access::Write), Ok(0x7fee_d000));
    }

    #[test]
    fn early_fills_and_evictions_are_choices() {
        let (mut machine, mut memory) = system(Profile::Lpar);
        assert!(fill_early(&mut machine, 0, Iova::new(PBA), |at| memory.read(at)));
        memory.write(Phys::new(PTE), 0x400);
        assert!(!fill_early(&mut machine, 0, Iova::new(PBA), |at| memory.read(at)));
        assert_eq!(access(&mut machine, &memory, PBA, Access::Read), Ok(0x7000_0000));
        assert!(machine.functions[0].iotlb.evict(Iova::new(PBA)));
        assert_eq!(access(&mut machine, &memory, PBA, Access::Read), Err((7, Some(7))));
        machine.functions[0].state = FunctionState::Enabled;
        machine.rules = Profile::Qemu.rules();
        assert!(
            !fill_early(&mut machine, 0, Iova::new(PBA + 0x1000), |at| memory.read(at)),
            "a shadow is told"
        );
    }
}
