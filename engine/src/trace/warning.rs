//! Warnings of the kernel.

use serde::{Deserialize, Serialize};

/// A kernel warning; the names are those of the recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// A page-table entry that is to become valid is valid.
    ValidateAlreadyValidPte,
    /// A page-table entry that is to become invalid is invalid.
    InvalidateAlreadyInvalidPte,
    /// A domain is freed while functions are on its list.
    FreeDomainWithDevices,
    /// Detach names a domain that is not the current one.
    DetachWrongDomain,
    /// A function's range and the domain's aperture have nothing in common.
    AttachApertureMismatch,
    /// Unmap of a range outside the aperture.
    UnmapOutsideAperture,
    /// The DMA API is set up or torn down while the function is in a domain.
    DmaApiCallWhileInDomain,
    /// The core is asked to map or unmap in a domain that translates nothing.
    CoreOpOnNonPagingDomain,
    /// The DMA API unmaps less than it mapped.
    DmaUnmapsLess,
    /// The DMA API is to unmap an address that leads nowhere, or to physical address 0.
    DmaUnmapsNothing,
    /// A cached range of addresses is not in use.
    UnknownIovaRange,
    /// Ownership of a group is given back that nobody has.
    ReleaseWithoutOwner,
    /// Ownership is claimed for nobody.
    ClaimWithoutOwner,
    /// A driver stops to use the DMA API that did not use it.
    UnuseWithoutUse,
    /// A function is detached from a domain that its group is not in.
    DetachDeviceWrongDomain,
    /// A group loses its last function while it is owned, used, or in a domain of its user.
    GroupEmptiedWhileInUse,
    /// The domain of the core's own that a group goes back to cannot be attached.
    CoreDomainAttachFailed,
    /// The same, and the group is said to be in it.
    MustSucceedAttachFailed,
    /// A function's first domain cannot be attached.
    FirstAttachFailed,
    /// After a failed attach the group's domain cannot be attached again.
    ReattachOldDomainFailed,
    /// A page of a user's mapping is not mapped in the domain.
    UserPageNotMapped,
    /// A user's mapping goes although the domain unmaps nothing: its pages stay pinned.
    UserUnmapFailed,
}

impl Warning {
    /// All, with what each means.
    pub const ALL: [(Self, &'static str); 22] = [
        (
            Self::UserPageNotMapped,
            "a page that user space has mapped is not mapped in the domain; it was skipped",
        ),
        (
            Self::UserUnmapFailed,
            "the domain unmapped nothing of what user space unmaps; the pages stay pinned",
        ),
        (Self::ValidateAlreadyValidPte, "a page was mapped over a valid entry; the old translation is lost"),
        (Self::InvalidateAlreadyInvalidPte, "an entry that was not valid was invalidated again"),
        (
            Self::FreeDomainWithDevices,
            "a domain was freed although functions are attached; they now use freed tables",
        ),
        (Self::DetachWrongDomain, "detach named another domain than the one the function is in"),
        (Self::AttachApertureMismatch, "the function's range and the domain's aperture share no address"),
        (Self::UnmapOutsideAperture, "a range outside the aperture was to be unmapped; nothing was done"),
        (
            Self::DmaApiCallWhileInDomain,
            "the DMA API was started or stopped while the function is in a domain",
        ),
        (Self::DmaUnmapsLess, "the DMA API unmapped less than it had mapped"),
        (
            Self::DmaUnmapsNothing,
            "the DMA API was to unmap what is not mapped, or mapped to physical address 0; nothing was done",
        ),
        (Self::UnknownIovaRange, "a cached range of addresses turned out not to be in use"),
        (
            Self::CoreOpOnNonPagingDomain,
            "the core was asked to map or unmap in a domain that translates nothing; nothing was done",
        ),
        (Self::ReleaseWithoutOwner, "ownership of a group was given back that nobody had"),
        (Self::ClaimWithoutOwner, "ownership of a group was claimed for nobody"),
        (Self::UnuseWithoutUse, "a driver stopped to use the DMA API without having used it"),
        (Self::DetachDeviceWrongDomain, "detach named another domain than the one the group is in"),
        (Self::GroupEmptiedWhileInUse, "a group lost its last function while it was owned, used or attached"),
        (
            Self::CoreDomainAttachFailed,
            "the driver failed to attach the core's own domain; the group stays where it was",
        ),
        (
            Self::MustSucceedAttachFailed,
            "the driver failed to attach a domain that must not fail; the function is blocked instead",
        ),
        (Self::FirstAttachFailed, "the driver failed to attach a function's first domain; it gets no IOMMU"),
        (
            Self::ReattachOldDomainFailed,
            "after a failed attach the driver failed to go back to the old domain",
        ),
    ];

    /// As in the recordings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ValidateAlreadyValidPte => "validate_already_valid_pte",
            Self::InvalidateAlreadyInvalidPte => "invalidate_already_invalid_pte",
            Self::FreeDomainWithDevices => "free_domain_with_devices",
            Self::UserPageNotMapped => "user_page_not_mapped",
            Self::UserUnmapFailed => "user_unmap_failed",
            Self::DetachWrongDomain => "detach_wrong_domain",
            Self::AttachApertureMismatch => "attach_aperture_mismatch",
            Self::UnmapOutsideAperture => "unmap_outside_aperture",
            Self::DmaApiCallWhileInDomain => "dma_api_call_while_in_domain",
            Self::CoreOpOnNonPagingDomain => "core_op_on_non_paging_domain",
            Self::DmaUnmapsLess => "dma_unmaps_less",
            Self::DmaUnmapsNothing => "dma_unmaps_nothing",
            Self::UnknownIovaRange => "unknown_iova_range",
            Self::ReleaseWithoutOwner => "release_without_owner",
            Self::ClaimWithoutOwner => "claim_without_owner",
            Self::UnuseWithoutUse => "unuse_without_use",
            Self::DetachDeviceWrongDomain => "detach_device_wrong_domain",
            Self::GroupEmptiedWhileInUse => "group_emptied_while_in_use",
            Self::CoreDomainAttachFailed => "core_domain_attach_failed",
            Self::MustSucceedAttachFailed => "must_succeed_attach_failed",
            Self::FirstAttachFailed => "first_attach_failed",
            Self::ReattachOldDomainFailed => "reattach_old_domain_failed",
        }
    }
}
