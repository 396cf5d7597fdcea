//! What happens here, in the recording's form; runs are written out on both sides.

use serde_json::{Map, Value, json};

use super::model::strided;
use crate::addr::{Iova, PAGE_SIZE};
use crate::recording::model::Hex;
use crate::recording::replay::hex;
use crate::state::iova::{Effect, IovaDomain};

/// Trees of more ranges are not recorded.
const TREE: usize = 700;

/// A run longer than anything recorded is left as it is: it will not be equal.
const RUN: u64 = 1 << 20;

/// An address or null.
pub(super) fn address(iova: Option<Iova>) -> Value {
    iova.map_or(Value::Null, |iova| hex(iova.get()))
}

/// Addresses one by one; a failure is address 0.
pub(super) fn addresses(found: &[Option<Iova>]) -> Value {
    found.iter().map(|iova| hex(iova.map_or(0, Iova::get))).collect()
}

/// Events and warnings, where there are any.
pub(super) fn effects(effects: &[Effect], into: &mut Map<String, Value>) {
    let events: Vec<Value> = effects.iter().filter_map(event).collect();
    let warnings = effects.iter().filter(|effect| **effect == Effect::UnknownRange).count();
    if !events.is_empty() {
        into.insert("ev".into(), events.into());
    }
    if warnings > 0 {
        into.insert("warns".into(), json!(warnings));
    }
}

fn event(effect: &Effect) -> Option<Value> {
    match *effect {
        Effect::Flush => Some(json!(["flush"])),
        Effect::Free { iova, bytes } => Some(json!(["free", hex(iova.get()), hex(bytes)])),
        Effect::Depot { order, released } => Some(json!(["depot", order, u8::from(released)])),
        Effect::Arm { .. } | Effect::UnknownRange => None,
    }
}

/// The state of a domain.
pub(super) fn state(domain: &IovaDomain, now: u64, full: bool) -> Value {
    let tree = domain.tree();
    let page = |page: u64| hex(page * PAGE_SIZE);
    let caches: Map<String, Value> = domain
        .caches()
        .iter()
        .enumerate()
        .map(|(order, cache)| (order, cache.depot(), cache.fill().collect::<Vec<_>>()))
        .filter(|(_, depot, cpus)| *depot > 0 || cpus.iter().any(|fill| *fill != [0, 0]))
        .map(|(order, depot, cpus)| (order.to_string(), json!({ "depot": depot, "cpus": cpus })))
        .collect();
    let mut state = json!({
        "nodes": tree.ranges().len(),
        "pages": tree.ranges().map(|(first, last)| last - first + 1).sum::<u64>(),
        "caches": caches,
        "cached": tree.cached().map(page),
        "cached32": tree.cached_low().map(page),
        "max32_pages": tree.low_too_large(),
        "now": now,
    });
    if full && tree.ranges().len() <= TREE {
        let bytes = |(first, last)| json!([page(first), hex(last * PAGE_SIZE + (PAGE_SIZE - 1))]);
        state["tree"] = tree.ranges().map(bytes).collect();
    }
    if let Some(queue) = domain.queue() {
        state["queue"] = json!({
            "started": queue.started(),
            "finished": queue.finished(),
            "timer_on": queue.timer_on(),
            "len": queue.len().collect::<Vec<_>>(),
        });
    }
    state
}

/// A recorded result with its runs written out.
pub(super) fn expanded(result: &Value) -> Value {
    let mut result = result.clone();
    for (key, expand) in [("v", addresses_of as fn(&Value) -> Option<Vec<Value>>), ("ev", ranges_of)] {
        if let Some(list) = result.get_mut(key).and_then(Value::as_array_mut) {
            *list = std::mem::take(list)
                .into_iter()
                .flat_map(|run| expand(&run).unwrap_or_else(|| vec![run]))
                .collect();
        }
    }
    result
}

/// `[start, stride, count]` as addresses.
fn addresses_of(run: &Value) -> Option<Vec<Value>> {
    let (start, stride, count): (Hex, i64, u64) = serde_json::from_value(run.clone()).ok()?;
    (count <= RUN).then(|| strided(start.0, stride, count).map(hex).collect())
}

/// `["free_run", start, size, stride, count]` as `["free", …]`.
fn ranges_of(event: &Value) -> Option<Vec<Value>> {
    let (name, start, size, stride, count): (String, Hex, Value, i64, u64) =
        serde_json::from_value(event.clone()).ok()?;
    let one = |start| json!(["free", hex(start), size]);
    (name == "free_run" && count <= RUN).then(|| strided(start.0, stride, count).map(one).collect())
}
