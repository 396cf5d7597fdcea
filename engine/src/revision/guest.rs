//! Which revision stands for the kernel of a guest that was captured.

use super::kernel::Revision;

/// Beginnings of kernel releases, and the revisions that stand for them: the driver of 6.1's stable releases has the
/// first patch of the series, and what was captured of 7.2 behaves like v7.3.
const GUESTS: [(&str, &str); 3] = [("6.1.", "p1"), ("6.12.", "v6.12"), ("7.2.", "v7.3")];

impl Revision {
    /// The revision that stands for a guest's kernel, given as `uname -r` prints it; `None` for one that nobody captured.
    ///
    /// ```
    /// use s390_iommu::revision::Revision;
    /// assert_eq!(Revision::of_guest("6.12.107+deb13-s390x").map(|r| r.to_string()).as_deref(), Some("v6.12"));
    /// assert_eq!(Revision::of_guest("5.15.0"), None);
    /// ```
    pub fn of_guest(release: &str) -> Option<Self> {
        GUESTS.iter().find(|(begins, _)| release.starts_with(begins))?.1.parse().ok()
    }
}
