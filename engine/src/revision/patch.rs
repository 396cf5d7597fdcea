//! The patches: what each one is, and how it edits a behavior.

mod p1_attach;
mod p2_device_list;
mod p3_aperture;
mod p4_range_check;
mod p5_page_sizes;
mod p6_map_pages;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Behavior;
use super::kernel::UnknownRevision;

/// Names one of the six patches of "iommu/s390: Fixes related to attach and aperture handling", v8.
///
/// The numbers are assigned once: they are in scenario files and links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PatchId {
    /// 1/6, duplicate attachments.
    P1,
    /// 2/6, the struct per attachment.
    P2,
    /// 3/6, the aperture that shrinks.
    P3,
    /// 4/6, the off-by-one at its end.
    P4,
    /// 5/6, the page sizes.
    P5,
    /// 6/6, `map_pages` and `unmap_pages`.
    P6,
}

impl PatchId {
    /// All six, in order of the series.
    pub const ALL: [Self; 6] = [Self::P1, Self::P2, Self::P3, Self::P4, Self::P5, Self::P6];

    /// What the patch is and does.
    pub const fn patch(self) -> &'static Patch {
        match self {
            Self::P1 => &p1_attach::PATCH,
            Self::P2 => &p2_device_list::PATCH,
            Self::P3 => &p3_aperture::PATCH,
            Self::P4 => &p4_range_check::PATCH,
            Self::P5 => &p5_page_sizes::PATCH,
            Self::P6 => &p6_map_pages::PATCH,
        }
    }

    /// `"p1"` … `"p6"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P1 => "p1",
            Self::P2 => "p2",
            Self::P3 => "p3",
            Self::P4 => "p4",
            Self::P5 => "p5",
            Self::P6 => "p6",
        }
    }
}

impl fmt::Display for PatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for PatchId {
    type Err = UnknownRevision;

    fn from_str(text: &str) -> Result<Self, UnknownRevision> {
        Self::ALL.into_iter().find(|id| id.name() == text).ok_or_else(|| UnknownRevision::patch(text))
    }
}

/// One patch: its story, what it builds on, and its edit.
#[derive(Debug)]
pub struct Patch {
    /// Which one it is.
    pub id: PatchId,
    /// Subject line, without the prefix.
    pub title: &'static str,
    /// The commit it became in mainline.
    pub commit: &'static str,
    /// What was wrong, in one sentence.
    pub before: &'static str,
    /// What is right, in one sentence.
    pub after: &'static str,
    /// Patches whose change its text builds on. A set without them is still a legal what-if.
    pub requires: &'static [PatchId],
    pub(super) apply: fn(&mut Behavior),
}

/// A set of patches: any of the 64.
///
/// ```
/// use s390_iommu::revision::{PatchId, PatchSet};
/// let set = PatchSet::from_iter([PatchId::P4, PatchId::P1]);
/// assert_eq!(set.to_string(), "p1,p4");
/// assert_eq!(PatchSet::all_subsets().count(), 64);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(into = "Vec<PatchId>", from = "Vec<PatchId>")]
pub struct PatchSet(u8);

impl PatchSet {
    /// No patch.
    pub const NONE: Self = Self(0);

    /// Patches 1 to `last`, as the series applies them.
    pub fn up_to(last: PatchId) -> Self {
        PatchId::ALL.into_iter().filter(|id| *id <= last).collect()
    }

    /// Whether the patch is in the set.
    pub const fn contains(self, id: PatchId) -> bool {
        self.0 & (1 << id as u8) != 0
    }

    /// The set with the patch taken out if it was in, put in if it was not.
    #[must_use]
    pub const fn toggled(self, id: PatchId) -> Self {
        Self(self.0 ^ (1 << id as u8))
    }

    /// The patches in the set, in order of the series.
    pub fn iter(self) -> impl Iterator<Item = PatchId> {
        PatchId::ALL.into_iter().filter(move |id| self.contains(*id))
    }

    /// Each of the 64 sets, counting in binary with p1 as the lowest bit.
    pub fn all_subsets() -> impl Iterator<Item = Self> {
        (0..64).map(Self)
    }

    /// The largest patch `n` such that the set is exactly 1..n, if it is that; `None` for others and for the empty set.
    pub fn as_prefix(self) -> Option<PatchId> {
        PatchId::ALL.into_iter().find(|last| Self::up_to(*last) == self)
    }

    /// Each patch of the set with those of its requirements that the set lacks.
    pub fn unmet(self) -> Vec<Unmet> {
        self.iter()
            .filter_map(|id| {
                let missing: Vec<_> =
                    id.patch().requires.iter().copied().filter(|need| !self.contains(*need)).collect();
                (!missing.is_empty()).then_some(Unmet { patch: id, missing })
            })
            .collect()
    }
}

impl FromIterator<PatchId> for PatchSet {
    fn from_iter<I: IntoIterator<Item = PatchId>>(ids: I) -> Self {
        ids.into_iter().fold(Self::NONE, |set, id| Self(set.0 | (1 << id as u8)))
    }
}

impl From<PatchSet> for Vec<PatchId> {
    fn from(set: PatchSet) -> Self {
        set.iter().collect()
    }
}

impl From<Vec<PatchId>> for PatchSet {
    fn from(ids: Vec<PatchId>) -> Self {
        ids.into_iter().collect()
    }
}

impl fmt::Display for PatchSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, id) in self.iter().enumerate() {
            write!(f, "{}{id}", if i > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

/// A patch whose text builds on patches that are not applied: an instructive what-if, not an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unmet {
    /// The patch.
    pub patch: PatchId,
    /// What it builds on and misses.
    pub missing: Vec<PatchId>,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing: Vec<_> = self.missing.iter().map(|id| id.name()).collect();
        write!(f, "{} builds on {}, which is not applied", self.patch, missing.join(" and "))
    }
}
