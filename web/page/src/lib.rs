//! The playground's page. It holds what the user chose and what the worker said, and draws both; it never sees the
//! engine.
#![forbid(unsafe_code)]

pub mod answers;
pub mod app;
pub mod client;
pub mod components;
pub mod dropped;
pub mod effects;
pub mod ink;
pub mod named;
pub mod panes;
pub mod pending;
pub mod search;
pub mod spoken;
pub mod state;
pub mod verbs;
