//! Turns operations into calls.

use std::cell::RefCell;

use super::op::{Op, OpResult, Value};
use crate::exec::{Cx, Progress, Run, Scheduler, Task};
use crate::ids::DomainId;
use crate::linux::driver;
use crate::linux::{Outcome, core, rc, zpci};
use crate::revision::MappingCalls;
use crate::trace::Call;

/// What the call itself gave; the rest of an [`OpResult`] is counted elsewhere.
pub(super) struct Done {
    outcome: Outcome,
    value: Value,
    domain: Option<DomainId>,
    page_sizes: Option<u64>,
}

impl From<Outcome> for Done {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, value: Value::None, domain: None, page_sizes: None }
    }
}

impl From<()> for Done {
    fn from((): ()) -> Self {
        Ok(()).into()
    }
}

impl From<u64> for Done {
    fn from(number: u64) -> Self {
        Self { value: Value::Number(number), ..().into() }
    }
}

/// Performs one operation as kernel code on a CPU.
pub(super) fn perform(cx: Cx<'_>, op: &Op) -> Progress<Done> {
    Ok(match *op {
        Op::Probe { function } => driver::probe(cx, function).into(),
        Op::Release { function } => core::release(cx, function)?.into(),
        Op::Alloc { ref name, kind, function: _ } => match driver::alloc(cx, name, kind) {
            Ok(domain) => {
                Done { domain: Some(domain), page_sizes: Some(driver::page_sizes(cx)), ..().into() }
            }
            Err(errno) => Err(errno).into(),
        },
        Op::Free { domain } => driver::free(cx, domain)?.into(),
        Op::Attach { function, domain } => core::attach(cx, domain, function).into(),
        Op::Detach { function, domain } => core::detach(cx, domain, function)?.into(),
        Op::Map { domain, iova, phys, size, prot } => core::map(cx, domain, iova, phys, size, prot).into(),
        Op::Unmap { domain, iova, size } => core::unmap(cx, domain, iova, size)?.into(),
        Op::UnmapFast { domain, iova, size } => core::unmap_fast(cx, domain, iova, size)?.into(),
        // These drivers refresh inside every update: nothing is left for a sync or a flush.
        Op::IotlbSync { .. } | Op::FlushIotlbAll { .. } => ().into(),
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
            Done { outcome: mapped.map(|_| ()), ..mapped.unwrap_or(0).into() }
        }
        Op::UnmapPages { domain, iova, page_size, count } => {
            cx.driver_call(Call::Unmap, domain, iova, page_size.wrapping_mul(count))?;
            match cx.ask::<MappingCalls>() {
                MappingCalls::MapUnmap => driver::unmap(cx, domain, iova, page_size)?,
                MappingCalls::MapPagesUnmapPages => driver::unmap_pages(cx, domain, iova, page_size, count)?,
            }
            .into()
        }
        Op::IovaToPhys { domain, iova } => core::iova_to_phys(cx, domain, iova)?.get().into(),
        Op::ReservedRegions { function } => {
            Done { value: Value::Regions(driver::reserved_regions(cx, function)?), ..().into() }
        }
        Op::Refresh { function, iova, size } => zpci::refresh_trans(cx, function, iova, size).into(),
        Op::Register { function, domain } => {
            u64::from(zpci::register_ioat(cx, function, cx.range(function), cx.root(domain))?.cc).into()
        }
        Op::Deregister { function } => u64::from(zpci::unregister_ioat(cx, function)?.cc).into(),
        Op::SetState { function, state } => cx.set_state(function, state)?.into(),
        Op::Poke { phys, word } => cx.poke(phys, word)?.into(),
        Op::Inject { site, armed } => cx.arm(site, armed)?.into(),
        Op::ClearInject => cx.disarm_all()?.into(),
    })
}

/// What the running task did, with what was counted, as one result; `None` for a task that was stopped.
pub(super) fn result(run: &Run, done: Option<Done>) -> OpResult {
    let tally = run.tally();
    let Done { outcome, value, domain, page_sizes } = done.unwrap_or_else(|| ().into());
    let result = OpResult {
        rc: rc(&outcome),
        value,
        domain,
        page_sizes,
        warnings: tally.warnings,
        calls: tally.calls,
        unaligned: tally.unaligned,
        refreshes: tally.refreshes,
        stop: run.stop(),
    };
    run.log_result(result.rc, result.value.number());
    result
}

/// Performs the operations of each CPU in order, side by side with those of the others.
pub(super) fn together(
    run: &Run,
    cpus: &[Vec<(u32, Op)>],
    scheduler: &mut dyn Scheduler,
) -> Vec<Vec<OpResult>> {
    let results: Vec<RefCell<Vec<OpResult>>> = cpus.iter().map(|_| RefCell::new(Vec::new())).collect();
    let tasks: Vec<Task<'_>> = cpus
        .iter()
        .zip(&results)
        .map(|(ops, results)| {
            let task: Task<'_> = Box::new(move |cx| {
                loop {
                    let done = results.borrow().len();
                    let Some((step, op)) = ops.get(done) else { return true };
                    run.set_step(*step);
                    let done = perform(cx, op);
                    if !run.end_operation() {
                        return false;
                    }
                    results.borrow_mut().push(result(run, done.ok()));
                }
            });
            task
        })
        .collect();
    run.together(tasks, scheduler);
    let mut results: Vec<Vec<OpResult>> = results.into_iter().map(RefCell::into_inner).collect();
    if let Some(stop) = run.stop() {
        for (ops, results) in cpus.iter().zip(&mut results) {
            results.resize_with(ops.len(), || OpResult::stopped(stop));
        }
    }
    results
}
