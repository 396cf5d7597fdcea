//! Which kernel runs: named kernels, the six patches, and what they decide.
//!
//! A [`Patch`] edits a [`Behavior`], one enum per point of difference; driver code asks for a decision
//! and never learns which patch made it. Any of the 64 subsets of the six patches resolves:
//!
//! ```
//! use s390_iommu::revision::{Revision, RangeCheck, Aperture};
//!
//! let with_fix: Revision = "v6.1-rc2".parse::<Revision>()?.with_patches(&["p4".parse()?])?;
//! assert_eq!(with_fix.behavior().range_check, RangeCheck::InclusiveEnd);
//! assert_eq!(with_fix.behavior().aperture, Aperture::FollowsFirstDevice);
//! # Ok::<(), s390_iommu::revision::UnknownRevision>(())
//! ```

mod behavior;
mod guest;
mod history;
mod kernel;
mod list;
mod patch;
mod variant;

pub use behavior::{
    Aperture, Attach, Behavior, Capabilities, Core, Decision, DecisionText, DeviceList, DmaApi, DomainTypes,
    Leave, MappingCalls, Nesting, NewDomains, PageSizes, ProbeLimits, Protection, RangeCheck, Recovery,
    Refresh, RegistrationErrors, SlotReset, TableDepth, TableUpdate, UnmapStart, Wrapping,
};
pub use kernel::{Kernel, Revision, UnknownRevision};
pub use list::list;
pub use patch::{Patch, PatchId, PatchSet, Unmet};
pub use variant::{Variant, VariantId};
