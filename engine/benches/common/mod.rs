//! What the benchmarks of addresses share: the range, the addresses in it, and how time is taken.

use std::time::{Duration, Instant};

use s390_iommu::addr::Iova;

pub(crate) const BASE: u64 = 0x1_0000_0000;
pub(crate) const PHYS: u64 = 0x8000_0000;
pub(crate) const SIZE: u64 = 1 << 30;
pub(crate) const ADDRESSES: u32 = 1_000_000;

/// The fastest of many rounds: what the code costs when nothing disturbs it.
pub(crate) fn fastest(rounds: u32, mut round: impl FnMut()) -> Duration {
    (0..rounds)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

/// Addresses in the mapped range, the same ones in every run (xorshift64).
pub(crate) fn addresses() -> impl Iterator<Item = Iova> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    (0..ADDRESSES).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Iova::new(BASE + state % SIZE)
    })
}
