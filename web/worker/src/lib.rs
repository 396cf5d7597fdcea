//! The playground's worker: the only place where the engine runs. It answers requests from what runs show, turned into
//! view models by pure functions, which are tested natively.
//!
//! [`desk`] takes requests and works on them in slices; [`run`] reads and runs; the other modules make one view model
//! each.
#![forbid(unsafe_code)]

pub mod address;
pub mod anchors;
pub mod clients;
pub mod counters;
pub mod desk;
pub mod divergence;
pub mod dump;
pub mod explain;
pub mod findings;
pub mod gallery;
pub mod insert;
pub mod kernel;
pub mod log;
pub mod machine;
pub mod pieces;
pub mod run;
pub mod scene;
pub mod share;
pub mod timeline;
pub mod topology;
pub mod tree;
pub mod truths;
pub mod unpack;
pub mod walk;
pub mod word;
