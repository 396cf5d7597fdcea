//! What the page is built from. Each component shows a view model and tells what the user does.

pub mod address;
pub mod busy;
pub mod compare;
pub mod counters;
pub mod decoder;
pub mod editor;
pub mod events;
pub mod gallery;
pub mod header;
pub mod kernel;
pub mod keys;
pub mod log;
pub mod panel;
pub mod timeline;
pub mod topology;
pub mod tree;
pub mod walk;
