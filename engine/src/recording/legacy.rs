//! Replays recordings of the early DMA API: one function, its bitmaps, its tables.

mod model;
mod written;

use serde_json::Value;

pub(super) use self::model::Scenario;
use self::model::{Op, segments};
use super::compare::Mismatch;
use super::report;
use crate::addr::{Iova, IovaRange, Phys};
use crate::hw::profile::Profile;
use crate::ids::{DomainId, FunctionId};
use crate::lab::{FunctionSpec, Lab};
use crate::linux::dma::legacy::{self, Segment};
use crate::linux::dma::{Buffer, Direction};
use crate::linux::{Errno, Outcome, rc};
use crate::revision::Revision;
use crate::state::kernel::{Armed, DmaApi, Failure, FaultSite};
use crate::trace::Trace;

/// Replays a scenario; every difference is a mismatch.
pub(super) fn replay(scenario: &Scenario) -> Vec<Mismatch> {
    let mut bench = Bench::new(scenario);
    let mut mismatches = Vec::new();
    let (results, ops) = (scenario.results.len(), scenario.ops.len());
    if results != ops {
        let error = format!("{results} results for {ops} operations");
        return vec![Mismatch::sentence(scenario.id.clone(), "results", None, error)];
    }
    for (index, (operation, recorded)) in scenario.ops.iter().zip(&scenario.results).enumerate() {
        let place = format!("results[{index}]");
        let op = serde_json::from_value(operation.clone()).map_err(|error| error.to_string());
        match op.and_then(|op| bench.perform(op)) {
            Ok(here) => mismatches.extend(report(&scenario.id, &place, Some(operation), recorded, &here)),
            Err(error) => {
                mismatches.push(Mismatch::sentence(scenario.id.clone(), &place, Some(operation), error));
            }
        }
    }
    let here = written::last(&bench.lab, bench.function);
    mismatches.extend(report(&scenario.id, "final", None, &scenario.last, &here));
    mismatches
}

/// What an operation gave, beside what its events tell.
#[derive(Default)]
struct Given {
    rc: Option<i32>,
    address: Option<Value>,
    cpu: Option<Value>,
    freed: Option<u64>,
    list: Option<String>,
    range: bool,
    bitmaps: bool,
    state: bool,
}

/// The function with what is around it.
struct Bench {
    lab: Lab,
    function: FunctionId,
    lists: Vec<(String, Vec<Segment>)>,
}

impl Bench {
    fn new(scenario: &Scenario) -> Self {
        let device = &scenario.device;
        let mut lab = Lab::with(Revision::BASE, Profile::Recorder, Trace::outcomes());
        let kernel = &mut lab.world_mut().kernel;
        kernel.dma_api = DmaApi::Real;
        kernel.strict_dma = scenario.strict;
        kernel.aperture_limit = scenario.aperture_limit.map_or(u64::MAX, |limit| limit.0);
        let dma = IovaRange::new(Iova::new(device.start_dma.0), Iova::new(device.end_dma.0));
        let function = lab.add_function(&FunctionSpec {
            fid: Some(device.fid),
            handle: Some(device.fh),
            refresh: device.tlb_refresh,
            dma_api: false,
            ..FunctionSpec::new("f0", dma)
        });
        let own = &mut lab.world_mut().kernel.functions[function.index()].dma;
        if let Some(mask) = scenario.segment_boundary_mask {
            own.segment_boundary = mask.0;
        }
        if let Some(most) = scenario.max_segment_size {
            own.max_segment = most.0 as u32;
        }
        lab.take_records();
        Self { lab, function, lists: Vec::new() }
    }

    /// Performs an operation and writes what it did.
    fn perform(&mut self, op: Op) -> Result<Value, String> {
        let given = self.act(op)?;
        if let Some(stop) = self.lab.stopped() {
            return Err(format!("stopped: {}", stop.name()));
        }
        let records = self.lab.take_records();
        let list = given.list.as_ref().and_then(|name| self.list(name).ok()).map(|at| &*self.lists[at].1);
        Ok(written::result(&self.lab, self.function, &given, list, &records))
    }

    fn act(&mut self, op: Op) -> Result<Given, String> {
        let function = self.function;
        let state = Given { state: true, ..Given::default() };
        Ok(match op {
            Op::Init => {
                let outcome = self.kernel(|cx| Ok(legacy::init_device(cx, function)))?;
                Given { rc: Some(rc(&outcome)), range: true, ..state }
            }
            Op::Exit => {
                let outcome = self.kernel(|cx| Ok(legacy::exit_device(cx, function)))?;
                Given { rc: Some(rc(&outcome)), ..state }
            }
            Op::Map { page, offset, size, dir } => {
                let phys = Phys::new(page.0.wrapping_add(offset.0));
                let buffer = Buffer { phys, size: size.0, direction: direction(&dir)? };
                let outcome = self.kernel(|cx| Ok(legacy::map(cx, function, buffer)))?;
                Given { address: Some(written::address(address(outcome))), ..state }
            }
            Op::Unmap { addr, size } => {
                self.kernel(|cx| legacy::unmap(cx, function, Iova::new(addr.0), size.0))?;
                state
            }
            Op::Alloc { size, page } => {
                let outcome =
                    self.kernel(|cx| Ok(legacy::alloc_coherent(cx, function, Phys::new(page.0), size.0)))?;
                let found = address(outcome);
                // Pages that the allocator gave are given back when they cannot be mapped; a map error says that.
                let tried = self.lab.trace().records.iter().any(written::is_map_error);
                let freed = (found.is_none() && tried).then_some(page.0);
                let cpu = Some(written::address(found.map(|_| page.0)));
                Given { address: Some(written::address(found)), cpu, freed, ..state }
            }
            Op::Free { size, page, addr } => {
                self.kernel(|cx| legacy::free_coherent(cx, function, size.0, Iova::new(addr.0)))?;
                Given { freed: Some(page.0), ..state }
            }
            Op::MapSg { name, sg, dir } => {
                let (mut list, direction) = (segments(&sg), direction(&dir)?);
                let (outcome, list) = self.kernel(|cx| {
                    let outcome = legacy::map_list(cx, function, &mut list, direction);
                    Ok((outcome, list))
                })?;
                self.lists.retain(|(known, _)| *known != name);
                self.lists.push((name.clone(), list));
                let rc = outcome.map_or_else(Errno::rc, |count| i32::try_from(count).unwrap_or(i32::MAX));
                Given { rc: Some(rc), list: Some(name), ..state }
            }
            Op::UnmapSg { name, nents } => {
                let at = self.list(&name)?;
                let mut list = self.lists[at].1.clone();
                let entries = nents.unwrap_or(list.len());
                self.lists[at].1 = self.kernel(|cx| {
                    legacy::unmap_list(cx, function, &mut list, entries)?;
                    Ok(list)
                })?;
                Given { list: Some(name), ..state }
            }
            Op::SetHandle { fh } => {
                let world = self.lab.world_mut();
                world.kernel.functions[function.index()].handle = fh;
                world.machine.functions[function.index()].handle = fh;
                Given::default()
            }
            Op::SetInDomain { value } => {
                // Which domain does not matter here.
                let domain = value.then_some(DomainId::BLOCKING);
                self.lab.world_mut().kernel.functions[function.index()].domain = domain;
                state
            }
            Op::Bitmaps => Given { bitmaps: true, ..Given::default() },
            Op::Inject { what, after, count, cc, status, rc } => {
                let site =
                    FaultSite::from_name(&what).ok_or_else(|| format!("no place {what} to fail at"))?;
                let failure = Failure { cc, status, rc };
                self.lab.world_mut().kernel.faults.arm(site, Armed { after, count, failure });
                Given::default()
            }
            Op::ClearInject => {
                self.lab.world_mut().kernel.faults.clear();
                Given::default()
            }
        })
    }

    fn kernel<T>(
        &mut self,
        code: impl FnOnce(&mut crate::exec::Cx) -> crate::exec::Progress<T>,
    ) -> Result<T, String> {
        self.lab.kernel(code).ok_or_else(|| "the kernel got no further".to_owned())
    }

    fn list(&self, name: &str) -> Result<usize, String> {
        self.lists.iter().position(|(known, _)| known == name).ok_or_else(|| format!("no list {name}"))
    }
}

fn address(outcome: Outcome<Iova>) -> Option<u64> {
    outcome.ok().map(Iova::get)
}

fn direction(name: &str) -> Result<Direction, String> {
    Ok(match name {
        "bidi" => Direction::Bidirectional,
        "to" => Direction::ToDevice,
        "from" => Direction::FromDevice,
        "none" => Direction::None,
        other => return Err(format!("no direction {other}")),
    })
}
