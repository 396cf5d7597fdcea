//! A recorded scenario of the early DMA API, read from its line.

use serde::Deserialize;
use serde_json::Value;

use crate::addr::Phys;
use crate::linux::dma::legacy::Segment;
use crate::recording::model::Hex;

/// One line.
#[derive(Debug, Deserialize)]
pub(in crate::recording) struct Scenario {
    pub(super) id: String,
    pub(super) device: Device,
    pub(super) strict: bool,
    pub(super) aperture_limit: Option<Hex>,
    pub(super) segment_boundary_mask: Option<Hex>,
    pub(super) max_segment_size: Option<Hex>,
    pub(in crate::recording) ops: Vec<Value>,
    pub(in crate::recording) results: Vec<Value>,
    #[serde(rename = "final")]
    pub(super) last: Value,
}

/// The function as it is before the first operation.
#[derive(Debug, Deserialize)]
pub(super) struct Device {
    pub(super) fid: u32,
    pub(super) fh: u32,
    pub(super) start_dma: Hex,
    pub(super) end_dma: Hex,
    pub(super) tlb_refresh: bool,
}

/// An operation.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Op {
    Init,
    Exit,
    Map {
        page: Hex,
        offset: Hex,
        size: Hex,
        dir: String,
    },
    Unmap {
        addr: Hex,
        size: Hex,
    },
    Alloc {
        size: Hex,
        page: Hex,
    },
    Free {
        size: Hex,
        page: Hex,
        addr: Hex,
    },
    MapSg {
        name: String,
        sg: Vec<(Hex, Hex, Hex)>,
        dir: String,
    },
    UnmapSg {
        name: String,
        nents: Option<usize>,
    },
    SetHandle {
        fh: u32,
    },
    SetInDomain {
        value: bool,
    },
    Bitmaps,
    Inject {
        what: String,
        #[serde(default)]
        after: u64,
        #[serde(default = "once")]
        count: u64,
        #[serde(default)]
        cc: u8,
        #[serde(default)]
        status: u8,
        #[serde(default)]
        rc: i32,
    },
    ClearInject,
}

const fn once() -> u64 {
    1
}

/// A fresh list.
pub(super) fn segments(pieces: &[(Hex, Hex, Hex)]) -> Vec<Segment> {
    let piece = |(page, offset, length): &(Hex, Hex, Hex)| Segment {
        page: Phys::new(page.0),
        offset: offset.0 as u32,
        length: length.0 as u32,
        dma_address: 0,
        dma_length: 0,
    };
    pieces.iter().map(piece).collect()
}
