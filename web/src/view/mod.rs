//! What the page shows, as plain data: pure functions of outcomes and state, tested natively.
//!
//! Every view model is made of columns, one per kernel, so that a comparison is nothing special.

pub mod address;
pub mod counters;
pub mod divergence;
pub mod editor;
pub mod gallery;
pub mod hex;
pub mod kernel;
pub mod log;
pub mod timeline;
pub mod topology;
pub mod tree;
pub mod walk;
