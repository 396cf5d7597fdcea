//! The file format, said once: which tables have which keys, and how each value is read, written and described.

pub(super) mod codec;
pub(super) mod names;
pub(super) mod out;
pub(super) mod record;
pub(super) mod tables;
pub(super) mod verbs;
