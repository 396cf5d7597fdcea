//! RPCIT, refresh PCI translations: tells the machine that entries of a range changed.

use super::{Answer, Outcome};
use crate::addr::{Iova, IovaRange, PAGE_SIZE, Phys};
use crate::hw::fault::FaultKind;
use crate::hw::function::{Function, FunctionState, Ioat, Machine, operable};
use crate::hw::iotlb::{Cached, Filled};
use crate::hw::lookup::{Found, Lookup, lookup};
use crate::hw::profile::{Caching, RefreshFault, Rules, Shortage, Walker};
use crate::hw::walk::Access;

/// Looks into the tables that one refresh may take, in all its passes: a limit of this model, so that tables that lead
/// into themselves cannot hold up a caller. A refresh that reaches it answers as for want of resources.
pub const REFRESH_LIMIT: u64 = 1 << 24;

/// The operands of RPCIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// Handle of the function.
    pub handle: u32,
    /// Where the range begins.
    pub start: Iova,
    /// Its bytes. A range of none is refreshed at once (*assumed*).
    pub len: u64,
}

/// Executes RPCIT; `read` gives the doubleword at an address.
///
/// A machine whose accesses walk the tables only drops what it has cached of the range. One that shadows them walks
/// the range and makes its shadow say what the tables say.
pub fn rpcit(machine: &mut Machine, refresh: Refresh, read: impl FnMut(Phys) -> u64) -> Outcome {
    rpcit_watched(machine, refresh, read, |_| {})
}

/// [`rpcit`], with every look into the tables shown to `watch`.
pub fn rpcit_watched(
    machine: &mut Machine,
    refresh: Refresh,
    read: impl FnMut(Phys) -> u64,
    watch: impl FnMut(&Lookup),
) -> Outcome {
    if machine.accepts_everything() {
        let known = machine.by_handle(refresh.handle).is_some();
        return if known { Answer::OK } else { Answer::INVALID_HANDLE }.into();
    }
    let Some(function) = operable(&mut machine.functions, refresh.handle) else {
        return Answer::INVALID_HANDLE.into();
    };
    if function.state == FunctionState::Error {
        return Answer::IN_ERROR.into();
    }
    let Some(ioat) = function.ioat else {
        return fault(machine.rules, function, FaultKind::InvalidAddressSpace, refresh.start);
    };
    if machine.rules.caching != Caching::OnRefresh {
        if refresh.len > 0 {
            let last = refresh.start.get().saturating_add(refresh.len - 1);
            function.iotlb.refresh(IovaRange::new(refresh.start.page(), Iova::new(last)));
        }
        return Answer::OK.into();
    }
    shadow(machine.rules, function, &mut machine.credits, ioat, refresh, read, watch)
}

/// The refresh of a machine that shadows the tables.
#[inline(never)]
fn shadow(
    rules: Rules,
    function: &mut Function,
    credits: &mut [u64],
    ioat: Ioat,
    refresh: Refresh,
    read: impl FnMut(Phys) -> u64,
    watch: impl FnMut(&Lookup),
) -> Outcome {
    // Identity counts as not registered (*from QEMU*; for z/VM *assumed*).
    if !ioat.iota.is_translated() {
        return fault(rules, function, FaultKind::InvalidAddressSpace, refresh.start);
    }
    let end = refresh.start.wrapping_add(refresh.len);
    if end < ioat.range.start || refresh.start > ioat.range.last {
        return fault(rules, function, FaultKind::OutOfRange, refresh.start);
    }
    let mut left =
        function.container.and_then(|container| credits.get(container).map(|left| (container, *left)));
    let mut shadow = Shadow { rules, function, ioat, read, watch, budget: REFRESH_LIMIT };
    let outcome = shadow.refresh(refresh.start, end, &mut left);
    if let Some((container, left)) = left {
        credits[container] = left;
    }
    outcome
}

/// The answer to a refresh that goes wrong; some machines put the function into error as well.
#[cold]
fn fault(rules: Rules, function: &mut Function, kind: FaultKind, at: Iova) -> Outcome {
    let event = match rules.refresh_fault {
        RefreshFault::AnswerOnly => None,
        RefreshFault::ErrorState => function.fail(rules, kind, at, None, Access::Read),
    };
    Outcome { answer: Answer::REFRESH_FAULT, event }
}

/// A container's number and the credits it has left.
type Credits = Option<(usize, u64)>;

struct Shadow<'a, R, W> {
    rules: Rules,
    function: &'a mut Function,
    ioat: Ioat,
    read: R,
    watch: W,
    budget: u64,
}

impl<R: FnMut(Phys) -> u64, W: FnMut(&Lookup)> Shadow<'_, R, W> {
    /// Passes over the range until one has found room for everything, or none was freed for what is left over.
    fn refresh(&mut self, start: Iova, end: Iova, credits: &mut Credits) -> Outcome {
        loop {
            match self.pass(start, end, credits) {
                Ok(true) if credits.is_some_and(|(_, left)| left > 0) => {}
                Ok(true) => return self.shortage(),
                // The last credit used up is a shortage, too (*from QEMU*).
                Ok(false) if credits.is_some_and(|(_, left)| left == 0) => return self.shortage(),
                Ok(false) => return Answer::OK.into(),
                Err((kind, at)) => return fault(self.rules, self.function, kind, at),
            }
        }
    }

    fn shortage(&self) -> Outcome {
        match self.rules.shortage {
            Shortage::Capacity => Answer::RESOURCES_NOT_AVAILABLE.into(),
            Shortage::None | Shortage::Credits => Answer::INSUFFICIENT_RESOURCES.into(),
        }
    }

    /// One pass over the range; `true` if something found no room.
    fn pass(&mut self, start: Iova, end: Iova, credits: &mut Credits) -> Result<bool, (FaultKind, Iova)> {
        let mut short = false;
        let mut at = start;
        while at < end {
            if self.budget == 0 {
                return Ok(true);
            }
            self.budget -= 1;
            let looked = lookup(self.rules, self.ioat.iota, at, &mut self.read);
            (self.watch)(&looked);
            let next = match self.rules.walker {
                Walker::Qemu => at.get().saturating_add(looked.frame_len),
                Walker::Architecture => (at.get() | (looked.frame_len - 1)).saturating_add(1),
            };
            let until = next.min(end.get());
            match looked.found {
                Found::Wrong(kind) => return Err((kind, at)),
                Found::Nothing => {
                    let last = Iova::new(until.saturating_sub(1));
                    let dropped = self.function.iotlb.refresh(IovaRange::new(looked.page, last));
                    if let Some((_, left)) = credits {
                        *left += dropped;
                    }
                }
                Found::Frame { phys, writable } => {
                    short |= !self.fill(looked.page, until, Cached { frame: phys, writable }, credits);
                }
            }
            if next <= at.get() || next == u64::MAX {
                break;
            }
            at = Iova::new(next);
        }
        Ok(short)
    }

    /// Shadows the pages from `page` to `until`, which lie in one frame; `false` if there is no room for them all.
    fn fill(&mut self, page: Iova, until: u64, first: Cached, credits: &mut Credits) -> bool {
        let mut offset = 0;
        while page.get() + offset < until {
            let here = Cached { frame: first.frame.wrapping_add(offset), ..first };
            if credits.is_some_and(|(_, left)| left == 0) {
                return false;
            }
            match (self.function.iotlb.fill(page.wrapping_add(offset), here), &mut *credits) {
                (Filled::Full, _) => return false,
                // A page that is replaced costs a credit and gives none back (*from QEMU*).
                (Filled::New | Filled::Replaced, Some((_, left))) => *left -= 1,
                _ => {}
            }
            offset += PAGE_SIZE;
        }
        true
    }
}

#[cfg(test)]
pub(in crate::hw) mod tests {
    use super::*;
    use crate::hw::profile::Profile;
    use crate::mem::Memory;
    use crate::table::Iota;

    pub(in crate::hw) const HANDLE: u32 = 0x8002_0000;
    pub(in crate::hw) const PBA: u64 = 0x1_0000_0000;
    pub(in crate::hw) const PTE: u64 = 0x8a01_0800;

    /// A function with a segment of which the first pages can be mapped.
    pub(in crate::hw) fn machine(profile: Profile) -> (Machine, Memory) {
        let range = IovaRange::new(Iova::new(PBA), Iova::new(0x1_ffff_ffff));
        let mut function = Function::new(HANDLE, 7, range);
        function.ioat = Some(Ioat { iota: Iota::from_bits(0x8a00_4804), range });
        let mut machine = Machine::new(profile);
        machine.functions.push(function);
        let mut memory = Memory::new();
        memory.fill(Phys::new(0x8a00_4000), 0x8000, 0x20);
        memory.fill(Phys::new(PTE), 0x800, 0x400);
        memory.write(Phys::new(0x8a00_4010), 0x8a00_8007);
        memory.write(Phys::new(0x8a00_8000), 0x8a01_0800);
        (machine, memory)
    }

    fn map(memory: &mut Memory, pages: std::ops::Range<u64>, word: impl Fn(u64) -> u64) {
        pages.for_each(|page| memory.write(Phys::new(PTE + page * 8), word(page)));
    }

    fn refresh(machine: &mut Machine, memory: &Memory, start: u64, len: u64) -> Outcome {
        let refresh = Refresh { handle: HANDLE, start: Iova::new(start), len };
        rpcit(machine, refresh, |at| memory.read(at))
    }

    #[test]
    fn a_shadow_says_what_the_tables_said() {
        for profile in [Profile::Zvm, Profile::Qemu] {
            let (mut machine, mut memory) = machine(profile);
            map(&mut memory, 0..3, |page| 0x7000_0000 + (page << 12));
            assert_eq!(refresh(&mut machine, &memory, PBA, 0x2000), Answer::OK.into());
            let iotlb = |machine: &Machine| machine.functions[0].iotlb.len();
            assert_eq!(iotlb(&machine), 2);
            map(&mut memory, 0..1, |_| 0x7000_0400);
            assert_eq!(iotlb(&machine), 2, "nobody told the machine");
            assert_eq!(refresh(&mut machine, &memory, PBA, 0x1_0000_0000).answer, Answer::OK);
            assert_eq!(iotlb(&machine), 2, "one less, one more");
            assert_eq!(refresh(&mut machine, &memory, PBA, 0).answer, Answer::OK);
        }
    }

    #[test]
    fn what_can_be_wrong_with_a_refresh() {
        let (mut machine, mut memory) = machine(Profile::Qemu);
        memory.write(Phys::new(0x8a00_4010), 0x8a00_8047);
        let outcome = refresh(&mut machine, &memory, PBA + 0x1000, 0x1000);
        assert_eq!(outcome.answer, Answer::REFRESH_FAULT);
        let event = outcome.event.unwrap();
        assert_eq!((event.code, event.address), (8, Iova::new(PBA + 0x1000)));
        assert_eq!(refresh(&mut machine, &memory, PBA, 0x1000), Answer::IN_ERROR.into());
        for (ioat, start, code) in [(true, 0x2_0000_0000, 2), (true, 0, 2), (false, PBA, 1)] {
            let function = &mut machine.functions[0];
            function.state = FunctionState::Enabled;
            function.ioat = function.ioat.filter(|_| ioat);
            assert_eq!(refresh(&mut machine, &memory, start, 0x1000).event.unwrap().code, code);
        }
        assert_eq!(
            rpcit(&mut machine, Refresh { handle: 1, start: Iova::new(0), len: 0 }, |_| 0).answer,
            Answer::INVALID_HANDLE
        );
    }

    /// The worked examples of QEMU's accounting.
    #[test]
    fn credits() {
        let (mut machine, mut memory) = machine(Profile::Qemu);
        machine.functions[0].container = Some(0);
        machine.credits = vec![4];
        map(&mut memory, 0..4, |page| 0x7000_0000 + (page << 12));
        assert_eq!(refresh(&mut machine, &memory, PBA, 0x4000).answer, Answer::INSUFFICIENT_RESOURCES);
        assert_eq!((machine.credits[0], machine.functions[0].iotlb.len()), (0, 4), "all mapped, yet refused");
        map(&mut memory, 0..4, |_| 0x400);
        refresh(&mut machine, &memory, PBA, 0x4000);
        machine.credits[0] += 1;
        map(&mut memory, 0..4, |page| 0x7000_0000 + (page << 12));
        assert_eq!(refresh(&mut machine, &memory, PBA, 0x4000).answer, Answer::OK);
        assert_eq!(machine.credits[0], 1);
        // Stale pages beside new ones: a second pass finds the room that the first one made.
        map(&mut memory, 0..4, |_| 0x400);
        map(&mut memory, 0x10..0x14, |page| 0x7000_0000 + (page << 12));
        assert_eq!(
            refresh(&mut machine, &memory, PBA + 0x1_0000, 0x4000).answer,
            Answer::INSUFFICIENT_RESOURCES
        );
        assert_eq!(refresh(&mut machine, &memory, PBA, 0x1_0000_0000).answer, Answer::OK);
        assert_eq!((machine.credits[0], machine.functions[0].iotlb.len()), (1, 4));
    }

    #[test]
    fn a_hypervisor_with_a_small_shadow() {
        let (mut machine, mut memory) = machine(Profile::Zvm);
        machine.functions[0].iotlb.set_capacity(Some(2));
        map(&mut memory, 0..3, |page| 0x7000_0000 + (page << 12));
        assert_eq!(refresh(&mut machine, &memory, PBA, 0x3000).answer, Answer::RESOURCES_NOT_AVAILABLE);
        assert_eq!(machine.functions[0].iotlb.len(), 2);
    }

    /// A range from the middle of an invalid 2 GiB entry on reaches into the next one and takes it for invalid, too.
    #[test]
    fn qemu_steps_from_where_it_is() {
        for (profile, left) in [(Profile::Qemu, 0), (Profile::Zvm, 1)] {
            let (mut machine, mut memory) = machine(profile);
            map(&mut memory, 0..1, |_| 0x7000_0000);
            memory.write(Phys::new(0x8a00_4018), 0x8a00_8007);
            memory.write(Phys::new(0x8a00_4010), 0x20);
            assert_eq!(refresh(&mut machine, &memory, 0x1_8000_0000, 0x1000).answer, Answer::OK);
            assert_eq!(refresh(&mut machine, &memory, 0x1_4000_0000, 0x8000_0000).answer, Answer::OK);
            assert_eq!(machine.functions[0].iotlb.len(), left, "{profile:?}");
        }
    }

    #[test]
    fn tables_that_lead_into_themselves_come_to_an_end() {
        let (mut machine, mut memory) = machine(Profile::Qemu);
        memory.fill(Phys::new(0x8a00_4000), 0x4000, 0x8a00_8007);
        memory.fill(Phys::new(0x8a00_8000), 0x4000, 0x8a01_0800);
        map(&mut memory, 0..256, |_| 0x7000_0000);
        assert_eq!(refresh(&mut machine, &memory, PBA, 1 << 41).answer, Answer::INSUFFICIENT_RESOURCES);
        assert_eq!(machine.functions[0].iotlb.len(), crate::hw::iotlb::Iotlb::LIMIT);
    }
}
