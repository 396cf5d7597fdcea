//! The DMA API behind which ordinary device drivers map.

pub mod legacy;
