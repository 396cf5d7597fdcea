//! The playground's worker: the only place where the engine runs. It answers requests from what runs show, turned into
//! view models by pure functions, which are tested natively.
//!
//! [`desk`] takes requests and works on them in slices; [`run`] reads and runs; the other modules make one view model
//! each.
#![forbid(unsafe_code)]

pub mod address;
pub mod counters;
pub mod desk;
pub mod divergence;
pub mod gallery;
pub mod kernel;
pub mod log;
pub mod run;
pub mod scene;
pub mod share;
pub mod timeline;
pub mod topology;
pub mod tree;
pub mod walk;
pub mod word;
