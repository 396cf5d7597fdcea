//! The playground: a page around the engine. View models are pure functions here, tested natively; components
//! only show what a view model says.
#![forbid(unsafe_code)]

pub mod app;
pub mod components;
pub mod effects;
pub mod hooks;
pub mod runner;
pub mod share;
pub mod state;
pub mod view;
