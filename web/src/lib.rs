//! The playground: a page around the engine. View models are pure functions here, tested natively; components
//! only show what a view model says.
#![forbid(unsafe_code)]

pub mod app;
