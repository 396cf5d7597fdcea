//! Replays what real Linux guests did: every instruction, walk, translation and event of a captured run goes through
//! the machine, and the machine has to answer as the recorded one did.
//!
//! A run is a file of JSON Lines with instructions and translations in order, and checkpoints: table memory as bytes,
//! with all translations and the shadow at that time. Text and bytes in, [`Report`] out; reading and unpacking files is
//! the caller's part. See [`Capture`] for a run, [`Operations`] for the log of a program that used devices from user
//! space, [`Walks`] for walks of random tables.
//!
//! What a check proves depends on what the replay was told before:
//!
//! - Conditions, statuses, events and handles come from the machine's own state alone.
//! - Table memory is recorded at checkpoints only. In between the replay writes the words that a recorded walk read to
//!   the addresses where it read them, and lets the machine walk. It then has to read exactly these addresses in this
//!   order, stop where the recorded walk stopped, and find what that found. Of a stretch that was invalid only its
//!   depth is known; entries there are made invalid at that depth.
//! - The shadow is the machine's own, from all refreshes since the registration. Each checkpoint compares it page by
//!   page, and translations of devices come from it.
//! - Where a machine walks tables at every access, a mapping that no walk has shown yet is believed once, counted as
//!   [`Report::learned`] and not as a check.

mod access;
mod block;
mod checkpoint;
mod clp;
mod judge;
mod model;
mod operations;
mod refresh;
mod report;
mod run;
mod tables;
mod walks;

pub(crate) use judge::Judge;
pub use judge::Mismatch;
pub use model::Problem;
pub(crate) use model::parse;
pub use operations::Operations;
pub use report::{Refreshes, Report, Run};
pub use run::Capture;
pub use walks::Walks;
