//! Recordings of the instruction wrappers: what they ask of the machine, how often, and what they make of its answers.

use serde::Deserialize;
use serde_json::{Value, json};

use super::compare::Mismatch;
use super::model::Hex;
use super::replay::hex;
use super::report;
use crate::addr::{Iova, IovaRange};
use crate::hw::profile::Profile;
use crate::hw::zpci::Answer;
use crate::lab::{FunctionSpec, Lab};
use crate::linux::{rc, zpci};
use crate::revision::{Revision, TableDepth};
use crate::table::Iota;
use crate::trace::{Event, Record, Trace};

/// One call of a wrapper, and the answers the machine gave.
#[derive(Debug, Deserialize)]
pub(super) struct Scenario {
    id: String,
    revision: String,
    op: String,
    fh: Option<Hex>,
    #[serde(rename = "fn")]
    request: Option<Hex>,
    #[serde(default)]
    gisa: u32,
    #[serde(default)]
    ism: bool,
    addr: Option<Hex>,
    range: Option<Hex>,
    base: Option<Hex>,
    limit: Option<Hex>,
    iota: Option<Hex>,
    hw_script: Vec<Scripted>,
    result: Value,
}

#[derive(Debug, Deserialize)]
struct Scripted {
    cc: u8,
    status: u8,
}

/// What a wrapper returns.
enum Returned {
    Rc(i32),
    Answer(Answer),
}

/// Replays a call; every difference is a mismatch.
pub(super) fn replay(scenario: &Scenario) -> Vec<Mismatch> {
    let name = format!("{} @ {}", scenario.id, scenario.revision);
    match perform(scenario) {
        Ok(here) => report(&name, "result", None, &scenario.result, &here),
        Err(error) => vec![Mismatch::sentence(name, "line", None, error)],
    }
}

fn perform(scenario: &Scenario) -> Result<Value, String> {
    // The wrappers were recorded of whole releases: v6.1's are those of its release candidates.
    let revision = if scenario.revision == "v6.1" { Ok(Revision::BASE) } else { scenario.revision.parse() };
    let revision: Revision = revision.map_err(|error| format!("{error}"))?;
    let number = |field: Option<Hex>, name: &str| {
        field.map(|hex| hex.0).ok_or_else(|| format!("{} needs {name}", scenario.op))
    };
    let handle = match scenario.request {
        Some(request) => (request.0 >> 32) as u32,
        None => number(scenario.fh, "fh")? as u32,
    };
    let first = scenario.base.map_or(0, |hex| hex.0);
    let dma = IovaRange::new(Iova::new(first), Iova::new(scenario.limit.map_or(first, |hex| hex.0)));

    let mut lab = Lab::with(revision, Profile::Recorder, Trace::full());
    let function = lab.add_function(&FunctionSpec {
        handle: Some(handle),
        ism: scenario.ism,
        dma_api: false,
        ..FunctionSpec::new("f0", dma)
    });
    lab.take_records();
    lab.script(scenario.hw_script.iter().map(|answer| Answer::new(answer.cc, answer.status)).collect());
    let returned = match scenario.op.as_str() {
        "refresh_trans" => {
            let (iova, bytes) = (Iova::new(number(scenario.addr, "addr")?), number(scenario.range, "range")?);
            lab.kernel(|cx| Ok(Returned::Rc(rc(&zpci::refresh_trans(cx, function, iova, bytes)))))
        }
        "register_ioat" => {
            let iota = Iota::from_bits(number(scenario.iota, "iota")?);
            lab.kernel(|cx| zpci::register_ioat(cx, function, iota).map(Returned::Answer))
        }
        "unregister_ioat" => lab.kernel(|cx| zpci::unregister_ioat(cx, function).map(Returned::Answer)),
        other => return Err(format!("no wrapper {other}")),
    };
    let returned = returned.ok_or_else(|| "the wrapper never returns".to_owned())?;
    Ok(written(scenario, handle, revision, &returned, &lab.take_records()))
}

/// What happened here, in the recording's form.
fn written(
    scenario: &Scenario,
    handle: u32,
    revision: Revision,
    returned: &Returned,
    records: &[Record],
) -> Value {
    let count = |matches: fn(&Event) -> bool| records.iter().filter(|record| matches(&record.event)).count();
    let mut value = json!({
        "rc": match returned { Returned::Rc(rc) => *rc, Returned::Answer(answer) => answer.cc.into() },
        "tries": count(|event| matches!(event, Event::Mpcifc { .. } | Event::Rpcit { .. })),
        "sleeps_1ms": count(|event| matches!(event, Event::Wait { micros: 1000 })),
        "busy_waits_1us": count(|event| matches!(event, Event::Wait { micros: 1 })),
        "error_records_level0": count(|event| matches!(event, Event::ErrorRecord { level: 0 })),
        "error_records_level1": count(|event| matches!(event, Event::ErrorRecord { level: 1 })),
    });
    let last = records.iter().rev().find_map(|record| match record.event {
        Event::Mpcifc { register, .. } => Some(register),
        _ => None,
    });
    if let Some(register) = last {
        let operation = if register.is_some() { 4 } else { 5 };
        let (range, iota) = register.map_or((None, 0), |(range, iota)| (Some(range), iota));
        let end = |pick: fn(IovaRange) -> Iova| hex(range.map_or(0, |range| pick(range).get()));
        value["request"] = hex(u64::from(handle) << 32 | operation);
        value["fib"] = json!({
            "fmt": 0,
            "fc": 0,
            "pba": end(|range| range.start),
            "pal": end(|range| range.last),
            "iota": hex(iota),
            "gd": scenario.gisa,
        });
        value["warns"] = json!([]);
        if let (Returned::Answer(answer), true, true) =
            (returned, register.is_some(), revision.behavior().table_depth != TableDepth::RegionThird)
        {
            value["status_out"] = json!(answer.status);
        }
    }
    value
}
