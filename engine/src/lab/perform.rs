//! Turns operations into calls.

use super::op::{Op, OpResult, Value};
use super::{group, user};
use crate::addr::Iova;
use crate::exec::{Cx, DeviceAccess, Operation, Progress, Run, Scheduler, Task};
use crate::ids::{DomainId, FunctionId};
use crate::linux::driver;
use crate::linux::{Outcome, core, dma, rc, zpci};
use crate::revision::MappingCalls;
use crate::state::kernel::Gather;
use crate::trace::{Call, Signal};

/// What the call itself gave; the rest of an [`OpResult`] is counted elsewhere.
#[derive(Default)]
pub(super) struct Done {
    pub(super) rc: i32,
    pub(super) value: Value,
    pub(super) domain: Option<DomainId>,
    pub(super) page_sizes: Option<u64>,
    pub(super) device: Option<Box<DeviceAccess>>,
}

impl From<Outcome> for Done {
    fn from(outcome: Outcome) -> Self {
        Self { rc: rc(&outcome), ..Self::default() }
    }
}

impl From<Outcome<Iova>> for Done {
    fn from(outcome: Outcome<Iova>) -> Self {
        Self { rc: rc(&outcome), ..outcome.map_or_else(|_| Self::default(), |iova| iova.get().into()) }
    }
}

impl From<Outcome<u64>> for Done {
    fn from(outcome: Outcome<u64>) -> Self {
        Self { rc: rc(&outcome), ..outcome.map_or_else(|_| Self::default(), Into::into) }
    }
}

impl From<()> for Done {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl From<Value> for Done {
    fn from(value: Value) -> Self {
        Self { value, ..Self::default() }
    }
}

impl From<u64> for Done {
    fn from(number: u64) -> Self {
        Value::Number(number).into()
    }
}

/// Performs one operation as kernel code on a CPU.
pub(super) fn perform(cx: &mut Cx, op: &Op) -> Progress<Done> {
    Ok(match *op {
        Op::Probe { function } => driver::probe(cx, function).into(),
        Op::Release { function } => core::release(cx, function)?.into(),
        Op::Alloc { ref name, kind, function } => match core::alloc(cx, name, kind, function) {
            Ok(domain) => {
                Done { domain: Some(domain), page_sizes: Some(driver::page_sizes(cx)), ..Done::default() }
            }
            Err(errno) => Outcome::<()>::Err(errno).into(),
        },
        Op::Free { domain } => driver::free(cx, domain)?.into(),
        Op::Attach { domain, .. } | Op::Detach { domain, .. } if !driver::offers(cx, domain) => {
            Value::Unsupported.into()
        }
        Op::Attach { function, domain } => core::attach(cx, domain, function).into(),
        Op::Detach { function, domain } => {
            let possible = core::detach(cx, domain, function)?;
            if possible { ().into() } else { Value::Unsupported.into() }
        }
        Op::Map { domain, iova, phys, size, prot } => core::map(cx, domain, iova, phys, size, prot).into(),
        Op::Unmap { domain, iova, size } => core::unmap(cx, domain, iova, size)?.into(),
        Op::UnmapFast { domain, iova, size } => {
            gathered(cx, domain, |cx, gather| core::unmap_fast(cx, domain, iova, size, gather))?.into()
        }
        Op::IotlbSync { domain } => {
            gathered(cx, domain, |cx, gather| core::iotlb_sync(cx, domain, gather))?.into()
        }
        Op::FlushIotlbAll { domain } => core::flush_iotlb_all(cx, domain)?.into(),
        Op::MapPages { domain, iova, phys, page_size, count, prot } => {
            cx.driver_call(Call::Map, domain, iova, page_size.wrapping_mul(count))?;
            let mapped = match cx.ask::<MappingCalls>() {
                MappingCalls::MapUnmap => {
                    driver::map(cx, domain, iova, phys, page_size, prot).map(|()| page_size)
                }
                MappingCalls::MapPagesUnmapPages => {
                    driver::map_pages(cx, domain, iova, phys, page_size, count, prot)
                }
            };
            Done { rc: rc(&mapped), ..mapped.unwrap_or(0).into() }
        }
        Op::UnmapPages { domain, iova, page_size, count } => {
            cx.driver_call(Call::Unmap, domain, iova, page_size.wrapping_mul(count))?;
            match cx.ask::<MappingCalls>() {
                MappingCalls::MapUnmap => driver::unmap(cx, domain, iova, page_size)?,
                MappingCalls::MapPagesUnmapPages => gathered(cx, domain, |cx, gather| {
                    driver::unmap_pages(cx, domain, iova, page_size, count, gather)
                })?,
            }
            .into()
        }
        Op::IovaToPhys { domain, iova } => core::iova_to_phys(cx, domain, iova)?.get().into(),
        Op::ReservedRegions { function } => Value::Regions(driver::reserved_regions(cx, function)?).into(),
        Op::InitIommu { function } => {
            driver::init_iommu(cx, function)?;
            Value::Range(cx.range(function)).into()
        }
        Op::Capable { function, capability } => Value::Flag(driver::capable(cx, function, capability)).into(),
        Op::ShadowOnFlush { function } => Value::Flag(cx.shadow_on_flush(function)).into(),
        Op::ReRegister { function } => {
            let answer = driver::re_register(cx, function)?;
            Done { rc: answer.cc.into(), ..Value::Status(answer.status).into() }
        }
        Op::DmaMap { function, buffer } => dma::map(cx, function, buffer).into(),
        Op::DmaUnmap { function, iova, size, direction: _ } => dma::unmap(cx, function, iova, size)?.into(),
        Op::DmaAlloc { function, phys, size } => dma::alloc_coherent(cx, function, phys, size).into(),
        Op::DmaFree { function, size, iova } => dma::free_coherent(cx, function, size, iova)?.into(),
        Op::Advance { ms } => dma::advance(cx, ms)?.into(),
        Op::Refresh { function, iova, size } => zpci::refresh_trans(cx, function, iova, size).into(),
        Op::Register { function, domain } => {
            let tables = cx.tables(domain);
            let iota = driver::anchor(cx, tables);
            u64::from(zpci::register_ioat(cx, function, iota)?.cc).into()
        }
        Op::Deregister { function } => u64::from(zpci::unregister_ioat(cx, function)?.cc).into(),
        Op::Access { function, iova, ref data } => {
            let device = cx.device_access(function, iova, data)?;
            Done { device: Some(Box::new(device)), ..Done::default() }
        }
        Op::Fill { function, iova } => Value::Flag(cx.fill_early(function, iova)?).into(),
        Op::Evict { function, iova } => Value::Flag(cx.evict(function, iova)?).into(),
        Op::ResetError { function } => by_hand(cx, function, Operation::ResetError)?,
        Op::ResetBlock { function } => by_hand(cx, function, Operation::ResetBlock)?,
        Op::Enable { function, enable } => u64::from(cx.enable_by_hand(function, enable)?).into(),
        Op::Busy { times } => cx.make_busy(times)?.into(),
        Op::SetState { function, state } => cx.set_state(function, state)?.into(),
        Op::Poke { phys, word } => cx.poke(phys, word)?.into(),
        Op::Inject { site, armed } => cx.arm(site, armed)?.into(),
        Op::ClearInject => cx.disarm_all()?.into(),
        Op::Group(ref op) => group::perform(cx, op)?,
        Op::User(ref op) => user::perform(cx, op)?,
    })
}

/// An instruction by hand: its condition code, or the status that goes with 1.
fn by_hand(cx: &mut Cx, function: FunctionId, operation: Operation) -> Progress<Done> {
    let answer = cx.reset_by_hand(function, operation)?;
    Ok(u64::from(if answer.cc == 1 { answer.status } else { answer.cc }).into())
}

/// Does something with what the domain's user has unmapped without a sync.
fn gathered<T>(
    cx: &mut Cx,
    domain: DomainId,
    act: impl FnOnce(&mut Cx, &mut Gather) -> Progress<T>,
) -> Progress<T> {
    if domain.is_static() {
        return act(cx, &mut Gather::EMPTY.clone());
    }
    let mut gather = cx.gather(domain);
    let done = act(cx, &mut gather)?;
    cx.set_gather(domain, gather)?;
    Ok(done)
}

/// What the running task did, with what was counted, as one result, and what reached the machine; `None` for a task that
/// was stopped.
pub(super) fn result(cx: &mut Cx, done: Option<Done>) -> (OpResult, Vec<Signal>) {
    let tally = cx.tally();
    let Done { rc, value, domain, page_sizes, device } = done.unwrap_or_default();
    let result = OpResult {
        rc,
        value,
        domain,
        page_sizes,
        warnings: tally.warnings,
        calls: tally.calls,
        unaligned: tally.unaligned,
        refreshes: tally.refreshes,
        allocates: tally.allocates,
        frees: tally.frees,
        waits: tally.waits,
        stop: cx.stopped(),
        device,
        judgement: None,
        violations: Vec::new(),
    };
    cx.log_result(result.rc, result.value.number());
    (result, tally.signals)
}

/// Performs the operations of each CPU in order, side by side with those of the others.
pub(super) fn together(
    run: &mut Run,
    cpus: &[Vec<(u32, Op)>],
    scheduler: &mut dyn Scheduler,
) -> Vec<Vec<(OpResult, Vec<Signal>)>> {
    let mut results: Vec<Vec<_>> = cpus.iter().map(|_| Vec::new()).collect();
    let tasks: Vec<Task<'_>> = cpus
        .iter()
        .zip(&mut results)
        .map(|(ops, results)| {
            let task: Task<'_> = Box::new(move |cx| {
                while let Some((step, op)) = ops.get(results.len()) {
                    cx.set_step(*step);
                    let done = perform(cx, op);
                    if !cx.end_operation() {
                        return false;
                    }
                    results.push(result(cx, done.ok()));
                }
                true
            });
            task
        })
        .collect();
    run.together(tasks, scheduler);
    if let Some(stop) = run.stop() {
        for (ops, results) in cpus.iter().zip(&mut results) {
            results.resize_with(ops.len(), || (OpResult::stopped(stop), Vec::new()));
        }
    }
    results
}
