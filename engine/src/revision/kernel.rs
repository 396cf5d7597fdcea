//! Named kernels and revisions: a kernel plus a set of patches.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Behavior;
use super::history;
use super::patch::{PatchId, PatchSet, Unmet};
use super::variant::VariantId;

/// A kernel whose driver is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kernel {
    /// v6.1-rc2, the state before the series; the six patches apply to it.
    #[serde(rename = "v6.1-rc2")]
    V6_1Rc2,
    /// v6.2: the series, refreshes that are gathered, tables and lists without locks.
    #[serde(rename = "v6.2")]
    V6_2,
    /// v6.6: no detach operation any more.
    #[serde(rename = "v6.6")]
    V6_6,
    /// v6.8, the shape of v6.7 to v6.11: the DMA API through dma-iommu.
    #[serde(rename = "v6.8")]
    V6_8,
    /// v6.12 with its static blocking domain.
    #[serde(rename = "v6.12")]
    V6_12,
    /// v6.16: tables of three to five levels, identity.
    #[serde(rename = "v6.16")]
    V6_16,
    /// v6.18: attaching a function that is gone succeeds.
    #[serde(rename = "v6.18")]
    V6_18,
    /// v7.3, the newest.
    #[serde(rename = "v7.3")]
    V7_3,
}

impl Kernel {
    /// Every modelled kernel, oldest first.
    pub const ALL: [Self; 8] = [
        Self::V6_1Rc2,
        Self::V6_2,
        Self::V6_6,
        Self::V6_8,
        Self::V6_12,
        Self::V6_16,
        Self::V6_18,
        Self::V7_3,
    ];

    /// Its name: `"v6.1-rc2"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V6_1Rc2 => "v6.1-rc2",
            Self::V6_2 => "v6.2",
            Self::V6_6 => "v6.6",
            Self::V6_8 => "v6.8",
            Self::V6_12 => "v6.12",
            Self::V6_16 => "v6.16",
            Self::V6_18 => "v6.18",
            Self::V7_3 => "v7.3",
        }
    }

    /// What it is, in one or two sentences; commits are upstream Linux's.
    pub const fn story(self) -> &'static str {
        match self {
            Self::V6_1Rc2 => {
                "The driver that the series \"Fixes related to attach and aperture handling\" found. Its six patches can be \
                 chosen freely on it."
            }
            Self::V6_2 => {
                "The whole series, and five changes more: attaching succeeds in error state (59bbf596), refreshes are gathered \
                 (c228f5a0), lists are read under RCU (2ba8336d), the tables are walked straight (08955af0) and need no lock \
                 (21c1f902)."
            }
            Self::V6_6 => "The detach operation gave way to `set_platform_dma_ops` (v6.3).",
            Self::V6_8 => {
                "The DMA API runs through dma-iommu (c76c067e), so that every function is always in some domain; a sync after a \
                 map may fail (fa4c4507). v6.7 to v6.11 have this shape."
            }
            Self::V6_12 => "A static blocking domain (ecda4833): leaving a domain is going there.",
            Self::V6_16 => {
                "Identity for functions with relaxed translation (v6.15), and tables as deep as the function's range needs."
            }
            Self::V6_18 => "A function that is gone can be attached (9ffaf522): its removal follows.",
            Self::V7_3 => {
                "The newest: a look-up checks the top level of five, and the core checks what it is handed."
            }
        }
    }

    /// Whether the six patches can be chosen freely on it.
    pub const fn takes_patches(self) -> bool {
        matches!(self, Self::V6_1Rc2)
    }

    const fn behavior(self) -> Behavior {
        match self {
            Self::V6_1Rc2 => history::V6_1_RC2,
            Self::V6_2 => history::V6_2,
            Self::V6_6 => history::V6_6,
            Self::V6_8 => history::V6_8,
            Self::V6_12 => history::V6_12,
            Self::V6_16 => history::V6_16,
            Self::V6_18 => history::V6_18,
            Self::V7_3 => history::V7_3,
        }
    }
}

/// A kernel with a set of the six patches: what a scenario runs on.
///
/// Text forms: `v6.1-rc2` and its alias `base`; `p1` … `p6` for patches 1 to n; `v6.1-rc2+p1,p4` for any set; `v6.8`; any of
/// them with a what-if, `p1~reattach-on-failure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Revision {
    kernel: Kernel,
    patches: PatchSet,
    variant: Option<VariantId>,
}

impl Revision {
    /// v6.1-rc2 before the series.
    pub const BASE: Self = Self::of(Kernel::V6_1Rc2, PatchSet::NONE);

    const fn of(kernel: Kernel, patches: PatchSet) -> Self {
        Self { kernel, patches, variant: None }
    }

    /// The kernel.
    pub const fn kernel(self) -> Kernel {
        self.kernel
    }

    /// The patches on it.
    pub const fn patches(self) -> PatchSet {
        self.patches
    }

    /// The same kernel with exactly these patches.
    ///
    /// # Errors
    /// The kernel does not take patches: it already contains the series.
    pub fn with_patches(self, patches: &[PatchId]) -> Result<Self, UnknownRevision> {
        self.with_set(patches.iter().copied().collect())
    }

    /// The same kernel with exactly this set of patches; errors as [`Self::with_patches`].
    pub fn with_set(self, patches: PatchSet) -> Result<Self, UnknownRevision> {
        if self.kernel.takes_patches() || patches == PatchSet::NONE {
            Ok(Self { patches, ..self })
        } else {
            Err(UnknownRevision(format!(
                "{} already contains the series; patches apply to v6.1-rc2",
                self.kernel.name()
            )))
        }
    }

    /// What the driver of this revision does: the kernel's decisions, edited by each patch in order.
    pub fn behavior(self) -> Behavior {
        let mut behavior = self.kernel.behavior();
        for id in self.patches.iter() {
            (id.patch().apply)(&mut behavior);
        }
        if let Some(variant) = self.variant {
            variant.apply(&mut behavior);
        }
        behavior
    }

    /// The what-if on it.
    pub const fn variant(self) -> Option<VariantId> {
        self.variant
    }

    /// The same with this what-if, or none.
    #[must_use]
    pub const fn with_variant(self, variant: Option<VariantId>) -> Self {
        Self { variant, ..self }
    }

    /// Whether the behavior of the patch is in this revision: every later kernel contains the series.
    pub const fn contains(self, id: PatchId) -> bool {
        !self.kernel.takes_patches() || self.patches.contains(id)
    }

    /// Requirements between patches that this set does not meet (a legal what-if).
    pub fn unmet(self) -> Vec<Unmet> {
        self.patches.unmet()
    }

    /// The revisions of the series in order: base, then patches 1 to n.
    ///
    /// ```
    /// use s390_iommu::revision::Revision;
    /// let names: Vec<_> = Revision::series().map(|r| r.to_string()).collect();
    /// assert_eq!(names, ["v6.1-rc2", "p1", "p2", "p3", "p4", "p5", "p6"]);
    /// ```
    pub fn series() -> impl Iterator<Item = Self> {
        let patched = PatchId::ALL.into_iter().map(PatchSet::up_to);
        std::iter::once(PatchSet::NONE).chain(patched).map(|patches| Self::of(Kernel::V6_1Rc2, patches))
    }

    /// The line of named revisions, oldest first: the series, then every later kernel.
    ///
    /// ```
    /// use s390_iommu::revision::Revision;
    /// assert_eq!(Revision::line().last().map(|newest| newest.to_string()).as_deref(), Some("v7.3"));
    /// ```
    pub fn line() -> impl Iterator<Item = Self> {
        let later = Kernel::ALL.into_iter().filter(|kernel| !kernel.takes_patches());
        Self::series().chain(later.map(|kernel| Self::of(kernel, PatchSet::NONE)))
    }

    /// What it is, in a few sentences.
    pub fn story(self) -> String {
        let kernel = self.kernel.story();
        match (self.variant, self.patches == PatchSet::NONE) {
            (Some(id), _) => format!("{}, but: {}", self.with_variant(None), id.variant().what),
            (None, true) => kernel.to_owned(),
            (None, false) => {
                let titles: Vec<_> =
                    self.patches.iter().map(|id| format!("{id} \"{}\"", id.patch().title)).collect();
                format!("{} with {}.", self.kernel.name(), titles.join(", "))
            }
        }
    }

    /// The decisions that the step before it in the line makes otherwise, as (name, there, here); for a what-if, the step
    /// before is the kernel without it, for a set of patches that is no step of the series, v6.1-rc2.
    ///
    /// ```
    /// use s390_iommu::revision::Revision;
    /// let p4: Revision = "p4".parse()?;
    /// assert_eq!(p4.changes(), [("range-check", "exclusive-end", "inclusive-end")]);
    /// # Ok::<(), s390_iommu::revision::UnknownRevision>(())
    /// ```
    pub fn changes(self) -> Vec<(&'static str, &'static str, &'static str)> {
        let before = match (self.variant, self.place()) {
            (Some(_), _) => self.with_variant(None),
            (None, Some(place)) => Self::line().nth(place.saturating_sub(1)).unwrap_or(Self::BASE),
            (None, None) => Self::BASE,
        };
        let pairs = before.behavior().decisions().into_iter().zip(self.behavior().decisions());
        pairs.filter(|(a, b)| a != b).map(|((name, before), (_, here))| (name, before, here)).collect()
    }

    /// Place in the line base, p1, …, p6, later kernels; `None` for a set of patches that is no step of the series.
    pub fn place(self) -> Option<usize> {
        Self::line().position(|step| step == self)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.patches, self.patches.as_prefix()) {
            (PatchSet::NONE, _) => f.write_str(self.kernel.name()),
            (_, Some(last)) => f.write_str(last.name()),
            (set, None) => write!(f, "{}+{set}", self.kernel.name()),
        }?;
        self.variant.map_or(Ok(()), |variant| write!(f, "~{variant}"))
    }
}

impl FromStr for Revision {
    type Err = UnknownRevision;

    fn from_str(text: &str) -> Result<Self, UnknownRevision> {
        if let Some((revision, variant)) = text.split_once('~') {
            return Ok(revision.parse::<Self>()?.with_variant(Some(variant.parse()?)));
        }
        let (kernel, patches) = match text.split_once('+') {
            Some((kernel, patches)) => (kernel, Some(patches)),
            None => (text, None),
        };
        let revision = if kernel == "base" {
            Self::BASE
        } else if let Some(kernel) = Kernel::ALL.into_iter().find(|k| k.name() == kernel) {
            Self::of(kernel, PatchSet::NONE)
        } else if let Ok(last) = kernel.parse::<PatchId>() {
            Self::of(Kernel::V6_1Rc2, PatchSet::up_to(last))
        } else {
            return Err(UnknownRevision::kernel(kernel));
        };
        match patches {
            None => Ok(revision),
            Some(list) => {
                let more: PatchSet = list.split(',').map(|id| id.trim().parse()).collect::<Result<_, _>>()?;
                revision.with_set(revision.patches.iter().chain(more.iter()).collect())
            }
        }
    }
}

impl Serialize for Revision {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Revision {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A kernel or patch name that is not one; the message lists those that are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRevision(String);

impl UnknownRevision {
    fn kernel(name: &str) -> Self {
        let known: Vec<_> = Revision::line().map(|revision| revision.to_string()).collect();
        Self(format!("unknown kernel {name:?}; known: base, {}", known.join(", ")))
    }

    pub(super) fn range(range: &str) -> Self {
        Self(format!(
            "the range {range:?} names no kernels: both ends are steps of the line, the older one first"
        ))
    }

    pub(super) fn variant(name: &str) -> Self {
        let known: Vec<_> = VariantId::all().map(|id| id.to_string()).collect();
        Self(format!("unknown what-if {name:?}; known: {}", known.join(", ")))
    }

    pub(super) fn patch(name: &str) -> Self {
        Self(format!("unknown patch {name:?}; known: p1, p2, p3, p4, p5, p6"))
    }
}

impl fmt::Display for UnknownRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownRevision {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_64_subsets_resolve_and_have_names_that_parse_back() {
        let mut seen = std::collections::BTreeSet::new();
        for patches in PatchSet::all_subsets() {
            let revision = Revision::BASE.with_set(patches).unwrap();
            assert_eq!(revision.to_string().parse::<Revision>().unwrap(), revision);
            seen.insert(format!("{:?}", revision.behavior()));
        }
        assert_eq!(seen.len(), 64, "each patch changes something that no other patch does");
    }

    #[test]
    fn unmet_requirements_are_named() {
        let revision: Revision = "v6.1-rc2+p2".parse().unwrap();
        assert_eq!(revision.unmet()[0].to_string(), "p2 builds on p1, which is not applied");
        assert!("p6".parse::<Revision>().unwrap().unmet().is_empty());
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = "v5.0".parse::<Revision>().unwrap_err();
        assert!(error.to_string().contains("base, v6.1-rc2, p1"), "{error}");
        assert!("base+p7".parse::<Revision>().is_err());
    }
}
