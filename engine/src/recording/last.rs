//! The state after the last operation, in the form of the driver's recordings.

use serde_json::{Map, Value, json};

use super::replay::hex;
use crate::lab::{DomainView, FunctionView, Lab};
use crate::revision::{DmaApi, Revision};
use crate::state::kernel::Counter;
use crate::table::Level;

/// Domains and functions as they are now.
pub(super) fn written(lab: &Lab) -> Value {
    let domains: Map<String, Value> = lab
        .domains()
        .into_iter()
        .filter(|domain| !domain.freed)
        .map(|view| (view.name.clone(), domain(&view, lab.revision())))
        .collect();
    let devices: Map<String, Value> =
        lab.functions().into_iter().map(|view| (view.name.clone(), function(&view))).collect();
    json!({ "domains": domains, "devices": devices })
}

fn domain(view: &DomainView, revision: Revision) -> Value {
    let [region, segment, page] = view.tables;
    let mut value = json!({
        "aperture": [hex(view.aperture.start.get()), hex(view.aperture.last.get())],
        "force_aperture": view.force_aperture,
        "devices": view.devices,
        "translations": translations(view),
        "tables": { "region": region, "segment": segment, "page": page },
    });
    if revision.behavior().dma_api != DmaApi::OwnAllocator {
        let counters: Map<String, Value> = Counter::ALL
            .into_iter()
            .zip(view.counters)
            .map(|((_, name), count)| (name.to_owned(), json!(count)))
            .collect();
        value["counters"] = Value::Object(counters);
    }
    let region_levels = Level::RegionThird as u64 + 1 - view.level as u64;
    if region_levels > 1 {
        value["region_levels"] = json!(region_levels);
    }
    value
}

/// What a domain's tables translate.
pub(super) fn translations(view: &DomainView) -> Vec<Value> {
    view.translations
        .iter()
        .map(|t| json!([hex(t.iova), hex(t.phys), if t.writable { "rw" } else { "r" }, t.pages]))
        .collect()
}

fn function(view: &FunctionView) -> Value {
    json!({
        "domain": view.domain,
        "dma_table_set": view.dma_table.is_some(),
        "dma_table": view.dma_table,
        "start_dma": hex(view.range.start.get()),
        "end_dma": hex(view.range.last.get()),
    })
}
