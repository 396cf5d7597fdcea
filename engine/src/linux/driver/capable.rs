//! `s390_iommu_capable`: what the driver says it can do.

use serde::{Deserialize, Serialize};

use crate::exec::Cx;
use crate::ids::FunctionId;
use crate::revision::Capabilities;

/// Something the core asks a driver for (`enum iommu_cap`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// DMA is coherent with the caches.
    CacheCoherency,
    /// Interrupts are remapped.
    IntrRemap,
    /// Flushes may be deferred.
    DeferredFlush,
    /// Pages can be protected from execution.
    Noexec,
    /// Written pages are tracked.
    DirtyTracking,
}

impl Capability {
    /// As in scenarios and recordings.
    pub const ALL: [(&'static str, Self); 5] = [
        ("cache_coherency", Self::CacheCoherency),
        ("intr_remap", Self::IntrRemap),
        ("deferred_flush", Self::DeferredFlush),
        ("noexec", Self::Noexec),
        ("dirty_tracking", Self::DirtyTracking),
    ];
}

/// Whether the driver has it for a function.
pub fn capable(cx: &mut Cx, function: FunctionId, capability: Capability) -> bool {
    match (capability, cx.ask::<Capabilities>()) {
        (Capability::CacheCoherency, _) | (Capability::IntrRemap, Capabilities::InterruptRemapping) => true,
        // Firmware of ISM functions looks into the tables when told to refresh, and complains of live entries.
        (Capability::DeferredFlush, Capabilities::DeferredFlush) => !cx.is_ism(function),
        _ => false,
    }
}
