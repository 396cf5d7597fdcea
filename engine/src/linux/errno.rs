//! Error numbers.

use std::fmt;

use crate::exec::Halt;

/// An error number, as kernel functions return it (negated).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Errno(i32);

/// What a kernel function returns: something, or `-errno`.
pub type Outcome<T = ()> = Result<T, Errno>;

impl Errno {
    /// Operation not permitted.
    pub const EPERM: Self = Self(1);
    /// No such thing.
    pub const ENOENT: Self = Self(2);
    /// Bad handle.
    pub const EBADF: Self = Self(9);
    /// Try again.
    pub const EAGAIN: Self = Self(11);
    /// Not allowed like that.
    pub const EACCES: Self = Self(13);
    /// Bad address.
    pub const EFAULT: Self = Self(14);
    /// There already.
    pub const EEXIST: Self = Self(17);
    /// Not a way to do it.
    pub const ENOTTY: Self = Self(25);
    /// Too large for the type.
    pub const EOVERFLOW: Self = Self(75);
    /// Address in use.
    pub const EADDRINUSE: Self = Self(98);
    /// I/O error.
    pub const EIO: Self = Self(5);
    /// Out of memory.
    pub const ENOMEM: Self = Self(12);
    /// In use.
    pub const EBUSY: Self = Self(16);
    /// No such device.
    pub const ENODEV: Self = Self(19);
    /// Invalid argument.
    pub const EINVAL: Self = Self(22);
    /// No space left.
    pub const ENOSPC: Self = Self(28);
    /// Operation not supported.
    pub const EOPNOTSUPP: Self = Self(95);
    /// Too early: try again later.
    pub const EPROBE_DEFER: Self = Self(517);

    /// Stands for an operation whose turn is over: its result does not count, so nobody ever sees this.
    const HALT: Self = Self(0);

    const NAMES: [(Self, &'static str); 18] = [
        (Self::EPERM, "EPERM"),
        (Self::ENOENT, "ENOENT"),
        (Self::EIO, "EIO"),
        (Self::EBADF, "EBADF"),
        (Self::EAGAIN, "EAGAIN"),
        (Self::ENOMEM, "ENOMEM"),
        (Self::EBUSY, "EBUSY"),
        (Self::EACCES, "EACCES"),
        (Self::EFAULT, "EFAULT"),
        (Self::EEXIST, "EEXIST"),
        (Self::ENODEV, "ENODEV"),
        (Self::EINVAL, "EINVAL"),
        (Self::ENOTTY, "ENOTTY"),
        (Self::ENOSPC, "ENOSPC"),
        (Self::EOVERFLOW, "EOVERFLOW"),
        (Self::EOPNOTSUPP, "EOPNOTSUPP"),
        (Self::EADDRINUSE, "EADDRINUSE"),
        (Self::EPROBE_DEFER, "EPROBE_DEFER"),
    ];

    /// Names of all that this model returns.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().map(|(_, name)| name)
    }

    /// The error behind a negative return code; `None` for 0 and above.
    pub const fn from_rc(rc: i32) -> Option<Self> {
        if rc < 0 { Some(Self(-rc)) } else { None }
    }

    /// The return code, negative.
    pub const fn rc(self) -> i32 {
        -self.0
    }

    /// Its name; `"E?"` for one this model never returns.
    ///
    /// ```
    /// assert_eq!(s390_iommu::linux::Errno::EINVAL.to_string(), "-EINVAL");
    /// ```
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(errno, _)| *errno == self).map_or("E?", |(_, name)| name)
    }
}

impl From<Halt> for Errno {
    fn from(_: Halt) -> Self {
        Self::HALT
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "-{}", self.name())
    }
}

/// The return code of an outcome: 0, or negative.
pub fn rc<T>(outcome: &Outcome<T>) -> i32 {
    outcome.as_ref().err().map_or(0, |errno| errno.rc())
}
