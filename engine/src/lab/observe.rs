//! A system that is watched: what each operation told its caller, handed to the [checker](crate::check).

use super::Lab;
use super::group::GroupOp;
use super::op::{Op, OpResult, Value};
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::check::intent::{PageRange, Place};
use crate::check::{Checker, Checks, Effect, Judgement, Window};
use crate::hw::walk::Access;
use crate::ids::{DomainId, FunctionId, TableUse};
use crate::linux::dma::Direction;
use crate::linux::driver::Prot;
use crate::revision::DmaApi;
use crate::state::group::DefaultType;
use crate::trace::Signal;

impl Lab {
    /// Watches the system from now on, and checks this after each operation. Watch it before functions are added: what was
    /// told earlier is not known.
    pub fn watch(&mut self, checks: Checks) {
        self.run.watch(true);
        self.checker = Some(Box::new(Checker::new(checks)));
        for id in 0..self.world().kernel.functions.len() {
            self.observe_function(FunctionId(id as u32));
        }
    }

    /// Switches checks on and off in a system that is watched.
    pub fn switch_checks(&mut self, checks: Checks) {
        if let Some(checker) = &mut self.checker {
            checker.switch(checks);
        }
    }

    /// Who watches, if anybody does.
    pub fn checker(&self) -> Option<&Checker> {
        self.checker.as_deref()
    }

    /// The verdict about an access as it would be now; `None` in a system that is not watched, and while the function is in a
    /// domain of a container or of an iommufd: what their users are told is not followed.
    ///
    /// ```
    /// use s390_iommu::addr::{Iova, IovaRange};
    /// use s390_iommu::check::{Checks, Verdict};
    /// use s390_iommu::hw::walk::Access;
    /// use s390_iommu::lab::{FunctionSpec, Lab};
    ///
    /// let mut lab = Lab::new("p6".parse()?);
    /// lab.watch(Checks::ALL);
    /// let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
    /// let f0 = lab.add_function(&FunctionSpec::new("f0", dma));
    /// let judgement = lab.verdict(f0, Iova::new(0x1_0000_0000), Access::Read).expect("it is watched");
    /// assert_eq!((judgement.verdict, &*judgement.intent), (Verdict::Agree, "never mapped"));
    /// # Ok::<(), s390_iommu::revision::UnknownRevision>(())
    /// ```
    pub fn verdict(&self, function: FunctionId, iova: Iova, access: Access) -> Option<Judgement> {
        let checker = self.checker.as_ref().filter(|_| self.is_followed(function))?;
        Some(checker.verdict(self.world(), function, iova, access))
    }

    /// Whether what the function's user is told is known.
    fn is_followed(&self, function: FunctionId) -> bool {
        let kernel = &self.world().kernel;
        kernel.functions[function.index()].domain.is_none_or(|domain| !kernel.users.made(domain))
    }

    /// The exposure windows so far, by when they were opened.
    pub fn windows(&self) -> Vec<Window> {
        self.checker.as_ref().map(|checker| checker.windows().all()).unwrap_or_default()
    }

    /// A function is there, with its DMA API.
    pub(super) fn observe_function(&mut self, function: FunctionId) {
        let world = self.run.world();
        if let Some(checker) = &mut self.checker {
            checker.note(world, self.run.step(), Effect::Moved(function, home(function)), &[]);
        }
    }

    /// Follows one operation.
    pub(super) fn observe(&mut self, step: u32, op: &Op, result: &mut OpResult, signals: &[Signal]) {
        let effects = self.effects(op, result);
        let device = result.device.as_deref().filter(|device| self.is_followed(device.function));
        let world = self.run.world();
        let Some(checker) = &mut self.checker else { return };
        if let Some(device) = device {
            let judged = device.sights.iter().map(|sight| checker.judge(world, device.function, sight));
            result.judgement = worst(judged).map(Box::new);
        }
        let mut signals = signals;
        for effect in effects {
            result.violations.extend(checker.note(world, step, effect, signals));
            signals = &[];
        }
    }

    /// Follows operations that ran side by side.
    pub(super) fn observe_all(
        &mut self,
        cpus: &[Vec<(u32, Op)>],
        results: Vec<Vec<(OpResult, Vec<Signal>)>>,
        before: Option<&Checker>,
    ) -> Vec<Vec<OpResult>> {
        let mut all: Vec<Vec<OpResult>> = Vec::new();
        for (ops, results) in cpus.iter().zip(results) {
            let mut done = Vec::new();
            for ((step, op), (mut result, signals)) in ops.iter().zip(results) {
                if self.checker.is_some() {
                    self.observe(*step, op, &mut result, &signals);
                }
                done.push(result);
            }
            all.push(done);
        }
        let world = self.run.world();
        if let (Some(before), Some(after)) = (before, &self.checker) {
            for result in all.iter_mut().flatten() {
                let Some(device) = &result.device else { continue };
                if result.judgement.is_none() {
                    continue;
                }
                let judged = device
                    .sights
                    .iter()
                    .map(|sight| after.judge_between(before, world, device.function, sight));
                result.judgement = worst(judged).map(Box::new);
            }
        }
        all
    }

    /// What an operation told its caller.
    fn effects(&self, op: &Op, result: &OpResult) -> Vec<Effect> {
        let ok = result.rc == 0 && result.stop.is_none();
        let value = result.value.number().unwrap_or(0);
        vec![match *op {
            Op::Alloc { .. } => result.domain.map_or(Effect::None, Effect::Allocated),
            Op::Free { domain } => Effect::Freed(domain),
            Op::Attach { function, domain } if ok => Effect::Moved(function, place_of(domain)),
            Op::Detach { function, domain } if result.value != Value::Unsupported => {
                self.left(function, Some(domain), home(function))
            }
            Op::Release { function } => Effect::Moved(function, Place::Nowhere),
            Op::Probe { function } if ok && self.place(function) == Place::Nowhere => {
                Effect::Moved(function, home(function))
            }
            Op::Map { domain, iova, phys, size, prot } if !domain.is_static() => {
                mapped(ok, TableUse::Domain(domain), iova, size, phys, prot)
            }
            Op::MapPages { domain, iova, phys, page_size, count, prot } if !domain.is_static() => {
                let size = if ok { value } else { page_size.wrapping_mul(count) };
                mapped(ok, TableUse::Domain(domain), iova, size, phys, prot)
            }
            Op::Unmap { domain, iova, size } if !domain.is_static() => {
                unmapped(TableUse::Domain(domain), iova, size, value, false)
            }
            Op::UnmapFast { domain, iova, size } if !domain.is_static() => {
                unmapped(TableUse::Domain(domain), iova, size, value, true)
            }
            Op::UnmapPages { domain, iova, page_size, count } if !domain.is_static() => {
                unmapped(TableUse::Domain(domain), iova, page_size.wrapping_mul(count), value, true)
            }
            Op::IotlbSync { domain } | Op::FlushIotlbAll { domain } if !domain.is_static() => {
                Effect::Synced(TableUse::Domain(domain))
            }
            Op::DmaMap { function, buffer } => {
                let prot = match buffer.direction {
                    Direction::Bidirectional => Prot { read: true, write: true },
                    Direction::ToDevice => Prot { read: true, write: false },
                    Direction::FromDevice => Prot { read: false, write: true },
                    Direction::None => Prot { read: false, write: false },
                };
                self.dma_mapped(function, ok, value, buffer.phys, buffer.size, prot)
            }
            Op::DmaAlloc { function, phys, size } => {
                let prot = Prot { read: true, write: true };
                self.dma_mapped(function, ok, value, phys, size, prot)
            }
            Op::DmaUnmap { function, iova, size, .. } | Op::DmaFree { function, size, iova } => self
                .dma_space(function)
                .map_or(Effect::None, |space| unmapped(space, iova, size, size, self.defers(function))),
            Op::SetState { function, state: crate::hw::function::FunctionState::Removed } => {
                Effect::Gone(function)
            }
            Op::Poke { .. } => Effect::Poked,
            Op::Group(ref op) => self.group_effect(op, ok, result),
            _ => Effect::None,
        }]
    }

    fn group_effect(&self, op: &GroupOp, ok: bool, result: &OpResult) -> Effect {
        match *op {
            GroupOp::Alloc(..) => result.domain.map_or(Effect::None, Effect::Allocated),
            GroupOp::Free(domain) => Effect::Freed(domain),
            GroupOp::Attach(function, domain)
            | GroupOp::AttachDevice(function, domain)
            | GroupOp::Replace(function, domain)
                if ok =>
            {
                Effect::Moved(function, place_of(domain))
            }
            GroupOp::Detach(function) => self.left(function, None, self.idle(function)),
            GroupOp::DetachDevice(function, domain) => self.left(function, Some(domain), self.idle(function)),
            GroupOp::Claim(function, _) | GroupOp::ClaimDevice(function, _) if ok => {
                // A claim on top of another one changes nothing.
                let user = matches!(self.place(function), Place::In(TableUse::Domain(_)));
                if user { Effect::None } else { Effect::Moved(function, Place::Nowhere) }
            }
            GroupOp::ReleaseOwner(function) | GroupOp::ReleaseDeviceOwner(function) => {
                Effect::Moved(function, self.idle(function))
            }
            GroupOp::Plug(function) | GroupOp::Add(function) if ok => Effect::Moved(function, home(function)),
            GroupOp::Remove(function) | GroupOp::Destroy(function) => Effect::Gone(function),
            _ => Effect::None,
        }
    }

    fn place(&self, function: FunctionId) -> Place {
        self.checker.as_ref().map_or(Place::Nowhere, |checker| checker.intent().place(function))
    }

    /// Where a function is that has left its user's domain: with its DMA API, or nowhere while its group is owned.
    fn idle(&self, function: FunctionId) -> Place {
        let groups = &self.world().kernel.groups;
        let owned = groups.group_of_user(function).is_some_and(|group| groups.group(group).owner.is_some());
        if owned { Place::Nowhere } else { home(function) }
    }

    /// A function left a domain. Who names one that it is not in is told nothing, unless it was nowhere.
    fn left(&self, function: FunctionId, domain: Option<DomainId>, to: Place) -> Effect {
        let here = self.place(function);
        let is_meant = domain.is_none_or(|domain| here == place_of(domain) || here == Place::Nowhere);
        if is_meant { Effect::Moved(function, to) } else { Effect::None }
    }

    /// What the DMA API of a function maps in: tables of its own, or a domain that it was put into for the purpose.
    fn dma_space(&self, function: FunctionId) -> Option<TableUse> {
        match self.place(function) {
            _ if self.revision.behavior().dma_api == DmaApi::OwnAllocator => Some(TableUse::DmaApi(function)),
            Place::In(space) => Some(space),
            Place::Identity => None,
            Place::Nowhere => Some(TableUse::DmaApi(function)),
        }
    }

    /// Whether the DMA API tells the machine of what it unmaps later.
    fn defers(&self, function: FunctionId) -> bool {
        let kernel = &self.world().kernel;
        let common = self.revision.behavior().dma_api != DmaApi::OwnAllocator;
        let ism = common && kernel.functions[function.index()].ism;
        !(kernel.strict_dma || ism || common && kernel.groups.default_type == DefaultType::Dma)
    }

    fn dma_mapped(
        &self,
        function: FunctionId,
        ok: bool,
        iova: u64,
        phys: Phys,
        size: u64,
        prot: Prot,
    ) -> Effect {
        match self.dma_space(function) {
            Some(space) if ok => mapped(true, space, Iova::new(iova), size, phys, prot),
            _ => Effect::None,
        }
    }
}

/// The judgement that disagrees first, or the first.
fn worst(judged: impl Iterator<Item = Judgement>) -> Option<Judgement> {
    let mut judged: Vec<_> = judged.collect();
    let bad = judged.iter().position(|judgement| judgement.verdict != crate::check::Verdict::Agree);
    (!judged.is_empty()).then(|| judged.swap_remove(bad.unwrap_or(0)))
}

/// Where a function is without a user: with its DMA API.
const fn home(function: FunctionId) -> Place {
    Place::In(TableUse::DmaApi(function))
}

const fn place_of(domain: DomainId) -> Place {
    match domain {
        DomainId::BLOCKING => Place::Nowhere,
        DomainId::IDENTITY => Place::Identity,
        _ => Place::In(TableUse::Domain(domain)),
    }
}

fn mapped(ok: bool, space: TableUse, iova: Iova, size: u64, phys: Phys, prot: Prot) -> Effect {
    let range = PageRange::touched(iova, size);
    if !ok {
        return Effect::MapFailed { space, range };
    }
    let frame = Phys::new(phys.get() & !(PAGE_SIZE - 1));
    Effect::Mapped { space, range, frame, read: prot.read, write: prot.write }
}

fn unmapped(space: TableUse, iova: Iova, size: u64, done: u64, deferred: bool) -> Effect {
    let (asked, done) = (PageRange::touched(iova, size), PageRange::touched(iova, done));
    Effect::Unmapped { space, asked, done, deferred }
}
