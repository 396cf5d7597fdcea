//! What the playground shows, as plain data: the worker makes it from outcomes, the page draws it.
//!
//! Every view model is made of columns, one per kernel, so that a comparison is nothing special. Nothing here knows
//! the engine: that is what keeps it out of the page's module. [`protocol`] is what the two sides say to each other.
#![forbid(unsafe_code)]

/// Plain data that travels: equal by value, written and read with serde.
macro_rules! data {
    ($($item:item)+) => {
        $(
            #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
            $item
        )+
    };
}

pub mod client;
pub mod explain;
pub mod file;
pub mod hex;
pub mod insert;
pub mod kernel;
pub mod machine;
pub mod protocol;
pub mod run;
pub mod scene;
pub mod text;
pub mod truths;
pub mod walk;
pub mod word;
