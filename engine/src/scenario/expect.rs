//! What a scenario expects: of a step, and at the end.

use std::collections::BTreeMap;

use super::model::Profile;
use crate::revision::{Kernel, PatchId, Revision};

/// On which revisions and machines an expectation is compared; all parts must hold, absent ones always do.
///
/// ```
/// use s390_iommu::scenario::Condition;
/// let before_p3 = Condition { without: vec!["p3".into()], ..Condition::default() };
/// assert!(before_p3.holds(&"p2".parse()?));
/// assert!(!before_p3.holds(&"p3".parse()?));
/// let middle = Condition { on: Some("p1..p5".into()), ..Condition::default() };
/// assert!(middle.holds(&"p5".parse()?) && !middle.holds(&"base".parse()?));
/// let any_set_with_p4 = Condition { with: vec!["p4".into()], without: vec!["v6.2".into()], ..Condition::default() };
/// assert!(any_set_with_p4.holds(&"base+p4".parse()?) && !any_set_with_p4.holds(&"v6.8".parse()?));
/// # Ok::<(), s390_iommu::revision::UnknownRevision>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Patches that the revision must contain; a later kernel (`v6.2`) is contained in itself and those after it.
    pub with: Vec<String>,
    /// Patches and later kernels that it must not contain.
    pub without: Vec<String>,
    /// Named kernels, both ends included: `v6.2..`, `..p3`, `p1..p5`, or one name, which may have a what-if
    /// (`p1~reattach-on-failure`). A set of patches that is no step of the series lies in no range.
    pub on: Option<String>,
    /// Machines; without any, all.
    pub profiles: Vec<Profile>,
}

impl Condition {
    /// Whether it holds on a kernel, whatever the machine. A name that does not exist makes it false; files with one are rejected when read.
    pub fn holds(&self, revision: &Revision) -> bool {
        let contains = |name: &String| ingredient(name).map(|ingredient| ingredient.is_in(*revision));
        self.with.iter().all(|name| contains(name) == Some(true))
            && self.without.iter().all(|name| contains(name) == Some(false))
            && self.on.as_deref().is_none_or(|range| match (places(range), revision.place()) {
                // A what-if lies in no range: it is named as a whole.
                _ if range.contains('~') => range.parse() == Ok(*revision),
                (Ok((first, last)), Some(place)) => {
                    first.is_none_or(|first| first <= place) && last.is_none_or(|last| place <= last)
                }
                _ => false,
            })
    }

    /// Whether it holds on this machine too.
    pub fn applies(&self, revision: &Revision, profile: Profile) -> bool {
        (self.profiles.is_empty() || self.profiles.contains(&profile)) && self.holds(revision)
    }

    /// Whether it always holds.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a revision may contain.
#[derive(Clone, Copy)]
pub(super) enum Ingredient {
    Patch(PatchId),
    /// A kernel that already has the whole series.
    Later(Kernel),
}

impl Ingredient {
    fn is_in(self, revision: Revision) -> bool {
        match self {
            Self::Patch(id) => revision.contains(id),
            Self::Later(kernel) => revision.kernel() >= kernel,
        }
    }

    /// Their names, in order of the history.
    pub(super) fn names() -> Vec<&'static str> {
        let later = Kernel::ALL.into_iter().filter(|kernel| !kernel.takes_patches());
        PatchId::ALL.into_iter().map(PatchId::name).chain(later.map(Kernel::name)).collect()
    }
}

/// The patch or later kernel of this name.
pub(super) fn ingredient(name: &str) -> Option<Ingredient> {
    let later = || Kernel::ALL.into_iter().find(|kernel| kernel.name() == name && !kernel.takes_patches());
    name.parse().map(Ingredient::Patch).ok().or_else(|| later().map(Ingredient::Later))
}

/// Both ends of a range of named kernels, as places in the line.
type Places = (Option<usize>, Option<usize>);

/// The places a range of kernel names covers.
pub(super) fn places(range: &str) -> Result<Places, String> {
    let place = |name: &str| -> Result<Option<usize>, String> {
        let name = name.trim();
        if name.is_empty() {
            return Ok(None);
        }
        let revision = name.parse::<Revision>().map_err(|error| error.to_string())?;
        revision.place().map(Some).ok_or_else(|| format!("{name:?} is not in the line of kernels"))
    };
    if range.contains('~') {
        return range.parse::<Revision>().map(|_| (None, None)).map_err(|error| error.to_string());
    }
    match range.split_once("..") {
        Some((first, last)) => {
            let (first, last) = (place(first)?, place(last)?);
            match (first, last) {
                (None, None) => Err("a range names at least one end".to_owned()),
                (Some(first), Some(last)) if first > last => {
                    Err(format!("the range {range:?} is empty: its first kernel is the newer one"))
                }
                _ => Ok((first, last)),
            }
        }
        None => match place(range)? {
            None => Err("an empty text names no kernel".to_owned()),
            place => Ok((place, place)),
        },
    }
}

/// What a step should bring. What is absent is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepExpect {
    /// When it is compared; its keys stand among the others in a file.
    pub when: Condition,
    /// Return code: 0 or a negative error number.
    pub rc: Option<i32>,
    /// Number that the call gives: bytes mapped or unmapped.
    pub value: Option<u64>,
    /// Physical address that the call gives, 0 for none.
    pub phys: Option<u64>,
    /// Labels of warnings in order of first occurrence, `label*N` if one occurs N > 1 times.
    pub warns: Option<Vec<String>>,
    /// Refreshes (RPCIT).
    pub refreshes: Option<u64>,
    /// Translation tables allocated.
    pub allocates: Option<u64>,
    /// Translation tables given back.
    pub frees: Option<u64>,
    /// Times that the kernel waited for a busy machine.
    pub waits: Option<u64>,
    /// Driver operations called.
    pub calls: Option<u64>,
    /// Instructions to the hardware, as text, in order.
    pub hw: Option<Vec<String>>,
    /// Reserved regions, first and last address of each.
    pub regions: Option<Vec<[u64; 2]>>,
    /// A function's range as [first, last].
    pub range: Option<[u64; 2]>,
    /// Whether it is not done: something it names is not there, or the kernel has no such operation.
    pub skipped: Option<bool>,
    /// Name of the fault of a device access or walk; `none` for no fault.
    pub fault: Option<String>,
    /// Code of the error event that a device access causes; 0 for none.
    pub event: Option<u32>,
    /// Whether the machine had cached where a device access leads.
    pub cached: Option<bool>,
    /// What a device reads.
    pub bytes: Option<Vec<u8>>,
    /// The verdict about a device access.
    pub verdict: Option<String>,
    /// Violations that are new after the step, each as `check: what`, in order of their names.
    pub violates: Option<Vec<String>>,
    /// Name of the reason why the kernel gets no further, such as `list-never-ends`.
    pub stop: Option<String>,
}

/// What must hold after the last step. What is absent is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FinalExpect {
    /// When it is compared; its keys stand among the others in a file.
    pub when: Condition,
    /// By name of the domain.
    pub domains: BTreeMap<String, DomainExpect>,
    /// By name of the function.
    pub functions: BTreeMap<String, FunctionExpect>,
    /// By name of a function: the group that its user deals with.
    pub groups: BTreeMap<String, GroupExpect>,
    /// Labels of all warnings of the run, as in [`StepExpect::warns`].
    pub warns: Option<Vec<String>>,
    /// All violations of the run, as in [`StepExpect::violates`].
    pub violates: Option<Vec<String>>,
}

/// What a domain should look like at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainExpect {
    /// Names of the functions on its device list, in order.
    pub devices: Option<Vec<String>>,
    /// First and last address of its aperture.
    pub aperture: Option<[u64; 2]>,
    /// Everything its tables translate, by address.
    pub translations: Option<Vec<Translation>>,
    /// How many tables it has.
    pub tables: Option<TableCounts>,
    /// How many levels of tables there are, page tables included.
    pub levels: Option<u64>,
    /// What it counted.
    pub counters: Option<CountersExpect>,
    /// Whether it was freed.
    pub freed: Option<bool>,
}

/// A run of pages that translate alike; `[iova, phys, "rw", pages]` in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translation {
    /// First address of the first page.
    pub iova: u64,
    /// Physical address of the first page.
    pub phys: u64,
    /// What is allowed: `rw` or `r`.
    pub prot: String,
    /// Number of 4-KiB pages, at least 1.
    pub pages: u64,
}

/// Numbers of tables by level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableCounts {
    /// Region tables.
    pub region: Option<u64>,
    /// Segment tables.
    pub segment: Option<u64>,
    /// Page tables.
    pub page: Option<u64>,
}

/// What a domain counted, with Linux's names. What is absent is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountersExpect {
    /// Pages mapped.
    pub mapped_pages: Option<u64>,
    /// Pages unmapped.
    pub unmapped_pages: Option<u64>,
    /// Refreshes of whole functions.
    pub global_rpcits: Option<u64>,
    /// Refreshes after maps.
    pub sync_map_rpcits: Option<u64>,
    /// Refreshes after unmaps.
    pub sync_rpcits: Option<u64>,
}

/// What a function should look like at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionExpect {
    /// The domain that the driver has it in, or `none`.
    pub domain: Option<String>,
    /// Whose table the driver believes to be registered: a domain, `dma_api` or `none`.
    pub dma_table: Option<String>,
    /// Whose table the machine walks: a domain, `dma_api`, `none`, or `freed` (nobody's any more).
    pub registered: Option<String>,
    /// First address it may use.
    pub start_dma: Option<u64>,
    /// Last address it may use.
    pub end_dma: Option<u64>,
    /// State of the function.
    pub state: Option<String>,
    /// The last address that is registered for it (PAL).
    pub pal: Option<u64>,
    /// Pages that the machine has cached or shadowed for it.
    pub cached: Option<u64>,
    /// Host mappings that are left.
    pub credits: Option<u64>,
    /// Pages that are exposed: unmapped or replaced, and not refreshed since.
    pub exposed: Option<u64>,
}

/// What a function's group should look like at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupExpect {
    /// Its number.
    pub id: Option<u64>,
    /// The domain it is in, or `none`; `(freed)` follows a name whose domain is gone.
    pub domain: Option<String>,
    /// The domain of the DMA API.
    pub default_domain: Option<String>,
    /// The blocking domain of its owners.
    pub blocking_domain: Option<String>,
    /// Who owns it; 0 is nobody.
    pub owner: Option<u64>,
    /// Drivers that use it, or claims of its owner.
    pub owner_cnt: Option<u64>,
    /// How many functions are in it.
    pub devices: Option<u64>,
    /// References to it.
    pub refs: Option<u64>,
}
