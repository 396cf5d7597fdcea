//! The verbs of steps: their names, what each does, and what an action is about.

use super::step::Action;

/// Every verb with one line of explanation, in the order in which they are best shown.
pub const VERBS: [(&str, &str); 25] = [
    ("probe", "probe a function: the driver takes it over"),
    ("release", "release a function: the driver lets it go"),
    ("alloc", "allocate a domain for a function"),
    ("free", "free a domain"),
    ("attach", "attach a function to a domain"),
    ("detach", "detach a function from a domain"),
    ("map", "map a range through the IOMMU core"),
    ("unmap", "unmap a range through the IOMMU core"),
    ("unmap_fast", "unmap a range and leave the sync for later"),
    ("iotlb_sync", "refresh what unmap_fast gathered"),
    ("flush_iotlb_all", "refresh everything a domain translates"),
    ("map_pages", "ask the driver to map pages, without the core"),
    ("unmap_pages", "ask the driver to unmap pages, without the core"),
    ("iova_to_phys", "ask the driver where an address leads"),
    ("resv_regions", "ask the driver for reserved regions"),
    ("walk", "let the machine walk the registered table"),
    ("refresh", "refresh a range of a function by hand (RPCIT)"),
    ("register", "register a domain's table for a function by hand (MPCIFC)"),
    ("deregister", "take a function's registration away by hand (MPCIFC)"),
    ("error", "put a function into error state"),
    ("recover", "recover a function from error state"),
    ("unplug", "take a function away"),
    ("poke", "change a doubleword of memory"),
    ("inject", "make calls to come fail"),
    ("clear_inject", "disarm injected failures"),
];

impl Action {
    /// The key that names this action in a file.
    ///
    /// ```
    /// use s390_iommu::scenario::Action;
    /// assert_eq!(Action::Free { domain: "d0".into() }.verb(), "free");
    /// ```
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Probe { .. } => "probe",
            Self::Release { .. } => "release",
            Self::Alloc { .. } => "alloc",
            Self::Free { .. } => "free",
            Self::Attach { .. } => "attach",
            Self::Detach { .. } => "detach",
            Self::Map { .. } => "map",
            Self::Unmap { .. } => "unmap",
            Self::UnmapFast { .. } => "unmap_fast",
            Self::IotlbSync { .. } => "iotlb_sync",
            Self::FlushIotlbAll { .. } => "flush_iotlb_all",
            Self::MapPages { .. } => "map_pages",
            Self::UnmapPages { .. } => "unmap_pages",
            Self::IovaToPhys { .. } => "iova_to_phys",
            Self::ResvRegions { .. } => "resv_regions",
            Self::Walk { .. } => "walk",
            Self::Refresh { .. } => "refresh",
            Self::Register { .. } => "register",
            Self::Deregister { .. } => "deregister",
            Self::Error { .. } => "error",
            Self::Recover { .. } => "recover",
            Self::Unplug { .. } => "unplug",
            Self::Poke { .. } => "poke",
            Self::Inject(_) => "inject",
            Self::ClearInject => "clear_inject",
        }
    }

    /// The function it is about, if it names one.
    pub fn function(&self) -> Option<&str> {
        match self {
            Self::Probe { function }
            | Self::Release { function }
            | Self::Alloc { function, .. }
            | Self::Attach { function, .. }
            | Self::Detach { function, .. }
            | Self::ResvRegions { function }
            | Self::Walk { function, .. }
            | Self::Refresh { function, .. }
            | Self::Register { function, .. }
            | Self::Deregister { function }
            | Self::Error { function }
            | Self::Recover { function }
            | Self::Unplug { function } => Some(function),
            _ => None,
        }
    }

    /// The domain it is about, if it names one.
    pub fn domain(&self) -> Option<&str> {
        match self {
            Self::Alloc { domain, .. }
            | Self::Free { domain }
            | Self::Attach { domain, .. }
            | Self::Detach { domain, .. }
            | Self::Map { domain, .. }
            | Self::Unmap { domain, .. }
            | Self::UnmapFast { domain, .. }
            | Self::IotlbSync { domain }
            | Self::FlushIotlbAll { domain }
            | Self::MapPages { domain, .. }
            | Self::UnmapPages { domain, .. }
            | Self::IovaToPhys { domain, .. }
            | Self::Register { domain, .. } => Some(domain),
            _ => None,
        }
    }
}
