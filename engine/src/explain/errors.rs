//! Error numbers, as the driver and the code around it use them.

use super::entry::Entry;

const fn entry(
    code: &'static str,
    title: &'static str,
    text: &'static str,
    source: &'static str,
    aliases: &'static [&'static str],
) -> Entry {
    Entry { code, title, text, source, aliases }
}

const RECORDED: &str = "Linux, seen in recordings of the driver";
const CORE: &str = "Linux, seen in recordings of the IOMMU core";
const USERS: &str = "Linux, seen in captures of VFIO and iommufd users";
const VFIO: &str = "Linux, the type1 client of VFIO";

pub(super) const NUMBERS: [Entry; 18] = [
    entry(
        "EPERM",
        "Error number 1",
        "Not allowed. The core says so when a group is claimed that has an owner, or when its type is changed while somebody else \
         uses it.",
        CORE,
        &["errno 1"],
    ),
    entry(
        "ENOENT",
        "Error number 2",
        "There is no such thing: an object of an iommufd that was destroyed, a mapping that is not there, or an open of something that vfio-pci does not have.",
        USERS,
        &["errno 2"],
    ),
    entry(
        "EIO",
        "Error number 5",
        "The machine refused: a registration got a condition code other than 0, or a refresh one for which there is no better \
         number. From v6.2 on some refused registrations count as success. Look at the instruction's condition code and status.",
        RECORDED,
        &["errno 5"],
    ),
    entry(
        "EBADF",
        "Error number 9",
        "A process uses a file that it has closed, or never opened.",
        USERS,
        &["errno 9"],
    ),
    entry(
        "EAGAIN",
        "Error number 11",
        "The function is being taken away: whoever does so waits for its users and holds its lock.",
        USERS,
        &["errno 11"],
    ),
    entry(
        "ENOMEM",
        "Error number 12",
        "A table, a domain or a list element could not be allocated; or a refresh got condition code 1 with status 4 or 16, so the \
         hypervisor has no room.",
        RECORDED,
        &["errno 12"],
    ),
    entry(
        "EBUSY",
        "Error number 16",
        "Somebody else is there: the group is in a domain that its owner did not choose, or a driver is bound. Look at who claimed \
         the group and in which domain it is.",
        CORE,
        &["errno 16"],
    ),
    entry(
        "EACCES",
        "Error number 13",
        "Only version 2 of VFIO's type 1 has what is asked for: tracking of written pages.",
        "Linux, vfio_iommu_type1_dirty_pages; read from the code",
        &["errno 13"],
    ),
    entry(
        "EFAULT",
        "Error number 14",
        "There is no memory behind a request of user space, or none that may be used this way.",
        USERS,
        &["errno 14"],
    ),
    entry("EEXIST", "Error number 17", "A VFIO client maps what it has mapped already.", VFIO, &["errno 17"]),
    entry(
        "ENODEV",
        "Error number 19",
        "There is no such device for the driver: it is no PCI function, or none that the driver has probed.",
        "Linux, s390_iommu_probe_device and s390_iommu_attach_device",
        &["errno 19"],
    ),
    entry(
        "EINVAL",
        "Error number 22",
        "The arguments do not fit: a range outside of the aperture, a size or an address that is not aligned, a protection that the \
         kernel refuses, a function whose range has nothing in common with the domain's aperture, a probe with limits that make \
         no sense. Look at the aperture first.",
        RECORDED,
        &["errno 22"],
    ),
    entry(
        "ENOTTY",
        "Error number 25",
        "That is not what one can do here: a function without any reset, or a request to a file of another kind.",
        USERS,
        &["errno 25"],
    ),
    entry(
        "ENOSPC",
        "Error number 28",
        "A VFIO client has used up the mappings that it may have.",
        VFIO,
        &["errno 28"],
    ),
    entry(
        "EOVERFLOW",
        "Error number 75",
        "An address and a size lead beyond the last address there is.",
        VFIO,
        &["errno 75"],
    ),
    entry(
        "EOPNOTSUPP",
        "Error number 95",
        "The driver has no such operation, or offers no domain of that kind.",
        RECORDED,
        &["errno 95"],
    ),
    entry(
        "EPROBE_DEFER",
        "Error number 517",
        "Too early: what the probe needs is not there yet, and it will be tried again.",
        CORE,
        &["errno 517"],
    ),
    entry(
        "EADDRINUSE",
        "Error number 98",
        "An address space of an iommufd has mappings where the function it is attached to must not use addresses.",
        USERS,
        &["errno 98"],
    ),
];
