//! Turns operations into calls.

use std::cell::RefCell;

use super::op::{Op, OpResult, Value};
use crate::exec::{Cx, Run, Scheduler, Task};
use crate::linux::driver::{self, DomainType};
use crate::linux::{Outcome, core, rc, zpci};
use crate::revision::MappingCalls;
use crate::trace::Call;

/// What the call itself gave; the rest of an [`OpResult`] is counted elsewhere.
pub(super) type Done = (Outcome, Value, Option<crate::ids::DomainId>, Option<u64>);

/// Performs one operation as kernel code on a CPU.
pub(super) async fn perform(cx: Cx<'_>, op: &Op) -> Done {
    let done = |outcome: Outcome| (outcome, Value::None, None, None);
    let number = |number: u64| (Ok(()), Value::Number(number), None, None);
    match *op {
        Op::Probe { function } => done(driver::probe(cx, function).await),
        Op::Release { function } => {
            core::release(cx, function).await;
            done(Ok(()))
        }
        Op::Alloc { ref name, kind, function: _ } => alloc(cx, name, kind).await,
        Op::Free { domain } => {
            driver::free(cx, domain).await;
            done(Ok(()))
        }
        Op::Attach { function, domain } => done(core::attach(cx, domain, function).await),
        Op::Detach { function, domain } => {
            core::detach(cx, domain, function).await;
            done(Ok(()))
        }
        Op::Map { domain, iova, phys, size, prot } => {
            done(core::map(cx, domain, iova, phys, size, prot).await)
        }
        Op::Unmap { domain, iova, size } => number(core::unmap(cx, domain, iova, size).await),
        Op::UnmapFast { domain, iova, size } => number(core::unmap_fast(cx, domain, iova, size).await),
        // These drivers refresh inside every update: nothing is left for a sync or a flush.
        Op::IotlbSync { .. } | Op::FlushIotlbAll { .. } => done(Ok(())),
        Op::MapPages { domain, iova, phys, page_size, count, prot } => {
            cx.driver_call(Call::Map, domain, iova, page_size.wrapping_mul(count)).await;
            let mapped = match cx.ask::<MappingCalls>() {
                MappingCalls::MapUnmap => {
                    driver::map(cx, domain, iova, phys, page_size, prot).await.map(|()| page_size)
                }
                MappingCalls::MapPagesUnmapPages => {
                    driver::map_pages(cx, domain, iova, phys, page_size, count, prot).await
                }
            };
            (mapped.map(|_| ()), Value::Number(mapped.unwrap_or(0)), None, None)
        }
        Op::UnmapPages { domain, iova, page_size, count } => {
            cx.driver_call(Call::Unmap, domain, iova, page_size.wrapping_mul(count)).await;
            number(match cx.ask::<MappingCalls>() {
                MappingCalls::MapUnmap => driver::unmap(cx, domain, iova, page_size).await,
                MappingCalls::MapPagesUnmapPages => {
                    driver::unmap_pages(cx, domain, iova, page_size, count).await
                }
            })
        }
        Op::IovaToPhys { domain, iova } => number(core::iova_to_phys(cx, domain, iova).await.get()),
        Op::ReservedRegions { function } => {
            (Ok(()), Value::Regions(driver::reserved_regions(cx, function).await), None, None)
        }
        Op::Refresh { function, iova, size } => done(zpci::refresh_trans(cx, function, iova, size).await),
        Op::Register { function, domain } => {
            let answer = zpci::register_ioat(cx, function, cx.range(function), cx.root(domain)).await;
            number(u64::from(answer.cc))
        }
        Op::Deregister { function } => number(u64::from(zpci::unregister_ioat(cx, function).await.cc)),
        Op::SetState { function, state } => {
            cx.set_state(function, state);
            done(Ok(()))
        }
        Op::Poke { phys, word } => {
            cx.poke(phys, word);
            done(Ok(()))
        }
        Op::Inject { site, armed } => {
            cx.arm(site, armed);
            done(Ok(()))
        }
        Op::ClearInject => {
            cx.disarm_all();
            done(Ok(()))
        }
    }
}

async fn alloc(cx: Cx<'_>, name: &str, kind: DomainType) -> Done {
    match driver::alloc(cx, name, kind).await {
        Ok(domain) => (Ok(()), Value::None, Some(domain), Some(driver::page_sizes(cx))),
        Err(errno) => (Err(errno), Value::None, None, None),
    }
}

/// What the running task did, with what was counted, as one result; `None` for a task that was stopped.
pub(super) fn result(run: &Run, done: Option<Done>) -> OpResult {
    let tally = run.tally();
    let (outcome, value, domain, page_sizes) = done.unwrap_or((Ok(()), Value::None, None, None));
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
    run.cx().log_result(result.rc, result.value.number());
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
            let cx = run.cx();
            let task: Task<'_> = Box::pin(async move {
                for (step, op) in ops {
                    run.set_step(*step);
                    let done = perform(cx, op).await;
                    results.borrow_mut().push(result(run, Some(done)));
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
