//! A scenario as plain data: what is set up before the first step.

use super::expect::FinalExpect;
use super::step::Step;
use super::words::words;

/// The version of the file format that this crate reads and writes.
pub const SCHEMA: u32 = 1;

/// One scenario.
///
/// ```
/// use s390_iommu::scenario::{Function, Scenario};
/// let scenario = Scenario::new("Nothing happens", Function::new("f0", [0x1_0000_0000, 0x1_ffff_ffff]));
/// assert_eq!(scenario.kernel, "v6.1-rc2");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Version of the format, [`SCHEMA`].
    pub schema: u32,
    /// What it shows, in a few words.
    pub title: String,
    /// What happens and why it matters, in about two sentences.
    pub about: Option<String>,
    /// Topics for the gallery.
    pub topics: Vec<String>,
    /// Name of the kernel it runs on unless told otherwise; parses as a [`Revision`](crate::revision::Revision).
    pub kernel: String,
    /// Exactly these patches instead of those `kernel` names; parse as [`PatchId`](crate::revision::PatchId).
    pub patches: Option<Vec<String>>,
    /// The machine.
    pub profile: Profile,
    /// Bytes of memory; without it there is more than any function can address.
    pub memory: Option<u64>,
    /// `s390_iommu_aperture=`: how often the memory's size the addresses of a function may span; 0 for any number.
    pub aperture_factor: u32,
    /// `s390_iommu=strict`, later `iommu.strict=1`: the DMA API refreshes with every unmap.
    pub strict: bool,
    /// Host mappings that QEMU has for all functions together; without it they are not counted.
    pub dma_avail: Option<u64>,
    /// Which invariants are looked at after each step; without it, all.
    pub checks: Option<Vec<String>>,
    /// PCI functions, at least one; all are probed before the first step.
    pub functions: Vec<Function>,
    /// Unmanaged domains allocated for the first function before the first step.
    pub domains: Vec<String>,
    /// How steps on different processors interleave: words of `CPU` or `CPUxTIMES`.
    pub schedule: Option<String>,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What must hold after the last step; those whose condition holds are compared.
    pub expect: Vec<FinalExpect>,
}

impl Scenario {
    /// Name of the kernel of a scenario that names none.
    pub const DEFAULT_KERNEL: &str = "v6.1-rc2";

    /// A scenario with one function, no steps, and defaults for everything else.
    pub fn new(title: &str, function: Function) -> Self {
        Self {
            schema: SCHEMA,
            title: title.to_owned(),
            about: None,
            topics: Vec::new(),
            kernel: Self::DEFAULT_KERNEL.to_owned(),
            patches: None,
            profile: Profile::default(),
            memory: None,
            aperture_factor: 1,
            strict: false,
            dma_avail: None,
            checks: None,
            functions: vec![function],
            domains: Vec::new(),
            schedule: None,
            steps: Vec::new(),
            expect: Vec::new(),
        }
    }
}

words! {
    /// Who translates, and who sits between driver and hardware.
    Profile {
        /// A logical partition: the machine walks the tables itself.
        #[default]
        Lpar = "lpar",
        /// A guest of z/VM.
        Zvm = "zvm",
        /// A guest of QEMU, which shadows translations when it is told to.
        Qemu = "qemu",
    }
}

/// A PCI function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name in the scenario.
    pub name: String,
    /// First and last address it may use. A start beyond the last is allowed: some kernels reject it.
    pub dma: [u64; 2],
    /// Function identifier; chosen by the engine if absent.
    pub fid: Option<u32>,
    /// Function handle; chosen by the engine if absent.
    pub fh: Option<u32>,
    /// Whether newly made translations need a refresh too (`tlb_refresh` in Linux).
    pub refresh: bool,
    /// Whether it may be registered without translation.
    pub rtr: bool,
    /// Which top levels of tables it takes (`dtsm`): Linux reads 0x8 as region-second, 0x4 or 0x8 as region-first.
    pub dtsm: u8,
    /// Whether it is an internal shared memory function.
    pub ism: bool,
    /// Whether it can reset itself (function level reset).
    pub flr: bool,
    /// Pages that the machine caches or shadows for it at most; without it, as many as there are.
    pub iotlb: Option<u64>,
    /// The highest address its driver lets the DMA API use.
    pub dma_mask: u64,
    /// Whether the DMA API's own table is registered at the start (normal before v6.7).
    pub dma_api: bool,
}

impl Function {
    /// What QEMU publishes: region-third tables only.
    pub const DEFAULT_DTSM: u8 = 0x40;

    /// A function with this name and range, and defaults for everything else.
    pub fn new(name: &str, dma: [u64; 2]) -> Self {
        Self {
            name: name.to_owned(),
            dma,
            fid: None,
            fh: None,
            refresh: false,
            rtr: false,
            dtsm: Self::DEFAULT_DTSM,
            ism: false,
            flr: false,
            iotlb: None,
            dma_mask: u64::MAX,
            dma_api: true,
        }
    }
}
