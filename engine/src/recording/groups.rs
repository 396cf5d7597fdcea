//! Recordings of the IOMMU core: groups, attach, ownership. Read, performed and written in their own form.

use serde_json::{Map, Value, json};

use super::compare::Mismatch;
use super::model::{Operation, Scenario};
use super::replay::{self, expanded, hardware, hex, label};
use super::report;
use crate::ids::{DomainId, FunctionId};
use crate::lab::{GroupOp, Lab, Op, OpResult};
use crate::revision::{Core, Revision};
use crate::state::group::DefaultType;
use crate::trace::{Entry, Event, Names, Record, Warning};

/// Whether a scenario is of this kind: every result has a log.
pub(super) fn recognises(scenario: &Scenario) -> bool {
    scenario.results.first().is_some_and(|result| result.get("log").is_some())
}

/// Replays a scenario; every difference is a mismatch.
pub(super) fn replay(scenario: &Scenario) -> Vec<Mismatch> {
    let revision: Revision = match scenario.revision.parse() {
        Ok(revision) => revision,
        Err(error) => return vec![scenario.mismatch("revision", None, format!("{error}"))],
    };
    let mut lab = replay::set_up(scenario, revision);
    lab.world_mut().kernel.groups.default_type = match scenario.default_type.as_deref() {
        Some("dma") => DefaultType::Dma,
        Some("identity") => DefaultType::Identity,
        _ => DefaultType::DmaFq,
    };
    let name = format!("{} @ {}", scenario.id, scenario.revision);
    let mut mismatches = Vec::new();
    for (index, (operation, recorded)) in scenario.ops.iter().zip(&scenario.results).enumerate() {
        let place = format!("results[{index}]");
        match perform(&mut lab, operation) {
            Ok(here) => {
                let recorded = expanded(recorded, "log");
                mismatches.extend(report(&name, &place, Some(operation), &recorded, &here));
            }
            Err(error) => mismatches.push(scenario.mismatch(&place, Some(operation), error)),
        }
    }
    mismatches.extend(report(&name, "final", None, &scenario.last, &last(&lab)));
    mismatches
}

/// Performs an operation and writes what it did.
fn perform(lab: &mut Lab, value: &Value) -> Result<Value, String> {
    let operation: Operation = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    let (function, domain) = {
        let kernel = &lab.world().kernel;
        (
            operation.dev.as_deref().and_then(|name| kernel.function_named(name)),
            operation.domain.as_deref().and_then(|name| kernel.domain_named(name)),
        )
    };
    if operation.domain.is_some() && domain.is_none() && operation.op != "domain_alloc" {
        return Ok(json!({ "rc": null, "skipped": true, "log": [] }));
    }
    let op = match group_op(&operation, function, domain) {
        Some(op) => Op::Group(op),
        None => replay::lower(lab, value)?,
    };
    let result = lab.perform(&op);
    let records = lab.take_records();
    Ok(written(lab, &op, &result, &records, function))
}

/// A recorded operation as one of the core's; `None` for those that are none, or lack something.
fn group_op(
    operation: &Operation,
    function: Option<FunctionId>,
    domain: Option<DomainId>,
) -> Option<GroupOp> {
    Some(match operation.op.as_str() {
        "create" => GroupOp::Create(function?),
        "destroy" => GroupOp::Destroy(function?),
        "add" => GroupOp::Add(function?),
        "remove" => GroupOp::Remove(function?),
        "group_get" => GroupOp::Get(function?),
        "group_put" => GroupOp::Put(function?),
        "use_default" => GroupOp::UseDefault(function?),
        "unuse_default" => GroupOp::UnuseDefault(function?),
        "claim" => GroupOp::Claim(function?, operation.owner?),
        "release_owner" => GroupOp::ReleaseOwner(function?),
        "device_claim" => GroupOp::ClaimDevice(function?, operation.owner?),
        "device_release_owner" => GroupOp::ReleaseDeviceOwner(function?),
        "domain_alloc" => GroupOp::Alloc(function?, operation.domain.clone()?),
        "domain_free" => GroupOp::Free(domain?),
        "attach_group" => GroupOp::Attach(function?, domain?),
        "detach_group" => GroupOp::Detach(function?),
        "attach_device" => GroupOp::AttachDevice(function?, domain?),
        "detach_device" => GroupOp::DetachDevice(function?, domain?),
        "replace" => GroupOp::Replace(function?, domain?),
        _ => return None,
    })
}

/// What an operation did, in the recording's form.
fn written(lab: &Lab, op: &Op, result: &OpResult, records: &[Record], function: Option<FunctionId>) -> Value {
    let mut fields = Map::new();
    fields.insert("rc".into(), json!(result.rc));
    fields.insert("log".into(), log(records, &lab.names()));
    let revision = lab.revision();
    let warnings: Vec<Value> =
        result.warnings.iter().map(|(warning, times)| label(name(*warning, revision), *times)).collect();
    if !warnings.is_empty() {
        fields.insert("warns".into(), Value::Array(warnings));
    }
    match (op, result.value.number()) {
        (Op::Group(GroupOp::Add(_)), Some(notify)) => drop(fields.insert("notify".into(), json!(notify))),
        (_, Some(number)) => drop(fields.insert("value".into(), hex(number))),
        _ => {}
    }
    if let Some(function) = function {
        let group = lab.group_of(function).or_else(|| lab.held_group(function));
        fields.insert("group".into(), json!(group));
    }
    if let Some(stop) = result.stop {
        fields.insert("stop".into(), json!(stop.name()));
    }
    Value::Object(fields)
}

/// A warning's label. The recorder told warnings of the core apart by their conditions, and in later cores those of
/// these two begin alike.
fn name(warning: Warning, revision: Revision) -> &'static str {
    match warning {
        Warning::UnuseWithoutUse if revision.behavior().core != Core::DomainsComeAndGo => {
            Warning::GroupEmptiedWhileInUse.name()
        }
        other => other.name(),
    }
}

/// Calls and hardware entries in order of start; what a call returns is written into its entry.
fn log(records: &[Record], names: &Names) -> Value {
    let mut log: Vec<Value> = Vec::new();
    let mut open: Vec<(Entry, usize)> = Vec::new();
    for Record { event, .. } in records {
        match *event {
            Event::Enter { entry, function, domain } => {
                open.push((entry, log.len()));
                log.push(call(entry, function, domain, names));
            }
            Event::Return { entry, domain, rc } => {
                while let Some((opened, at)) = open.pop() {
                    let Some(fields) = log[at].as_array_mut().filter(|_| opened == entry) else { continue };
                    if matches!(entry, Entry::DomainAlloc(_)) {
                        fields.push(json!(domain.map(|domain| names.domain(domain))));
                    }
                    fields.push(json!(rc));
                    break;
                }
            }
            _ => log.extend(hardware(event, names)),
        }
    }
    Value::Array(log)
}

fn call(entry: Entry, function: Option<FunctionId>, domain: Option<DomainId>, names: &Names) -> Value {
    let layer = match entry {
        Entry::GetDmaCookie | Entry::PutDmaCookie | Entry::SetupDmaOps => "core",
        _ => "call",
    };
    let mut fields = vec![json!(layer), json!(entry.name())];
    if let Entry::DomainAlloc(kind) = entry {
        fields.push(json!(function.map(|function| names.function(function))));
        fields.push(json!(kind));
    } else {
        fields.extend(function.map(|function| json!(names.function(function))));
        fields.extend(domain.map(|domain| json!(names.domain(domain))));
    }
    Value::Array(fields)
}

/// The state after the last operation, in the recording's form.
fn last(lab: &Lab) -> Value {
    let functions: Vec<(FunctionId, String)> = lab
        .names()
        .functions
        .into_iter()
        .enumerate()
        .map(|(index, name)| (FunctionId(index as u32), name))
        .collect();
    let devices: Map<String, Value> =
        functions.iter().map(|(id, name)| (name.clone(), device(lab, *id))).collect();
    let groups: Map<String, Value> = functions
        .iter()
        .map(|(id, name)| (name.clone(), json!({ "own": lab.group_of(*id), "held": lab.held_group(*id) })))
        .collect();
    // Of two domains with one name the later one is shown.
    let domains: Map<String, Value> =
        (0..lab.world().kernel.domains.len()).map(|index| domain(lab, DomainId(index as u32))).collect();
    json!({ "devices": devices, "groups": groups, "domains": domains })
}

fn device(lab: &Lab, id: FunctionId) -> Value {
    let world = lab.world();
    let function = &world.kernel.functions[id.index()];
    let member = world.kernel.groups.member(id);
    json!({
        "has_iommu": member.has_iommu,
        "in_group": member.group.is_some(),
        "dma_iommu": member.dma_iommu,
        "on_bus": member.on_bus,
        "driver_domain": function.domain.map(|domain| lab.domain_name(domain)),
        "dma_table": function.dma_table.map(|root| lab.table_name(root)),
        "start_dma": hex(function.range.start.get()),
        "end_dma": hex(function.range.last.get()),
    })
}

fn domain(lab: &Lab, id: DomainId) -> (String, Value) {
    let view = lab.domain(id);
    if view.freed {
        return (view.name, json!("freed"));
    }
    let kind = lab.world().kernel.domains[id.index()].kind;
    let value = json!({
        "type": kind.name(),
        "aperture": [hex(view.aperture.start.get()), hex(view.aperture.last.get())],
        "devices": view.devices,
        "translations": super::last::translations(&view),
    });
    (view.name, value)
}
