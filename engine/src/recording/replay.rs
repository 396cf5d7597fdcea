//! Performs a recorded scenario and writes what happens in the recording's own form.

use serde_json::{Map, Value, json};

use super::compare::Mismatch;
use super::model::{Hex, Operation, Scenario};
use super::{last, report};
use crate::addr::{Iova, IovaRange, Phys};
use crate::hw::profile::Profile;
use crate::ids::DomainId;
use crate::lab::{FunctionSpec, Lab, Op, OpResult, Value as Given};
use crate::linux::driver::{Capability, DomainType, Prot};
use crate::revision::Revision;
use crate::state::kernel::{Armed, Failure, FaultSite};
use crate::trace::{Call, Event, Names, Record, Trace};

/// Replays a scenario; every difference is a mismatch.
pub(super) fn replay(scenario: &Scenario) -> Vec<Mismatch> {
    let revision: Revision = match scenario.revision.parse() {
        Ok(revision) => revision,
        Err(error) => return vec![scenario.mismatch("revision", None, format!("{error}"))],
    };
    let mut lab = set_up(scenario, revision);
    let name = format!("{} @ {}", scenario.id, scenario.revision);
    let mut mismatches = Vec::new();
    for (index, (operation, recorded)) in scenario.ops.iter().zip(&scenario.results).enumerate() {
        let place = format!("results[{index}]");
        match lower(&lab, operation) {
            Ok(op) => {
                let result = lab.perform(&op);
                let records = lab.take_records();
                let here = written(&lab, &op, &result, &records);
                let recorded = expanded(recorded, "hw");
                mismatches.extend(report(&name, &place, Some(operation), &recorded, &here));
            }
            Err(error) => mismatches.push(scenario.mismatch(&place, Some(operation), error)),
        }
    }
    mismatches.extend(report(&name, "final", None, &scenario.last, &last::written(&lab)));
    mismatches
}

/// A system with the recorded functions.
pub(super) fn set_up(scenario: &Scenario, revision: Revision) -> Lab {
    let mut lab = Lab::with(revision, Profile::Recorder, Trace::outcomes());
    if let Some(limit) = scenario.aperture_limit {
        lab.world_mut().kernel.aperture_limit = limit.0;
    }
    for device in &scenario.devices {
        let dma = IovaRange::new(Iova::new(device.start_dma.0), Iova::new(device.end_dma.0));
        lab.add_function(&FunctionSpec {
            fid: Some(device.fid),
            handle: Some(device.fh),
            refresh: device.tlb_refresh,
            relaxed: device.rtr,
            dma_api: device.dma_api,
            supported_tables: device.dtsm,
            ism: device.ism,
            ..FunctionSpec::new(&device.name, dma)
        });
    }
    lab.take_records();
    lab
}

/// A recorded operation as one of ours.
pub(super) fn lower(lab: &Lab, value: &Value) -> Result<Op, String> {
    let operation: Operation = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    let kernel = &lab.world().kernel;
    let missing = |what: &str| format!("{} needs {what}", operation.op);
    let function = || {
        let name = operation.dev.as_deref().ok_or_else(|| missing("dev"))?;
        kernel.function_named(name).ok_or_else(|| format!("no function {name}"))
    };
    let domain = || {
        let name = operation.domain.as_deref().ok_or_else(|| missing("domain"))?;
        DomainId::static_named(name)
            .or_else(|| kernel.domain_named(name))
            .ok_or_else(|| format!("no domain {name}"))
    };
    let number = |field: Option<Hex>, name: &str| field.map(|hex| hex.0).ok_or_else(|| missing(name));
    let iova = || number(operation.iova, "iova").map(Iova::new);
    let phys = || number(operation.paddr, "paddr").map(Phys::new);
    let prot = || operation.prot.as_deref().and_then(Prot::from_name).ok_or_else(|| missing("prot"));

    Ok(match operation.op.as_str() {
        "probe" => Op::Probe { function: function()? },
        "release" => Op::Release { function: function()? },
        "domain_alloc" => {
            let name = operation.domain.clone().ok_or_else(|| missing("domain"))?;
            let kind =
                operation.kind.as_deref().and_then(DomainType::from_name).ok_or_else(|| missing("type"))?;
            Op::Alloc { name, function: function()?, kind }
        }
        "domain_free" => Op::Free { domain: domain()? },
        "attach" => Op::Attach { function: function()?, domain: domain()? },
        "detach" => Op::Detach { function: function()?, domain: domain()? },
        "map" => Op::Map {
            domain: domain()?,
            iova: iova()?,
            phys: phys()?,
            size: number(operation.size, "size")?,
            prot: prot()?,
        },
        "unmap" => Op::Unmap { domain: domain()?, iova: iova()?, size: number(operation.size, "size")? },
        "unmap_fast" => {
            Op::UnmapFast { domain: domain()?, iova: iova()?, size: number(operation.size, "size")? }
        }
        "iotlb_sync" => Op::IotlbSync { domain: domain()? },
        "flush_iotlb_all" => Op::FlushIotlbAll { domain: domain()? },
        "map_pages" => Op::MapPages {
            domain: domain()?,
            iova: iova()?,
            phys: phys()?,
            page_size: number(operation.pgsize, "pgsize")?,
            count: operation.pgcount.ok_or_else(|| missing("pgcount"))?,
            prot: prot()?,
        },
        "unmap_pages" => Op::UnmapPages {
            domain: domain()?,
            iova: iova()?,
            page_size: number(operation.pgsize, "pgsize")?,
            count: operation.pgcount.ok_or_else(|| missing("pgcount"))?,
        },
        "iova_to_phys" => Op::IovaToPhys { domain: domain()?, iova: iova()? },
        "get_resv_regions" => Op::ReservedRegions { function: function()? },
        "init_iommu" => Op::InitIommu { function: function()? },
        "capable" => {
            let name = operation.cap.as_deref().ok_or_else(|| missing("cap"))?;
            let known = Capability::ALL.into_iter().find(|(known, _)| *known == name);
            let (_, capability) = known.ok_or_else(|| format!("no capability {name}"))?;
            Op::Capable { function: function()?, capability }
        }
        "shadow_on_flush" => Op::ShadowOnFlush { function: function()? },
        "re_register" => Op::ReRegister { function: function()? },
        "clear_inject" => Op::ClearInject,
        "inject" => {
            let what = operation.what.as_deref().ok_or_else(|| missing("what"))?;
            let site = FaultSite::ALL.into_iter().find(|(name, _)| *name == what);
            let (_, site) = site.ok_or_else(|| format!("no place {what} to fail at"))?;
            let failure = Failure { cc: operation.cc, status: operation.status, rc: operation.rc };
            Op::Inject {
                site,
                armed: Armed { after: operation.after, count: operation.count.unwrap_or(1), failure },
            }
        }
        other => return Err(format!("operation {other} is not known for this kernel")),
    })
}

/// What an operation did, in the recording's form.
fn written(lab: &Lab, op: &Op, result: &OpResult, records: &[Record]) -> Value {
    let names = &lab.names();
    let mut fields = Map::new();
    fields.insert("rc".into(), json!(result.rc));
    fields.insert("hw".into(), records.iter().filter_map(|record| hardware(&record.event, names)).collect());
    fields.insert(
        "warns".into(),
        result.warnings.iter().map(|(warning, times)| label(warning.name(), *times)).collect(),
    );
    match &result.value {
        Given::None | Given::Info(_) | Given::Ranges(_) => {}
        Given::Number(number) => drop(fields.insert("value".into(), hex(*number))),
        Given::Range(range) => {
            drop(fields.insert("value".into(), json!([hex(range.start.get()), hex(range.last.get())])));
        }
        Given::Flag(flag) => drop(fields.insert("value".into(), json!(flag))),
        Given::Status(status) => drop(fields.insert("value".into(), json!(status))),
        Given::Unsupported => drop(fields.insert("unsupported".into(), json!(true))),
        Given::Regions(regions) => {
            let pairs =
                regions.iter().flatten().map(|(start, len)| json!([hex(*start), hex(*len)])).collect();
            fields.insert("value".into(), pairs);
            if regions.is_none() {
                fields.insert("unsupported".into(), json!(true));
            }
        }
    }
    if let Some(sizes) = result.page_sizes {
        fields.insert("pgsize_bitmap".into(), hex(sizes));
    }
    let calls: Map<String, Value> = Call::ALL
        .iter()
        .zip(result.calls)
        .filter(|(_, count)| *count > 0)
        .map(|(call, count)| (call.name().to_owned(), json!(count)))
        .collect();
    if !calls.is_empty() {
        fields.insert("driver_calls".into(), Value::Object(calls));
    }
    if let Op::UnmapFast { domain, .. } | Op::UnmapPages { domain, .. } = op
        && !domain.is_static()
    {
        let gather = lab.world().kernel.domains[domain.index()].gather;
        fields.insert("gather".into(), json!([hex(gather.start.get()), hex(gather.last.get())]));
    }
    if result.unaligned > 0 {
        fields.insert("unaligned_errors".into(), json!(result.unaligned));
    }
    if let Some(stop) = result.stop {
        fields.insert("stop".into(), json!(stop.name()));
    }
    Value::Object(fields)
}

pub(super) fn hardware(event: &Event, names: &Names) -> Option<Value> {
    Some(match *event {
        Event::Register { function, range, table, flags, cc, status } => json!([
            "register_ioat",
            names.function(function),
            hex(range.start.get()),
            hex(range.last.get()),
            cc,
            {
                "status": status,
                "table": table.map(|table| names.table(Some(table))),
                "iota_flags": hex(flags.into()),
            },
        ]),
        Event::Unregister { function, cc } => json!(["unregister_ioat", names.function(function), cc]),
        Event::Refresh { function, iova, bytes, rc } => {
            json!(["rpcit", names.function(function), hex(iova.get()), hex(bytes), rc])
        }
        Event::DmaInit { function, rc } => json!(["dma_init", names.function(function), rc]),
        Event::DmaExit { function, rc } => json!(["dma_exit", names.function(function), rc]),
        _ => return None,
    })
}

/// A recorded result with its runs of refreshes written out.
pub(super) fn expanded(recorded: &Value, log: &str) -> Value {
    let mut recorded = recorded.clone();
    if let Some(log) = recorded.get_mut(log).and_then(Value::as_array_mut) {
        *log = std::mem::take(log).into_iter().flat_map(expand).collect();
    }
    recorded
}

fn expand(entry: Value) -> Vec<Value> {
    let number = |at: usize| {
        let text = entry.get(at)?.as_str()?;
        u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
    };
    let run = || {
        if entry.get(0)?.as_str()? != "rpcit_run" {
            return None;
        }
        // A run longer than anything recorded is left as it is: it will not be equal.
        let count = entry.get(5)?.as_u64().filter(|count| *count <= 1 << 20)?;
        Some((entry.get(1)?.as_array()?, number(2)?, number(3)?, entry.get(4)?, count))
    };
    let Some((devices, addr, len, rc, count)) = run() else { return vec![entry] };
    (0..count)
        .flat_map(|k| {
            let addr = hex(addr.wrapping_add(k.wrapping_mul(len)));
            devices.iter().map(move |device| json!(["rpcit", device, addr, hex(len), rc]))
        })
        .collect()
}

pub(super) fn hex(number: u64) -> Value {
    Value::String(format!("{number:#x}"))
}

pub(super) fn label(name: &str, times: u64) -> Value {
    Value::String(if times == 1 { name.to_owned() } else { format!("{name}*{times}") })
}
