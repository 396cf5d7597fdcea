//! What the early DMA API did, in the recording's form.

use serde_json::{Map, Value, json};

use super::Given;
use crate::ids::FunctionId;
use crate::lab::Lab;
use crate::linux::dma::legacy::Segment;
use crate::recording::replay::hex;
use crate::state::bitmap::Bitmap;
use crate::table::Level;
use crate::trace::{Event, Record};

/// Whether a record is of a failed map.
pub(super) fn is_map_error(record: &Record) -> bool {
    matches!(record.event, Event::DmaError { map: true, .. })
}

/// An address, or that there is none.
pub(super) fn address(address: Option<u64>) -> Value {
    address.map_or(Value::Null, hex)
}

/// What an operation did; what is empty is left out.
pub(super) fn result(
    lab: &Lab,
    function: FunctionId,
    given: &Given,
    list: Option<&[Segment]>,
    records: &[Record],
) -> Value {
    let own = &lab.world().kernel.functions[function.index()];
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    if let Some(rc) = given.rc {
        put("rc", json!(rc));
    }
    if given.range {
        put("range", json!([hex(own.range.start.get()), hex(own.range.last.get())]));
        put("pages", json!(own.dma.pages));
    }
    if let Some(found) = &given.address {
        put("v", found.clone());
    }
    if let Some(found) = &given.cpu {
        put("cpu", found.clone());
    }
    if let Some(page) = given.freed {
        put("pages_freed", json!([hex(page)]));
    }
    if let Some(list) = list {
        let entry = |entry: &Segment| json!([hex(entry.dma_address), hex(entry.dma_length.into())]);
        put("sg", list.iter().map(entry).collect());
    }
    if given.bitmaps {
        put("used", runs(own.dma.used.as_ref()));
        put("lazy", runs(own.dma.lazy.as_ref()));
    }
    if given.state {
        let count = |bits: &Option<Bitmap>| bits.as_ref().map_or(Value::Null, |bits| json!(bits.count()));
        put("st", json!([own.dma.next_bit, count(&own.dma.used), count(&own.dma.lazy)]));
    }
    let hw: Vec<Value> = records.iter().filter_map(|record| hardware(&record.event)).collect();
    if !hw.is_empty() {
        put("hw", Value::Array(hw));
    }
    let errors: Vec<Value> = records.iter().filter_map(|record| error(&record.event)).collect();
    if !errors.is_empty() {
        put("errors", Value::Array(errors));
    }
    let warns: u64 = records
        .iter()
        .map(|record| if let Event::Warn { times, .. } = record.event { times } else { 0 })
        .sum();
    if warns > 0 {
        put("warns", json!(warns));
    }
    Value::Object(fields)
}

fn hardware(event: &Event) -> Option<Value> {
    Some(match *event {
        Event::Register { range, cc, .. } => {
            json!(["register_ioat", hex(range.start.get()), hex(range.last.get()), cc])
        }
        Event::Unregister { cc, .. } => json!(["unregister_ioat", cc]),
        Event::Refresh { iova, bytes, rc, .. } => json!(["rpcit", hex(iova.get()), hex(bytes), rc]),
        _ => return None,
    })
}

fn error(event: &Event) -> Option<Value> {
    match *event {
        Event::DmaError { map, rc, at } => Some(json!([if map { "map" } else { "unmap" }, rc, hex(at)])),
        _ => None,
    }
}

fn runs(bits: Option<&Bitmap>) -> Value {
    let run = |(first, count)| json!([first, count]);
    bits.map_or(Value::Null, |bits| bits.runs().map(run).collect())
}

/// The state after the last operation.
pub(super) fn last(lab: &Lab, function: FunctionId) -> Value {
    let own = &lab.world().kernel.functions[function.index()];
    let tables = lab.world().mem.blocks().filter(|(_, block)| !block.freed).count();
    let translations: Vec<Value> = own
        .dma_table
        .map(|root| lab.translations(Level::RegionThird, root))
        .unwrap_or_default()
        .iter()
        .map(|t| json!([hex(t.iova), hex(t.phys), if t.writable { "rw" } else { "r" }, t.pages]))
        .collect();
    json!({
        "start_dma": hex(own.range.start.get()),
        "end_dma": hex(own.range.last.get()),
        "iommu_pages": own.dma.pages,
        "iommu_size": hex(own.dma.size),
        "allocated_pages": own.dma.allocated_pages,
        "mapped_pages": own.dma.mapped_pages,
        "unmapped_pages": own.dma.unmapped_pages,
        "dma_table": own.dma_table.is_some(),
        "bitmap": own.dma.used.is_some(),
        "lazy_bitmap": own.dma.lazy.is_some(),
        "live_tables": tables,
        "translations": translations,
    })
}
